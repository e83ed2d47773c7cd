"""Addresses that a fan keeps, and checkout that begins with them."""

import pytest

from apps.core.db.database import Database
from tests.journeys.customer import sql
from tests.site.browser import Fan
from tests.site.test_account_security import member
from tests.site.test_buying import sell
from tests.staff import signed_in_as

__all__ = ["member"]
pytestmark = pytest.mark.anyio
HARBOUR = {"name": "Ada", "line1": "Quay 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
LOFT = {**HARBOUR, "line1": "Loft 2", "postal_code": "10115", "city": "Berlin"}


async def add(member: Fan, address: dict[str, str], *, status: int = 200) -> str:
    await member.visit("/account/addresses/new")
    return (await member.press("Save", status=status, **address)).text


async def lines(db: Database) -> list[tuple[str, bool]]:
    found = "SELECT address ->> 'line1', is_default FROM user_address ORDER BY id"
    return [tuple(row) for row in await sql(db, found)]


async def test_kept_changed_made_default_and_removed(member: Fan, db: Database) -> None:
    assert "No addresses yet." in (await member.visit("/account/addresses")).text
    assert "Quay 1, 20457 Hamburg, Germany" in await add(member, HARBOUR)
    await add(member, LOFT)
    assert await lines(db) == [("Quay 1", True), ("Loft 2", False)]
    await member.press("Make default")
    assert await lines(db) == [("Quay 1", False), ("Loft 2", True)]
    await member.follow("Change")
    await member.press("Save", line1="Quay 3")
    assert await lines(db) == [("Quay 3", False), ("Loft 2", True)]
    await member.press("Remove")
    assert await lines(db) == [("Quay 3", True)]


async def test_the_same_once_more_is_one(member: Fan, db: Database) -> None:
    for _ in range(2):
        await add(member, HARBOUR)
    assert len(await lines(db)) == 1


async def test_what_is_wrong_stands_at_its_field(member: Fan) -> None:
    page = await add(member, {**HARBOUR, "postal_code": "1", "country": "XX", "name": ""}, status=422)
    assert "There is no such country." in page
    assert "Please fill this in." in page


async def test_another_users_address_is_not_there(member: Fan, db: Database) -> None:
    await add(member, HARBOUR)
    await signed_in_as(db, "customer", email="other@example.org")
    other = "SELECT id FROM users WHERE email = 'other@example.org'"
    await sql(db, f"UPDATE user_address SET user_id = ({other})")
    (address,) = await sql(db, "SELECT id FROM user_address")
    await member.visit(f"/account/addresses/{address.id}", status=404)
    await member.visit("/account/addresses/new")
    token = next(form.fields["csrf"] for form in member.page.forms if "csrf" in form.fields)
    for action, status in (("remove", 200), ("default", 404)):
        await member.send(f"/account/addresses/{address.id}/{action}", {"csrf": token}, status=status)
    assert len(await lines(db)) == 1


async def test_checkout_keeps_one_and_begins_with_it(member: Fan, db: Database) -> None:
    shirt, _ = await sell(db)
    for expected in ("", "Quay 1"):
        await member.visit(f"/shop/{shirt.slug}")
        await member.press("Add to cart")
        page = await member.visit("/checkout")
        assert page.tag("line1")["value"] == expected
        address = {} if expected else HARBOUR
        await member.press("Order and pay", delivery="ship", keep_address="yes", **address)
        member.client.cookies.delete("cart")
    assert await lines(db) == [("Quay 1", True)]
    kept = await sql(db, "SELECT address ->> 'line1' FROM orders")
    assert kept == [("Quay 1",), ("Quay 1",)]
