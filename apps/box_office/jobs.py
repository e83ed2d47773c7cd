"""What becomes of tickets when their concert is moved or cancelled, in the background."""

from datetime import timedelta
from uuid import UUID

from apps.box_office.return_tickets import return_tickets
from apps.box_office.ticket_holders import send_missed_notices, send_notice
from apps.box_office.ticket_orders import called_off_concerts, pending_orders
from apps.checkout.jobs import cancel
from apps.concerts.events import ChangedSinceOrdered, ConcertCancelled, ConcertMoved
from apps.concerts.models import Concert
from apps.concerts.repositories import ConcertRepository
from apps.core.audit import SYSTEM
from apps.core.db.database import Database
from apps.core.events import subscribe
from apps.core.jobs import enqueue, job

CORRECTIONS = timedelta(minutes=2)
LATECOMERS = timedelta(seconds=30)
"""Longer than anybody waits for a lock: who ordered before the concert was cancelled has an order by then."""


@subscribe(ConcertCancelled)
@job("box_office.end_orders_of_concert")
async def end_orders_of_concert(db: Database, concert_id: UUID) -> None:
    async with db.begin() as session:
        waiting = await pending_orders(session, concert_id)
        await enqueue(session, *(cancel.call(order_id=id, dedupe_key=f"checkout.cancel:{id}") for id in waiting))


@subscribe(ConcertCancelled)
@job("box_office.end_late_orders_of_concert")
async def end_late_orders_of_concert(db: Database, concert_id: UUID) -> None:
    """Of customers who stood in line while it was cancelled."""
    async with db.begin() as session:
        await enqueue(session, end_orders_of_concert.call(concert_id=concert_id, after=LATECOMERS))


@subscribe(ConcertMoved)
@job("box_office.tell_holders_soon")
async def tell_holders_soon(db: Database, concert_id: UUID) -> None:
    """Not at once: the first mistake is often put right within a minute."""
    async with db.begin() as session:
        await enqueue(session, tell_holders.call(concert_id=concert_id, after=CORRECTIONS))


@subscribe(ConcertCancelled)
@job("box_office.tell_holders")
async def tell_holders(db: Database, concert_id: UUID) -> None:
    async with db.begin() as session:
        concert = await ConcertRepository(session=session).lock_one(Concert.id == concert_id)
        if concert is not None:  # a draft may be deleted meanwhile
            await send_notice(session, concert)


@subscribe(ChangedSinceOrdered)
@job("box_office.catch_up")
async def catch_up(db: Database, order_id: UUID) -> None:
    """Its customer hears what the other holders have heard, and gets the money back for what will not take place."""
    async with db.begin() as session:
        await send_missed_notices(session, order_id)
        gone = await called_off_concerts(session, order_id)
        await enqueue(session, *(refund_tickets.call(order_id=order_id, concert_id=id, actor=SYSTEM) for id in gone))


@job("box_office.refund_tickets")
async def refund_tickets(db: Database, order_id: UUID, concert_id: UUID, actor: str) -> None:
    async with db.begin() as session:
        await return_tickets(session, order_id, concert_id, actor=actor)
