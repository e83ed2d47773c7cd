"""What waits for somebody: things to send, tickets to refund, payments that went wrong, jobs that failed.

Each is counted as far as people count, from the end of an index; what is not there is not told.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from apps.backoffice.filters import YES
from apps.backoffice.lists import COUNTED, counted
from apps.backoffice.places import list_place
from apps.checkout.admin.payments import FAILED_LATELY, IS_SILENT
from apps.concerts.admin.common import TO_REFUND
from apps.concerts.admin.concerts import REFUNDS_DUE
from apps.concerts.models import Concert
from apps.core.i18n import Lazy
from apps.core.i18n import lazy as _
from apps.core.processes import work
from apps.media.fetching.models import FetchState, PictureFetch
from apps.orders.repositories import ORDERS
from apps.payments.models import Payment, PaymentState
from apps.reports.models import IS_FAILED, IS_LATE, QUEUE
from apps.shop.models import Shipment, ShipmentState
from apps.shop.shipping import TO_SHIP


@dataclass(frozen=True, slots=True)
class Waiting:
    """`number` stops at COUNTED + 1, None has none; `place` is the list of them, `since` when the oldest came."""

    title: Lazy
    number: int | None
    place: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """How many of these wait, and where the list of them is."""

    title: Lazy
    found: Select[Any]
    place: str


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


async def orders_waiting(session: AsyncSession) -> list[Waiting]:
    """One query."""
    failed = select(Payment.id).where(Payment.state == PaymentState.failed)
    silent = select(Payment.id).where(IS_SILENT)
    refunds = select(Payment.id).where(FAILED_LATELY)
    found = select(counted(_to_ship()), _oldest_to_ship(), counted(failed), counted(silent), counted(refunds))
    to_ship, since, failures, silences, refused = (await session.execute(found)).one()
    return _those_there_are(
        Waiting(_("Orders to send"), to_ship, list_place("order", parcels="to-ship"), since),
        Waiting(_("Payments that failed"), failures, list_place("payment", state=PaymentState.failed)),
        Waiting(_("Payments without an answer"), silences, list_place("payment", silent=YES)),
        Waiting(_("Refunds that failed, in 14 days"), refused, list_place("payment", refunds="failed-lately")),
    )


async def waiting_for(session: AsyncSession, *questions: Question) -> list[Waiting]:
    """One query."""
    if not questions:
        return []
    numbers = (await session.execute(select(*(counted(each.found) for each in questions)))).one()
    return _those_there_are(
        *(Waiting(each.title, number, each.place) for each, number in zip(questions, numbers, strict=True))
    )


async def jobs_waiting(session: AsyncSession) -> list[Waiting]:
    """Two queries."""
    failed, late = (select(QUEUE.c.id).where(condition) for condition in (IS_FAILED, IS_LATE))
    failures, waits = (await session.execute(select(counted(failed), counted(late)))).one()
    waiting_jobs = list_place("stuck-job", state="late")
    stands_still = Waiting(_("No worker is running: nothing is delivered, no mail is sent"), None, waiting_jobs)
    return ([] if (await work(session)).has_worker else [stands_still]) + _those_there_are(
        Waiting(_("Jobs that failed"), failures, list_place("stuck-job", state="failed")),
        Waiting(_("Jobs that wait too long"), waits, waiting_jobs),
    )


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


def _those_there_are(*all_of_them: Waiting) -> list[Waiting]:
    return [each for each in all_of_them if each.number]
