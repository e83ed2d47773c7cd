"""Whatever somebody may do: no page leads them where they may not go, and money is seen by whom it is for."""

import re
from collections.abc import Iterable

import pytest

from apps.accounts.models import Role
from apps.accounts.permissions import all_permissions
from apps.core.db.database import Database
from apps.shop.models import Category
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.backoffice.walk import Walk
from tests.factories import make_shirt, make_tickets
from tests.journeys.conftest import client, customer, staff_api
from tests.journeys.customer import Customer, sql
from tests.staff_api import BERLIN, StaffApi

__all__ = ["client", "customer", "staff_api"]
pytestmark = pytest.mark.anyio
TICKET, SHIRT, PIECES = 1111, 2323, 3
TAKEN = re.compile(r"(?<![\w-])(33[.,]?33|69[.,]?69|60[.,]?00|13[.,]?37|19[.,]?96)(?![\w-])")
"""What was paid and paid back, as people read it and as it is kept; nothing has such a price."""
MONEY = {"orders.view", "orders.refund", "books.view", "books.edit"}
HOME = {"line1": "Quay 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
EDITOR = ["concerts.view", "concerts.edit", "products.view", "products.edit"]
MANY_PAGES = {"admin": 150, "manager": 120, "door": 10}


@pytest.fixture
async def season(customer: Customer, staff_api: StaffApi, db: Database) -> None:
    """Something of every kind: sold, refunded, cancelled, failed, hidden and put away."""
    async with db.begin() as session:
        tickets, shirt = await make_tickets(session, 10, price=TICKET), await make_shirt(session, price=SHIRT)
        away = await make_shirt(session, price=SHIRT)
        session.add(Category(slug="hats", title="Hats"))
    sold = await customer.pay(await customer.order_at_once(tickets.id, PIECES))
    await customer.pay(await customer.order_at_once(shirt.id, PIECES, delivery="ship", address=HOME))
    await customer.at_provider(await customer.start_payment(await customer.order_at_once(tickets.id)), "fail")
    refund, key = {"amount": 1337, "reason": "late"}, {"Idempotency-Key": "a-refund-of-its-own"}
    await staff_api.ask("POST", f"/orders/{sold['number']}/refund", json=refund, headers=key)
    concert, ticket_type = await staff_api.on_sale(title="Off")
    await customer.pay(await customer.order_at_once(ticket_type["id"], 2))
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await staff_api.do(f"/products/{away.product_id}", "archive")
    await staff_api.add("/categories", {"title": "Gone"})
    await staff_api.change(f"/venues/{concert['venue']}", {**BERLIN, "name": "Other hall"})
    await sql(db, "DELETE FROM category WHERE title = 'Gone'")
    await customer.jobs()
    await sql(db, "INSERT INTO pgqueuer (priority, status, entrypoint) VALUES (0, 'failed', 'lost')")


async def walk_of(clerk: SignIn, db: Database, site: dict[str, int], name: str, permissions: Iterable[str]) -> Walk:
    async with db.begin() as session:
        session.add(Role(name=name, title=name, permissions=list(permissions)))
    return await Walk((await clerk(name)).client, site, most=2).through()


def shows_money(walk: Walk) -> list[str]:
    return [place for place, page in walk.pages.items() if TAKEN.search(page.text)]


@pytest.mark.parametrize("role", ["admin", "manager", "door"])
async def test_no_role_is_led_astray(role: str, season: None, clerk: SignIn) -> None:
    walk = await Walk((await clerk(role)).client, {}).through()
    assert walk.dead_ends == []
    assert len(walk.pages) > MANY_PAGES[role]
    assert bool(shows_money(walk)) == (role != "door")


async def test_no_permission_leads_astray(season: None, clerk: SignIn, db: Database) -> None:
    """Each alone, and with the one to look at what it is about."""
    site: dict[str, int] = {}
    allowed = {frozenset({each, *looking_at(each)}) for each in all_permissions()}
    for permissions in sorted(allowed | {frozenset({each}) for each in all_permissions()}, key=sorted):
        name = "+".join(sorted(permissions))[-40:]
        walk = await walk_of(clerk, db, site, name, permissions)
        assert walk.dead_ends == [], permissions
        if permissions.isdisjoint(MONEY):
            assert shows_money(walk) == [], permissions


async def test_who_may_see_all_but_money_sees_none(season: None, clerk: SignIn, db: Database) -> None:
    permissions = {each for each in all_permissions() if not each.startswith(("orders.", "books."))}
    walk = await walk_of(clerk, db, {}, "all-but-orders", permissions)
    assert walk.dead_ends == []
    assert shows_money(walk) == []


def looking_at(permission: str) -> set[str]:
    return {each for each in all_permissions() if each == f"{permission.partition('.')[0]}.view"}


async def test_a_form_has_no_field_that_would_be_refused(season: None, clerk: SignIn, db: Database) -> None:
    """Neither the way to the archive, nor to upload."""
    for name, more in (("editor", []), ("keeper", ["concerts.archive", "products.archive", "media.upload"])):
        async with db.begin() as session:
            session.add(Role(name=name, title=name, permissions=[*EDITOR, *more]))
        forms = [await edit_page(await clerk(name), db, table) for table in ("concert", "product")]
        for field, form in (("archived", forms[0]), ("archived", forms[1]), ("uploads", forms[1])):
            assert (f"-{field}" in form or f'"{field}"' in form) == (name == "keeper"), (name, field)


async def edit_page(clerk: Clerk, db: Database, table: str) -> str:
    (row,) = await sql(db, f"SELECT id FROM {table} WHERE archived_at IS NULL ORDER BY id LIMIT 1")
    return (await clerk.visit(f"/admin/{table}/edit/{row.id}")).answer.text
