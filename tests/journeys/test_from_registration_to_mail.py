"""Register, confirm, sign in, list, book, pay, and read the mail: by API, and in Chromium."""

import json
from pathlib import Path

import httpx
import pytest

from apps.concerts.models import Concert
from apps.core.db.database import Database
from project.settings import settings
from tests.accounts.fan import Fan
from tests.factories import make_tickets
from tests.journeys.chromium import BROWSER, Tab, tab
from tests.journeys.conftest import client, server
from tests.journeys.customer import Customer
from tests.letters import letters_to, newest_letter, text_of
from tests.site.test_account import path_in

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
EMAIL, NAME, PASSWORD = "fan@example.org", "Ada Fan", "seven gulls over the harbour"
SITE = settings.base_url
FILL = """
const button = [...document.querySelectorAll("button")].find((each) => each.textContent.trim().startsWith({label}));
for (const [name, value] of Object.entries({typed})) button.form.elements[name].value = value;
button.click();
"""


async def concert_on_sale(db: Database) -> Concert:
    async with db.begin() as session:
        offer = await make_tickets(session, 10)
        return await session.get_one(Concert, offer.concert_id)


async def codes_mailed(db: Database) -> str:
    (letter,) = await letters_to(db, EMAIL, subject="Your order")
    return text_of(letter)


async def test_by_api(client: httpx.AsyncClient, db: Database) -> None:
    concert = await concert_on_sale(db)
    fan = Fan(client)
    await fan.open_account(db, name=NAME)
    await fan.sign_in()
    concerts = (await client.get("/api/v1/concerts")).json()["items"]
    assert [each["slug"] for each in concerts] == [concert.slug]
    shown = (await client.get(f"/api/v1/concerts/{concert.slug}")).json()
    booked = await client.post(
        "/api/v1/checkout",
        json={"email": EMAIL, "lines": [{"offer": shown["ticket_types"][0]["id"], "quantity": 2}]},
        headers={"Authorization": f"Bearer {fan.access}", "Idempotency-Key": "one-booking-of-ada"},
    )
    assert booked.status_code == 201, booked.text
    await Customer(client, db).pay(booked.json())
    mailed = await codes_mailed(db)
    tickets = (await client.get("/api/v1/me/tickets", headers={"Authorization": f"Bearer {fan.access}"})).json()
    assert len(tickets) == 2
    assert all(each["code"] in mailed for each in tickets)


class Person:
    def __init__(self, page: Tab) -> None:
        self.page = page

    async def open(self, path: str) -> None:
        await self.page.visit(f"{SITE}{path}")

    async def press(self, label: str, **typed: str) -> str:
        """What is shown then."""
        await self.page.lead_on(FILL.format(label=json.dumps(label), typed=json.dumps(typed)))
        return str(await self.page.run("return document.querySelector('main').innerText"))


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
async def test_in_the_browser(server: None, db: Database, tmp_path: Path) -> None:
    concert = await concert_on_sale(db)
    async with tab(f"{SITE}/account/register", tmp_path) as page:
        person = Person(page)
        assert "Check your email" in await person.press("Create account", email=EMAIL, name=NAME, password=PASSWORD)
        await person.open(path_in(text_of(await newest_letter(db))))
        await person.press("Confirm and sign in", password=PASSWORD)
        await person.press("Sign out")
        await person.open("/account/sign-in?next=/concerts")
        assert concert.title in await person.press("Sign in", email=EMAIL, password=PASSWORD)
        await person.open(f"/concerts/{concert.slug}")
        await person.press("Add to cart", quantity="2")
        await person.open("/checkout")
        assert "Not paid yet" in await person.press("Order and pay")
        await person.press("Pay ")
        await person.press("Pay")
        mailed = await codes_mailed(db)
        await person.open("/account/tickets")
        codes = await page.run("return [...document.querySelectorAll('.codes code')].map((each) => each.textContent)")
        assert len(codes) == 2
        assert all(code in mailed for code in codes)
