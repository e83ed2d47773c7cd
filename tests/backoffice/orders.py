"""Orders to look after, and the way to their pages."""

from typing import Any
from uuid import UUID

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk, Page
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, sql

HOME = {"line1": "Quay 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}


async def tickets(db: Database, places: int = 10, **facts: Any) -> UUID:
    async with db.begin() as session:
        return (await make_tickets(session, places, **facts)).id


async def shirts(db: Database, **facts: Any) -> UUID:
    async with db.begin() as session:
        return (await make_shirt(session, **facts)).id


async def sent_shirt(customer: Customer, db: Database, **facts: Any) -> dict:
    """A paid order whose parcel goes to HOME."""
    offer = await shirts(db)
    return await customer.pay(await customer.order_at_once(offer, delivery="ship", address=HOME, **facts))


async def id_of(db: Database, order: dict) -> UUID:
    return (await sql(db, "SELECT id FROM orders WHERE number = :number", number=order["number"]))[0].id


async def details(clerk: Clerk, db: Database, order: dict, *, status: int = 200) -> Page:
    return await clerk.visit(f"/admin/order/details/{await id_of(db, order)}", status=status)


async def ask(clerk: Clerk, db: Database, action: str, *orders: dict, status: int = 200) -> Page:
    pks = "&".join([f"pks={await id_of(db, order)}" for order in orders])
    return await clerk.visit(f"/admin/order/do/{action}?{pks}", status=status)


async def state_of(db: Database, order: dict) -> tuple[str, int]:
    row = (await sql(db, "SELECT state, refunded FROM orders WHERE number = :number", number=order["number"]))[0]
    return row.state, row.refunded
