"""What the till does in the background, mostly because something was reported."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func

from apps.checkout.box_office.holders import send_missed_notices, send_notice
from apps.checkout.box_office.return_tickets import return_tickets
from apps.checkout.box_office.ticket_orders import called_off_concerts, pending_orders
from apps.checkout.mails import OrderMail, mail_order, mail_order_again
from apps.checkout.paying import end
from apps.checkout.paying.deliver import deliver
from apps.checkout.paying.end import NotPending
from apps.checkout.paying.settle import settle
from apps.checkout.refund import note_failed_refund
from apps.concerts.events import ConcertCancelled, ConcertMoved
from apps.concerts.models import Concert
from apps.concerts.repositories import ConcertRepository
from apps.core.audit import SYSTEM
from apps.core.db.database import Database
from apps.core.events import subscribe
from apps.core.jobs import Lane, enqueue, job
from apps.inventory.release import release_expired
from apps.orders.events import OrderDelivered, OrderPaid, OrderRefunded, PaymentReturned
from apps.orders.repositories import CARTS, OrderRepository
from apps.payments.events import PaymentConfirmed, RefundFailed
from apps.shop.events import ParcelSent

AT_ONCE = 500
QUIET, DAY = timedelta(minutes=2), timedelta(days=1)
CORRECTIONS = timedelta(minutes=2)
LATECOMERS = timedelta(seconds=30)
"""Longer than anybody waits for a lock: who ordered before the concert was called off has an order by then."""
CART_KEPT = timedelta(days=30)


@subscribe(PaymentConfirmed)
@job("checkout.settle")
async def settle_payment(db: Database, payment_id: UUID, owner_id: UUID) -> None:
    async with db.begin() as session:
        await settle(session, order_id=owner_id, payment_id=payment_id)


@subscribe(OrderPaid)
@job("checkout.deliver")
async def deliver_order(db: Database, order_id: UUID) -> None:
    async with db.begin() as session:
        await deliver(session, order_id)
        await send_missed_notices(session, order_id)
        gone = await called_off_concerts(session, order_id)
        await enqueue(session, *(refund_tickets.call(order_id=order_id, concert_id=id, actor=SYSTEM) for id in gone))


@subscribe(RefundFailed)
@job("checkout.note_failed_refund")
async def note_refund(db: Database, refund_id: UUID, owner_id: UUID) -> None:
    async with db.begin() as session:
        await note_failed_refund(session, owner_id, refund_id=refund_id)


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


@subscribe(ParcelSent)
@job("checkout.mail_parcel_sent", lane=Lane.mail)
async def mail_parcel_sent(db: Database, order_id: UUID, line_id: UUID) -> None:
    await mail_order(db, OrderMail.parcel_sent, order_id, about=line_id)


@subscribe(ConcertCancelled)
@job("checkout.end_orders_of_concert")
async def end_orders_of_concert(db: Database, concert_id: UUID) -> None:
    async with db.begin() as session:
        waiting = await pending_orders(session, concert_id)
        await enqueue(session, *(cancel.call(order_id=id, once=f"checkout.cancel:{id}") for id in waiting))


@subscribe(ConcertCancelled)
@job("checkout.end_late_orders_of_concert")
async def end_late_orders_of_concert(db: Database, concert_id: UUID) -> None:
    """Of buyers who stood in line while it was called off."""
    async with db.begin() as session:
        await enqueue(session, end_orders_of_concert.call(concert_id=concert_id, after=LATECOMERS))


@subscribe(ConcertMoved)
@job("checkout.tell_holders_soon")
async def tell_holders_soon(db: Database, concert_id: UUID) -> None:
    """Not at once: the first mistake is often put right within a minute."""
    async with db.begin() as session:
        await enqueue(session, tell_holders.call(concert_id=concert_id, after=CORRECTIONS))


@subscribe(ConcertCancelled)
@job("checkout.tell_holders")
async def tell_holders(db: Database, concert_id: UUID) -> None:
    async with db.begin() as session:
        concert = await ConcertRepository(session=session).lock_one(Concert.id == concert_id)
        if concert is not None:  # a draft may be deleted meanwhile
            await send_notice(session, concert)


@job("checkout.refund_tickets")
async def refund_tickets(db: Database, order_id: UUID, concert_id: UUID, actor: str) -> None:
    async with db.begin() as session:
        await return_tickets(session, order_id, concert_id, actor=actor)


@job("checkout.cancel")
async def cancel(db: Database, order_id: UUID) -> None:
    """One that is being paid is tried again; one that has ended meanwhile is left alone."""
    with suppress(NotPending):
        await end.cancel(db, order_id, actor=SYSTEM)


@job("checkout.expire")
async def expire(db: Database, order_id: UUID) -> None:
    await end.expire(db, order_id)


@job("checkout.expire_unpaid", every="* * * * *")
async def expire_unpaid(db: Database) -> None:
    async with db.begin() as session:
        overdue = await OrderRepository(session=session).overdue(limit=AT_ONCE)
        await enqueue(session, *(expire.call(order_id=id, once=f"checkout.expire:{id}") for id in overdue))


@job("checkout.chase_undelivered", every="*/10 * * * *")
async def chase_undelivered(db: Database) -> None:
    """Orders that were paid, and whose delivery's job is lost; after a day only a person can help."""
    async with db.begin() as session:
        left = await OrderRepository(session=session).undelivered(longer_than=QUIET, shorter_than=DAY, limit=AT_ONCE)
        await enqueue(session, *(deliver_order.call(order_id=id, once=f"checkout.deliver:{id}") for id in left))


@job("checkout.forget_carts", every="41 3 * * *")
async def forget_carts(db: Database) -> None:
    """Carts untouched for a month; what they held went long ago."""
    async with db.transaction() as connection:
        await connection.execute(delete(CARTS).where(CARTS.c.updated_at < func.now() - CART_KEPT))


@job("checkout.release_expired_holds", every="* * * * * */20")
async def release_expired_holds(db: Database) -> None:
    async with db.transaction() as connection:
        await release_expired(connection)
