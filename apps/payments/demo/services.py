"""The demo provider's side: pay pages that are paid, fail or are left, and webhooks that tell of it.

As with real providers, an event may come twice, and before an earlier one: paying sends three webhooks at once.
"""

from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.db.database import now
from apps.core.errors import AppError, NotFound
from apps.core.jobs import Call, enqueue
from apps.core.text.i18n import lazy as _
from apps.payments.demo.jobs import tell_shop
from apps.payments.demo.models import DemoCheckout, DemoRefund, DemoState
from apps.payments.demo.schemas import CheckoutIn, EventBody, RefundIn
from apps.payments.models import DisputeState, Failure


class PageClosed(AppError):
    status = 409
    type = "pay-page-closed"
    message = _("This page is closed: the order was paid, cancelled or took too long.")


class NotPaid(AppError):
    status = 409
    type = "not-paid"
    message = _("Only what is paid can be disputed.")


class TooMuch(AppError):
    status = 409
    type = "refund-too-large"
    message = _("More than was paid cannot be refunded.")


async def open_page(session: AsyncSession, data: CheckoutIn) -> DemoCheckout:
    """The same id again is the same page."""
    values = msgspec.structs.asdict(data) | {"state": DemoState.open}
    await session.execute(insert(DemoCheckout).values(values).on_conflict_do_nothing())
    return await lock_page(session, data.id)


async def count_pages(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(DemoCheckout)) or 0


async def lock_page(session: AsyncSession, id: UUID) -> DemoCheckout:
    page = await session.get(DemoCheckout, id, with_for_update=True)
    if page is None:
        raise NotFound
    return page


async def pay(session: AsyncSession, id: UUID) -> DemoCheckout:
    page = await _payable(session, id)
    page.state = DemoState.paid
    confirmed = _event(page, "payment.confirmed")
    await enqueue(session, _tell(confirmed), _tell(_event(page, "payment.pending")), _tell(confirmed))
    return page


async def fail(session: AsyncSession, id: UUID) -> DemoCheckout:
    """The card is refused; the page stays open for another try."""
    page = await _payable(session, id)
    page.state = DemoState.failed
    await enqueue(session, _tell(_event(page, "payment.failed")))
    return page


async def close_page(session: AsyncSession, id: UUID) -> DemoCheckout:
    page = await lock_page(session, id)
    if page.state in (DemoState.open, DemoState.failed):
        page.state = DemoState.closed
        await enqueue(session, _tell(_event(page, "payment.closed")))
    return page


async def refund(session: AsyncSession, checkout_id: UUID, data: RefundIn) -> DemoRefund:
    """The same id again is the same refund."""
    page = await lock_page(session, checkout_id)
    if known := await session.get(DemoRefund, data.id):
        return known
    if page.state is not DemoState.paid or data.amount > page.amount - page.refunded:
        raise TooMuch
    page.refunded += data.amount
    back = DemoRefund(id=data.id, checkout_id=page.id, amount=data.amount)
    session.add(back)
    event = EventBody(f"evt_{uuid7().hex}", "refund.done", back.id, back.amount, page.currency)
    await enqueue(session, _tell(event))
    return back


async def dispute(session: AsyncSession, id: UUID, state: DisputeState) -> None:
    """The customer asks the bank for the money back, or the bank decides."""
    page = await lock_page(session, id)
    if page.state is not DemoState.paid:
        raise NotPaid
    await enqueue(session, _tell(_event(page, f"dispute.{state}")))


async def _payable(session: AsyncSession, id: UUID) -> DemoCheckout:
    page = await lock_page(session, id)
    if page.state not in (DemoState.open, DemoState.failed) or page.expires_at <= await now(session):
        raise PageClosed
    return page


def _event(page: DemoCheckout, kind: str) -> EventBody:
    failure = Failure.declined if kind == "payment.failed" else None
    return EventBody(f"evt_{uuid7().hex}", kind, page.id, page.amount, page.currency, failure)


def _tell(event: EventBody) -> Call:
    return tell_shop.call(event=event)
