"""A new address for an account, confirmed at the old one and at the new one."""

import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from tests.journeys.customer import sql
from tests.letters import letters_to, text_of
from tests.site.browser import Fan
from tests.site.test_account import EMAIL, PASSWORD, path_in
from tests.site.test_account_security import STALE, member

__all__ = ["member"]
pytestmark = pytest.mark.anyio
NEW = "ada@example.net"


async def ask(member: Fan, email: str = NEW, *, status: int = 200) -> str:
    await member.visit("/account/details")
    return (await member.press("Change email", email=email, status=status)).text


async def follow(member: Fan, db: Database, to: str) -> str:
    (letter,) = await letters_to(db, to, subject="Confirm the new address")
    await member.visit(path_in(text_of(letter)))
    return (await member.press("Confirm")).text


@pytest.mark.parametrize("order", [(EMAIL, NEW), (NEW, EMAIL)])
async def test_both_confirm_in_any_order(member: Fan, db: Database, order: tuple[str, str]) -> None:
    assert "written to both addresses" in await ask(member)
    first, second = order
    assert "Now follow the link" in await follow(member, db, first)
    assert await sql(db, "SELECT email FROM users") == [(EMAIL,)]
    assert "is changed" in await follow(member, db, second)
    assert await sql(db, "SELECT email FROM users") == [(NEW,)]
    await member.visit("/account")
    await member.press("Sign out")
    await member.visit("/account/sign-in")
    await member.press("Sign in", email=EMAIL, password=PASSWORD, status=400)
    assert "Your orders" in (await member.press("Sign in", email=NEW, password=PASSWORD)).text


async def test_the_same_link_twice_is_not_both(member: Fan, db: Database) -> None:
    await ask(member)
    for _ in range(2):
        assert "Now follow the link" in await follow(member, db, NEW)
    assert await sql(db, "SELECT email FROM users") == [(EMAIL,)]


async def test_links_of_a_change_that_was_asked_for_before_are_over(member: Fan, db: Database) -> None:
    await ask(member, "first@example.net")
    (letter,) = await letters_to(db, "first@example.net", subject="Confirm the new address")
    await ask(member)
    await member.visit(path_in(text_of(letter)))
    await member.press("Confirm", status=410)


async def test_an_address_that_has_an_account_is_not_told_of_and_never_taken(member: Fan, db: Database) -> None:
    await sql(db, f"INSERT INTO users (id, email, locale) VALUES (gen_random_uuid(), '{NEW}', 'en')")
    assert "written to both addresses" in await ask(member)
    await drain(db)
    (letter,) = await letters_to(db, NEW, subject="You already have an account")
    assert "confirm-address" not in text_of(letter)
    assert "Now follow the link" in await follow(member, db, EMAIL)
    assert await sql(db, "SELECT count(*) FROM users") == [(2,)]


async def test_whoever_comes_to_an_open_screen_cannot_ask(member: Fan, db: Database) -> None:
    await sql(db, STALE)
    assert "Confirm that it is you" in await ask(member)


async def test_what_is_wrong_stands_at_the_field(member: Fan) -> None:
    assert "An email address looks like" in await ask(member, "nonsense", status=422)
    assert "This is your address already." in await ask(member, EMAIL, status=422)
