"""What waits for somebody: things to send, tickets to refund, payments that went wrong, jobs that failed.

Each is counted as far as people count, from the end of an index; what is not there is not told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Null, ScalarSelect, Select, func, null, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from apps.backoffice.lists.pages import COUNTED, counted
from apps.backoffice.places import list_place
from apps.checkout.admin.orders import WAITS_FOR_DELIVERY
from apps.concerts.admin.common import TO_REFUND
from apps.concerts.admin.concerts import REFUNDS_DUE
from apps.concerts.models import Concert
from apps.core.jobs.processes import work
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.media.fetching.models import FetchState, PictureFetch
from apps.orders.models import Order
from apps.orders.repositories import ORDERS
from apps.payments.attention import (
    HAS_DISCREPANCY,
    HAS_FAILED,
    IS_PARKED,
    IS_SILENT,
    REFUND_FAILED_LATELY,
    WAITS_FOR_ORDER,
)
from apps.payments.models import Payment, WebhookEvent
from apps.reports.models import IS_FAILED, IS_LATE, QUEUE
from apps.shop.models import Shipment, ShipmentState
from apps.shop.shipping.moving import TO_SHIP

WAITING_JOBS = list_place("stuck-job", state="late")


@dataclass(frozen=True, slots=True)
class Waiting:
    """`number` stops at COUNTED + 1, None has none; `place` is the list of them, `since` when the oldest came."""

    title: Lazy
    number: int | None
    place: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """How many of these wait, where the list of them is, and since when the oldest waits."""

    title: Lazy
    found: Select[Any]
    place: str
    oldest: ScalarSelect[datetime | None] | Null = null()


TO_BE_REFUNDED = Question(
    _("Concerts called off with tickets to refund"),
    select(Concert.id).where(TO_REFUND),
    list_place("concert", tickets=REFUNDS_DUE),
)
"""Archived ones, too."""
NOT_FETCHED = Question(
    _("Pictures that could not be fetched"),
    select(PictureFetch.id).where(PictureFetch.state == FetchState.failed),
    list_place("picture-fetch", state=FetchState.failed),
)
NOT_UNDERSTOOD = Question(
    _("Providers' reports that were not understood"),
    select(WebhookEvent.id).where(IS_PARKED),
    list_place("webhook-event", state="waiting"),
)
ATTENTION = (
    ("failed", _("Payments that failed"), HAS_FAILED),
    ("silent", _("Payments without an answer"), IS_SILENT),
    ("unsettled", _("Payments received, orders not settled"), WAITS_FOR_ORDER),
    ("discrepancy", _("Payments where the provider reports another amount"), HAS_DISCREPANCY),
    ("refund", _("Refunds that failed, in 14 days"), REFUND_FAILED_LATELY),
)
"""By the choice in the list of payments."""


def orders_waiting() -> list[Question]:
    undelivered = select(Order.id).where(WAITS_FOR_DELIVERY)
    return [
        Question(_("Orders to send"), _to_ship(), list_place("order", parcels="to-ship"), _oldest_to_ship()),
        Question(_("Orders paid, but not delivered"), undelivered, list_place("order", attention="undelivered")),
        *(
            Question(title, select(Payment.id).where(condition), list_place("payment", attention=choice))
            for choice, title, condition in ATTENTION
        ),
    ]


def jobs_waiting() -> list[Question]:
    failed, late = (select(QUEUE.c.id).where(condition) for condition in (IS_FAILED, IS_LATE))
    return [
        Question(_("Jobs that failed"), failed, list_place("stuck-job", state="failed")),
        Question(_("Jobs that wait too long"), late, WAITING_JOBS),
    ]


async def waiting_for(session: AsyncSession, *questions: Question) -> list[Waiting]:
    """One query; what is not there is not told."""
    if not questions:
        return []
    asked = [column for each in questions for column in (counted(each.found), each.oldest)]
    answers = (await session.execute(select(*asked))).one()
    numbers = zip(questions, answers[::2], answers[1::2], strict=True)
    return [Waiting(each.title, number, each.place, since) for each, number, since in numbers if number]


async def workers_missing(session: AsyncSession) -> list[Waiting]:
    """One query."""
    title = _("No worker is running: nothing is delivered, no mail is sent")
    return [] if (await work(session)).has_worker else [Waiting(title, None, WAITING_JOBS)]


def _to_ship() -> Select[Any]:
    """Orders, each once, although it may have several parcels."""
    parts = [_first_in(state).limit(COUNTED + 1).subquery() for state in TO_SHIP]
    return select(union(*(select(part.c.order_id) for part in parts)).subquery())


def _oldest_to_ship() -> ScalarSelect[datetime | None]:
    parts = [_first_in(state).limit(1).subquery() for state in TO_SHIP]
    oldest = union_all(*(select(part.c.order_id) for part in parts)).subquery()
    return select(func.min(ORDERS.c.paid_at)).where(ORDERS.c.id.in_(select(oldest.c.order_id))).scalar_subquery()


def _first_in(state: ShipmentState) -> Select[Any]:
    """The index of states has the orders in the order of their making."""
    return select(Shipment.order_id).where(Shipment.state == state).distinct().order_by(Shipment.order_id)
