"""An account after paying, by a passkey: in Chromium, with its virtual authenticator."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.chromium import BROWSER, tab
from tests.journeys.customer import Customer, sql
from tests.letters import newest_letter, text_of, token_in
from tests.site.test_account import path_in
from tests.site.test_passkeys import SITE, Person
from tests.staff import in_browser_as

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]
EMAIL = "fan@example.org"
BUTTON = "Create account with a passkey"


@pytest.fixture
async def guest(server: None, tmp_path: Path) -> AsyncIterator[Person]:
    """Not signed in, with a device that keeps passkeys."""
    async with tab(f"{SITE}/account/forgot", tmp_path) as page:
        made = Person(page)
        made.device = await page.add_authenticator()
        yield made


@pytest.fixture
async def order(customer: Customer, db: Database) -> str:
    """The page of a guest's paid order."""
    async with db.begin() as session:
        offer = (await make_tickets(session, 5)).id
    placed = await customer.order_at_once(offer, 2)
    await customer.pay(placed)
    return f"/orders/{placed['number']}?key={placed['key']}"


async def test_one_tap_a_mail_and_the_account_has_the_order(guest: Person, order: str, db: Database) -> None:
    await guest.visit(order)
    assert "We have written to fan@example.org" in await guest.press(BUTTON)
    assert await sql(db, "SELECT 1 FROM users") == []
    await guest.visit(path_in(text_of(await newest_letter(db))))
    assert "Your recovery codes" in await guest.press("Confirm with the passkey")
    orders = await guest.press("I have kept them")
    assert "Your orders" in orders
    assert "Nothing ordered yet." not in orders
    kept = await sql(db, "SELECT kind, count(*) FROM credential GROUP BY kind ORDER BY kind")
    assert kept == [("passkey", 1), ("recovery_code", 10)]
    assert await sql(db, "SELECT email_confirmed_at IS NOT NULL FROM users") == [(True,)]


async def test_it_signs_in_afterwards(guest: Person, order: str, db: Database) -> None:
    await guest.visit(order)
    await guest.press(BUTTON)
    await guest.visit(path_in(text_of(await newest_letter(db))))
    await guest.press("Confirm with the passkey")
    await guest.sign_out()
    await guest.page.visit(f"{SITE}/account/sign-in")
    await guest.comes_to("Your orders")


async def test_the_link_alone_or_another_passkey_opens_nothing(guest: Person, order: str, db: Database) -> None:
    """As with a password: who reads the mail of somebody who registered another's address gets no account of theirs."""
    await guest.visit(order)
    await guest.press(BUTTON)
    link = path_in(text_of(await newest_letter(db)))
    await sql(db, "UPDATE registration SET passkey_key = :other", other="pQECAyYgASFYIA")
    await guest.visit(link)
    assert "The passkey was not accepted" in await guest.press("Confirm with the passkey")
    assert await sql(db, "SELECT 1 FROM users") == []


async def test_who_has_an_account_is_mailed_that(guest: Person, order: str, db: Database) -> None:
    await in_browser_as(db, "customer", email=EMAIL)
    await guest.visit(order)
    assert "We have written to fan@example.org" in await guest.press(BUTTON)
    assert "already" in text_of(await newest_letter(db))


async def test_the_button_is_hidden_without_scripts(client: httpx.AsyncClient, order: str) -> None:
    page = (await client.get(order)).text
    assert 'action="/account/register/passkey"' in page
    assert "hidden>" in page.partition('action="/account/register/passkey"')[2].partition("\n")[0]


async def test_over_the_api(guest: Person, order: str, db: Database, client: httpx.AsyncClient) -> None:
    """A challenge for one address is good for no other."""
    host = {"Host": httpx.URL(SITE).netloc.decode()}
    path = "/api/v1/auth"
    asked = await client.post(f"{path}/register-passkey-options", json={"email": EMAIL}, headers=host)
    made = await answer(guest, "create", "Creation", asked.json()["public_key_options"])
    other = {"email": "other@example.org", "answer": made}
    assert (await client.post(f"{path}/register-passkey", json=other, headers=host)).status_code == 403
    mine = {"email": EMAIL, "answer": made}
    assert (await client.post(f"{path}/register-passkey", json=mine, headers=host)).status_code == 202
    token = token_in(await newest_letter(db))
    options = await client.post(f"{path}/confirm-passkey-options", json={"token": token}, headers=host)
    shown = await answer(guest, "get", "Request", options.json()["public_key_options"])
    body = {"token": token, "answer": shown}
    opened = await client.post(f"{path}/confirm-passkey", json=body, headers=host)
    assert (opened.status_code, len(opened.json()["codes"])) == (201, 10)
    assert (await client.post(f"{path}/confirm-passkey", json=body, headers=host)).status_code == 410


async def answer(person: Person, verb: str, kind: str, options: str) -> str:
    """What the browser makes of these options."""
    return str(
        await person.page.run(f"""
            const publicKey = PublicKeyCredential.parse{kind}OptionsFromJSON({json.dumps(json.loads(options))});
            return JSON.stringify((await navigator.credentials.{verb}({{publicKey}})).toJSON());
        """)
    )
