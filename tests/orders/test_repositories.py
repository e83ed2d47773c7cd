"""Which orders the clock's jobs find: those that are theirs, the oldest first."""

from datetime import timedelta
from uuid import UUID

import pytest

from apps.core.db.database import Database
from apps.orders.repositories import OrderRepository
from tests.factories import make_tickets
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer, make_overdue, sql

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def ticket(db: Database) -> UUID:
    async with db.begin() as session:
        return (await make_tickets(session, 10, price=0)).id


async def id_of(db: Database, order: dict) -> UUID:
    ((id,),) = await sql(db, "SELECT id FROM orders WHERE number = :number", number=order["number"])
    return UUID(str(id))


async def test_only_what_waits_for_its_payment_is_overdue(customer: Customer, db: Database, ticket: UUID) -> None:
    """However many others there are whose time would be over as well."""
    paid = await customer.order_at_once(ticket)
    await sql(db, "UPDATE offer_price SET amount = 3000")
    late, later, _in_time = [await customer.order_at_once(ticket) for _ in range(3)]
    for order in (paid, late, later):
        await make_overdue(db, order)
    async with db.begin() as session:
        found = [await OrderRepository(session=session).overdue(limit=limit) for limit in (1, 9)]
    assert found == [[await id_of(db, late)], [await id_of(db, late), await id_of(db, later)]]


async def test_what_is_undelivered_is_neither_too_new_nor_too_old(
    customer: Customer, db: Database, ticket: UUID
) -> None:
    orders = [await id_of(db, await customer.order_at_once(ticket)) for _ in range(5)]
    await sql(db, "UPDATE orders SET delivered_at = now() WHERE id = :id", id=orders[-1])
    for id, minutes in zip(orders, (1, 10, 20, 2000, 15), strict=True):
        paid = "UPDATE orders SET paid_at = now() - make_interval(mins => :minutes) WHERE id = :id"
        await sql(db, paid, id=id, minutes=minutes)
    times = {"longer_than": timedelta(minutes=5), "shorter_than": timedelta(days=1)}
    async with db.begin() as session:
        found = [await OrderRepository(session=session).undelivered(**times, limit=limit) for limit in (1, 9)]
    assert found == [[orders[2]], [orders[2], orders[1]]]
