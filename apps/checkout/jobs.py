"""What checkout does in the background, mostly because something was reported."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.disputes.hold import hold_or_release
from apps.checkout.mails import OrderMail, mail_order, mail_order_again
from apps.checkout.paying import cancel as cancelling
from apps.checkout.paying.cancel import NotPending
from apps.checkout.paying.deliver import deliver
from apps.checkout.paying.settle import settle, settle_at_once
from apps.checkout.refunds.failed import note_failed_refund
from apps.checkout.reminding.reminders import Reminder, due, remind
from apps.checkout.statements.importing import StatementImporter
from apps.core.audit import SYSTEM
from apps.core.db.database import Database
from apps.core.events import subscribe
from apps.core.jobs import Lane, enqueue, job
from apps.core.privacy.forgetting import forget_rows
from apps.imports.services import work_on
from apps.inventory.release import release_expired
from apps.orders.events import OrderDelivered, OrderPaid, OrderRefunded, PaymentReturned
from apps.orders.repositories import CARTS, LOCK_FREE_ORDERS, LOCK_ORDERS, OrderRepository
from apps.payments.events import DisputeChanged, PaymentConfirmed, RefundFailed
from apps.payments.owners import locks_owners
from project.settings import settings

AT_ONCE = 500
QUIET, DAY = timedelta(minutes=2), timedelta(days=1)


@locks_owners
async def lock_orders(connection: AsyncConnection, ids: Collection[UUID], *, waits: bool) -> Collection[UUID]:
    found = LOCK_ORDERS if waits else LOCK_FREE_ORDERS
    return [order.id for order in await connection.execute(found, {"ids": list(ids)})]


async def deliver_at_once(connection: AsyncConnection, events: Sequence[OrderPaid]) -> Sequence[OrderPaid]:
    await deliver(connection, [event.order_id for event in events])
    return events


@subscribe(PaymentConfirmed, at_once=settle_at_once)
@job("checkout.settle")
async def settle_payment(db: Database, payment_id: UUID, owner_id: UUID) -> None:
    async with db.begin() as session:
        await settle(session, order_id=owner_id, payment_id=payment_id)


@subscribe(OrderPaid, at_once=deliver_at_once)
@job("checkout.deliver")
async def deliver_order(db: Database, order_id: UUID) -> None:
    async with db.transaction() as connection:
        await deliver(connection, [order_id])


@subscribe(RefundFailed)
@job("checkout.note_failed_refund")
async def note_refund(db: Database, refund_id: UUID, owner_id: UUID) -> None:
    async with db.begin() as session:
        await note_failed_refund(session, owner_id, refund_id=refund_id)


@subscribe(DisputeChanged)
@job("checkout.hold_disputed")
async def hold_disputed(db: Database, payment_id: UUID, owner_id: UUID) -> None:
    async with db.begin() as session:
        if wait := await hold_or_release(session, owner_id, payment_id=payment_id):
            await enqueue(session, hold_disputed.call(after=wait, payment_id=payment_id, owner_id=owner_id))


@subscribe(OrderDelivered)
@job("checkout.mail_delivered", lane=Lane.mail)
async def mail_delivered(db: Database, order_id: UUID) -> None:
    await mail_order(db, OrderMail.delivered, order_id)


@job("checkout.mail_again", lane=Lane.mail)
async def mail_again(db: Database, order_id: UUID, to: str, key: UUID) -> None:
    await mail_order_again(db, order_id, to=to, key=key)


@subscribe(OrderRefunded)
@job("checkout.mail_refunded", lane=Lane.mail)
async def mail_refunded(db: Database, order_id: UUID, refund_id: UUID) -> None:
    await mail_order(db, OrderMail.refunded, order_id, about=refund_id)


@subscribe(PaymentReturned)
@job("checkout.mail_payment_returned", lane=Lane.mail)
async def mail_payment_returned(db: Database, order_id: UUID, refund_id: UUID) -> None:
    await mail_order(db, OrderMail.payment_returned, order_id, about=refund_id)


@job("checkout.cancel")
async def cancel(db: Database, order_id: UUID) -> None:
    """One that is being paid is tried again; one that has ended meanwhile is left alone."""
    with suppress(NotPending):
        await cancelling.cancel(db, order_id, actor=SYSTEM)


@job("checkout.expire")
async def expire(db: Database, order_id: UUID) -> None:
    await cancelling.expire(db, order_id)


@job("checkout.expire_unpaid", every="* * * * *")
async def expire_unpaid(db: Database) -> None:
    async with db.begin() as session:
        overdue = await OrderRepository(session=session).overdue(limit=AT_ONCE)
        await enqueue(session, *(expire.call(order_id=id, dedupe_key=f"checkout.expire:{id}") for id in overdue))


@job("checkout.remind", lane=Lane.mail)
async def remind_to_pay(db: Database, order_id: UUID, reminder: Reminder) -> None:
    await remind(db, reminder, order_id)


@job("checkout.remind_unpaid", every="*/10 * * * *")
async def remind_unpaid(db: Database) -> None:
    """Who pays by a transfer or in cash, and has not yet."""
    async with db.begin() as session:
        for reminder in Reminder:
            ids = await due(session, reminder, limit=AT_ONCE)
            calls = (
                remind_to_pay.call(order_id=id, reminder=reminder, dedupe_key=f"checkout.remind:{reminder}:{id}")
                for id in ids
            )
            await enqueue(session, *calls)


@job("checkout.chase_undelivered", every="*/10 * * * *")
async def chase_undelivered(db: Database) -> None:
    """Orders that were paid, and whose delivery's job is lost; after a day only a person can help."""
    async with db.begin() as session:
        left = await OrderRepository(session=session).undelivered(longer_than=QUIET, shorter_than=DAY, limit=AT_ONCE)
        await enqueue(session, *(deliver_order.call(order_id=id, dedupe_key=f"checkout.deliver:{id}") for id in left))


@job("checkout.import_statement")
async def import_statement(db: Database, import_id: UUID) -> None:
    await work_on(db, StatementImporter(), import_id)


@job("checkout.forget_carts", every="41 3 * * *")
async def forget_carts(db: Database) -> None:
    """Carts untouched for CART_DAYS; what they held went long ago."""
    await forget_rows(db, CARTS, CARTS.c.updated_at < func.now() - timedelta(days=settings.cart_days))


@job("checkout.release_expired_holds", every="* * * * * */20")
async def release_expired_holds(db: Database) -> None:
    async with db.transaction() as connection:
        await release_expired(connection)
