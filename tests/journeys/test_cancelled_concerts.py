"""A concert is cancelled: what was ordered and not paid ends, and money that comes all the same goes back."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select, text

from apps.concerts.models import Concert, ConcertState, TicketType
from apps.concerts.scheduling.services import cancel
from apps.core.db.database import Database
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, hurry_jobs, mails_about, make_overdue, reopen_at_provider, reserved, sql
from tests.kernel.processes import somebody_waits, until
from tests.parts import tickets_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> UUID:
    async with db.begin() as session:
        return (await make_tickets(session, 5)).id


async def call_off(db: Database, ticket: UUID) -> None:
    ((concert_id,),) = await sql(db, "SELECT concert_id FROM ticket_type WHERE offer_id = :id", id=ticket)
    async with db.begin() as session:
        await cancel(session, await session.get_one(Concert, concert_id))


async def test_what_is_not_paid_ends_and_the_rest_stays(customer: Customer, db: Database, ticket: UUID) -> None:
    async with db.begin() as session:
        shirt = (await make_shirt(session)).id
    paid = await customer.pay(await customer.order_at_once(ticket))
    waiting, other = await customer.order_at_once(ticket, 2), await customer.order_at_once(shirt)
    payment = await customer.start_payment(waiting)
    await call_off(db, ticket)
    await customer.jobs()
    states = [(await customer.order(each))["state"] for each in (paid, waiting, other)]
    assert states == ["paid", "cancelled", "pending"]
    assert await reserved(db, ticket) == [1]
    await customer.at_provider(payment, "pay", status=409)
    ((actor,),) = await sql(db, "SELECT actor FROM audit_entry WHERE action = 'orders.cancelled'")
    assert actor == "system"


async def test_money_that_comes_later_goes_back(customer: Customer, db: Database, ticket: UUID) -> None:
    order = await customer.order_at_once(ticket)
    payment = await customer.start_payment(order)
    await call_off(db, ticket)
    await customer.jobs()
    await reopen_at_provider(db, payment)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert await money_went_back(customer, order) == "cancelled"


async def test_money_that_is_on_its_way_goes_back(customer: Customer, db: Database, ticket: UUID) -> None:
    order = await customer.order_at_once(ticket)
    await customer.at_provider(await customer.start_payment(order), "pay")
    await call_off(db, ticket)
    await customer.jobs()
    await hurry_jobs(db)
    await customer.jobs()
    assert await money_went_back(customer, order) == "cancelled"


async def test_late_money_for_an_expired_order_goes_back(customer: Customer, db: Database, ticket: UUID) -> None:
    order = await customer.order_at_once(ticket)
    payment = await customer.start_payment(order)
    await make_overdue(db, order)
    await customer.by_the_clock("checkout.expire_unpaid")
    await call_off(db, ticket)
    await reopen_at_provider(db, payment)
    await customer.at_provider(payment, "pay")
    await customer.jobs()
    assert await money_went_back(customer, order) == "expired"


async def test_money_that_comes_in_the_same_moment_goes_back(customer: Customer, db: Database, ticket: UUID) -> None:
    order = await customer.order_at_once(ticket)
    await customer.at_provider(await customer.start_payment(order), "pay")
    concert = select(TicketType.concert_id).where(TicketType.offer_id == ticket)
    async with db.begin() as session:
        await cancel(session, (await session.scalars(select(Concert).where(Concert.id.in_(concert)))).one())
        paying = asyncio.create_task(customer.jobs())
        await until(lambda: somebody_waits(db))
    await paying
    await hurry_jobs(db)
    await customer.jobs()
    assert await money_went_back(customer, order) == "cancelled"


@pytest.mark.parametrize(("price", "state"), [(0, "refunded"), (3000, "cancelled")])
async def test_who_stands_in_line_meanwhile_gets_nothing(
    customer: Customer, db: Database, price: int, state: str
) -> None:
    """The checkout queue has read that the ticket is on sale, and waits for its places."""
    async with db.begin() as session:
        ticket = (await make_tickets(session, 5, price=price)).id
    async with db.begin() as session:
        await session.execute(text("SELECT 1 FROM pool FOR UPDATE"))
        buying = asyncio.create_task(customer.order_at_once(ticket))
        await until(lambda: somebody_waits(db))
        await call_off(db, ticket)
        await customer.jobs()
    order = await buying
    for _ in range(3):
        await hurry_jobs(db)
        await customer.jobs()
    assert (await customer.order(order))["state"] == state
    assert await reserved(db, ticket) == [0]
    told = [mail for mail in mails_about(order) if "is cancelled" in mail["Subject"]]
    assert len(told) == (price == 0)


async def test_calling_off_twice_tells_once(customer: Customer, db: Database, ticket: UUID) -> None:
    await customer.order_at_once(ticket)
    for _ in range(2):
        await call_off(db, ticket)
    told = await sql(db, "SELECT 1 FROM pgqueuer WHERE entrypoint = 'box_office.end_orders_of_concert'")
    assert len(told) == 1
    assert await sql(db, "SELECT state FROM concert") == [(ConcertState.cancelled,)]


async def money_went_back(customer: Customer, order: dict) -> str:
    """The state of the order, when all its money was returned, nothing is held, and the customer was told."""
    shown = await customer.order(order)
    assert tickets_of(shown) == []
    assert await sql(customer.db, "SELECT captured, refunded FROM payment") == [(3000, 3000)]
    assert await sql(customer.db, "SELECT refunded FROM demo_checkout") == [(3000,)]
    assert await sql(customer.db, "SELECT reserved FROM pool") == [(0,)]
    (mail,) = mails_about(order)
    assert "We are refunding" in mail["Subject"]
    return shown["state"]
