"""A fan's tickets: the next concert first, with the codes for the door, without a network, too."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apps.concerts.models import Concert
from apps.core.db.database import Database
from project.settings import settings
from tests.factories import make_tickets
from tests.journeys.chromium import BROWSER, tab
from tests.journeys.conftest import customer, server
from tests.journeys.customer import Customer, sql
from tests.queries import counting
from tests.site.browser import Fan
from tests.site.test_account import PASSWORD
from tests.site.test_account_security import member
from tests.staff import in_browser_as

__all__ = ["customer", "member", "server"]
pytestmark = pytest.mark.anyio
SITE = settings.base_url.replace("127.0.0.1", "localhost")
EMAIL = "fan@example.org"
KEPT = """
for (let tries = 0; tries < 200; tries++) {
  if (await (await caches.open("tickets")).match("/account/tickets")) return;
  await new Promise((go) => setTimeout(go, 50));
}
throw new Error("The page was not kept");
"""
TOLD = """
for (let tries = 0; tries < 200 && document.querySelector("[data-offline]").hidden; tries++) {
  await new Promise((go) => setTimeout(go, 50));
}
if (!document.querySelector("main").innerText.includes("You are offline.")) throw new Error("Nobody says so");
"""
LEFT = """
for (let tries = 0; tries < 100 && (await caches.keys()).length; tries++) {
  await new Promise((go) => setTimeout(go, 50));
}
return (await caches.keys()).length
"""
TEXT = "return document.querySelector('main')?.innerText ?? ''"


async def buy(customer: Customer, db: Database, *, days: int) -> None:
    """Two tickets for a concert so many days away, as a guest with the address of the account."""
    async with db.begin() as session:
        offer = await make_tickets(session, 10)
        concert = await session.get_one(Concert, offer.concert_id)
        concert.title, concert.starts_at = f"In {days} days", datetime.now(UTC) + timedelta(days=days)
    await customer.pay(await customer.order_at_once(offer.offer_id, 2, email=EMAIL))
    await customer.jobs()


async def test_the_next_concert_is_first_and_each_ticket_has_its_code(
    member: Fan, customer: Customer, db: Database
) -> None:
    for days in (30, 5):
        await buy(customer, db, days=days)
    page = await member.visit("/account/tickets")
    assert page.text.index("In 5 days") < page.text.index("In 30 days")
    codes = re.findall(r"\b[A-Za-z0-9_-]{55}\b", page.text)
    assert len(set(codes)) == 4
    by_api = await own_tickets_by_api(member)
    assert [each["code"] for each in by_api] == codes


async def own_tickets_by_api(member: Fan) -> list[dict]:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    token = (await member.client.post("/api/v1/auth/token", data=form)).json()["access_token"]
    answer = await member.client.get("/api/v1/me/tickets", headers={"Authorization": f"Bearer {token}"})
    return list(answer.json())


async def test_what_is_over_cancelled_or_another_persons_is_not_there(
    member: Fan, customer: Customer, db: Database
) -> None:
    for days in (1, 2, 3, 4):
        await buy(customer, db, days=days)
    await sql(db, "UPDATE concert SET starts_at = now() - interval '1 day' WHERE title = 'In 1 days'")
    await sql(db, "UPDATE concert SET state = 'cancelled' WHERE title = 'In 2 days'")
    await sql(
        db,
        "UPDATE orders SET email = 'other@example.org' FROM ticket JOIN concert ON concert.id = concert_id"
        " WHERE order_id = orders.id AND concert.title = 'In 3 days'",
    )
    page = await member.visit("/account/tickets")
    assert [f"In {days} days" in page.text for days in (1, 2, 3, 4)] == [False, False, False, True]


async def test_costs_the_same_number_of_queries_however_many_there_are(
    member: Fan, customer: Customer, db: Database
) -> None:
    counts = []
    for days in (3, 4, 5):
        await buy(customer, db, days=days)
        with counting() as sent:
            await member.visit("/account/tickets")
        counts.append(len(sent))
    assert len(set(counts)) == 1
    assert counts[0] <= 8


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
async def test_it_can_be_read_without_a_network_until_one_signs_out(
    server: None, customer: Customer, db: Database, tmp_path: Path
) -> None:
    cookie = await in_browser_as(db, "customer", email=EMAIL)
    await sql(db, "UPDATE users SET email_confirmed_at = now()")
    await buy(customer, db, days=5)
    async with tab(f"{SITE}/account/forgot", tmp_path) as page:
        await page.run(f"document.cookie = 'session={cookie}; path=/'")
        await page.visit(f"{SITE}/account/tickets")
        await page.run(KEPT)
        await page.go_offline()
        await page.visit(f"{SITE}/account/tickets")
        await page.run(TOLD)
        assert "In 5 days" in str(await page.run(TEXT))
        assert await page.run("return getComputedStyle(document.querySelector('h1')).fontSize") != "32px"
        await page.go_offline(is_off=False)
        await page.visit(f"{SITE}/account/tickets")
        await page.lead_on("document.querySelector('.account form button').click()")
        assert await page.run(LEFT) == 0


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
async def test_it_is_forgotten_where_the_session_ran_out_and_somebody_signs_in(
    server: None, customer: Customer, db: Database, tmp_path: Path
) -> None:
    cookie = await in_browser_as(db, "customer", email=EMAIL)
    async with tab(f"{SITE}/account/forgot", tmp_path) as page:
        await page.run(f"document.cookie = 'session={cookie}; path=/'")
        await page.visit(f"{SITE}/account/tickets")
        await page.run(KEPT)
        await sql(db, "UPDATE user_session SET expires_at = now()")
        await page.visit(f"{SITE}/account/sign-in")
        assert await page.run(LEFT) == 0
