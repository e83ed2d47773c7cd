"""All that is held about somebody, as a file of their own."""

import json
import re

import httpx
import pytest

from apps.accounts.services import create_user
from apps.core.db.database import Database
from tests.factories import make_pool, make_ticket_type
from tests.journeys.customer import Customer, sql
from tests.letters import newest_letter, text_of
from tests.site.browser import Fan
from tests.site.test_account import EMAIL, PASSWORD
from tests.site.test_account_security import STALE

pytestmark = pytest.mark.anyio
DATA = "/account/data"


async def export_of(member: Fan) -> dict:
    """The file, as somebody downloads it from the page."""
    page = await member.visit(DATA)
    answer = await member.client.get(page.links["Download as JSON"])
    assert answer.status_code == 200
    return json.loads(answer.content)


async def gathered(member: Fan, customer: Customer) -> dict:
    await member.visit(DATA)
    await member.press("Gather my data")
    await customer.jobs()
    return await export_of(member)


class TestExport:
    async def test_has_the_account_and_a_guests_orders(self, member: Fan, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            pool = await make_pool(session, 10)
            ticket = await make_ticket_type(session, {pool.id: 1})
        ordered = await customer.order_at_once(ticket.id, name="Ada Markerwell")
        await customer.pay(ordered)
        export = await gathered(member, customer)
        (user,), (order,) = export["held"]["users"], export["held"]["orders"]
        assert (user["email"], order["number"], order["name"]) == (EMAIL, ordered["number"], "Ada Markerwell")
        assert [each["title"] for each in export["held"]["order_line"]]
        assert len(export["held"]["ticket"]) == 1
        assert export["held"]["payment"][0]["state"] == "confirmed"
        assert "nonce" not in order
        assert "secret" not in export["held"]["credential"][0]

    async def test_is_read_in_words(self, member: Fan, customer: Customer) -> None:
        await gathered(member, customer)
        page = await member.follow("View")
        assert "Signed in successfully" in page.text
        assert "signed_in" not in page.text

    async def test_is_looked_after_while_it_is_gathered(self, member: Fan, customer: Customer) -> None:
        await member.visit(DATA)
        assert 'http-equiv="refresh"' in (await member.press("Gather my data")).answer.text
        await customer.jobs()
        assert 'http-equiv="refresh"' not in (await member.visit(DATA)).answer.text

    async def test_has_nothing_of_others(self, member: Fan, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            pool = await make_pool(session, 10)
            ticket = await make_ticket_type(session, {pool.id: 1})
        customer.email = "somebody-else@example.org"
        await customer.pay(await customer.order_at_once(ticket.id, name="Somebody Else"))
        export = json.dumps(await gathered(member, customer))
        assert "omebody" not in export

    async def test_an_address_that_is_anothers_opens_nothing(
        self, member: Fan, customer: Customer, db: Database
    ) -> None:
        """Whoever orders with the address of somebody else learns nothing of them, and gets nothing of them erased."""
        async with db.begin() as session:
            ticket = await make_ticket_type(session, {(await make_pool(session, 10)).id: 1})
        customer.email = "victim@example.org"
        await customer.pay(
            await customer.order_at_once(ticket.id, name="Vic Victimson", key="a-key-of-the-victims-own")
        )
        await staff_add(db, "victim@example.org")
        mine = await customer.order_at_once(ticket.id, name="Ada")
        await sql(
            db,
            "UPDATE orders SET user_id = (SELECT id FROM users WHERE email = :email) WHERE number = :number",
            email=EMAIL,
            number=mine["number"],
        )
        export = await gathered(member, customer)
        assert [each["number"] for each in export["held"]["orders"]] == [mine["number"]]
        assert "Victimson" not in json.dumps(export)
        assert "accounts.create_user" not in {
            each["action"] for each in export["held"]["audit_entry"] if "victim" in each["name"]
        }

    async def test_can_be_read_by_people_too(self, member: Fan, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            ticket = await make_ticket_type(session, {(await make_pool(session, 10)).id: 1}, price=2500)
        ordered = await customer.order_at_once(ticket.id, name="Ada Markerwell")
        await customer.pay(ordered)
        await gathered(member, customer)
        await member.visit(DATA)
        page = await member.follow("View")
        assert "Name Ada Markerwell" in page.text
        assert "Total €25.00" in page.text
        assert not re.search(r"[0-9]T[0-9]{2}:|[a-z]_[a-z]+:|None|True", page.text)

    async def test_a_mail_says_when_it_is_ready(self, member: Fan, db: Database) -> None:
        await member.visit(DATA)
        await member.press("Gather my data")
        letter = await newest_letter(db)
        assert letter["To"] == EMAIL
        assert "/account/data" in text_of(letter)

    async def test_an_old_proof_is_not_enough(self, member: Fan, customer: Customer, db: Database) -> None:
        await gathered(member, customer)
        page = await member.visit(DATA)
        file = page.links["Download as JSON"]
        await sql(db, STALE)
        answer = await member.client.get(file)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/account/prove?next={file}")
        page = await member.visit(DATA)
        assert "Confirm that it is you" in page.text
        page = await member.press("Confirm", password=PASSWORD)
        assert page.url.endswith(DATA)

    async def test_one_at_a_time_and_it_can_be_cancelled(self, member: Fan, customer: Customer) -> None:
        await member.visit(DATA)
        await member.press("Gather my data")
        page = await member.press("Gather my data", status=409)
        assert "being gathered already" in page.text
        await member.press("Cancel")
        await customer.jobs()
        page = await member.visit(DATA)
        assert "Download as JSON" not in page.links
        assert "Cancelled" in page.text

    async def test_five_a_day(self, member: Fan, customer: Customer) -> None:
        for _ in range(5):
            await gathered(member, customer)
        page = await member.press("Gather my data", status=429)
        assert "come back tomorrow" in page.text

    async def test_is_deleted_after_its_time(self, member: Fan, customer: Customer, db: Database) -> None:
        await gathered(member, customer)
        file = (await member.visit(DATA)).links["Download as JSON"]
        await sql(db, "UPDATE data_export SET expires_at = now() - interval '1 second'")
        await customer.by_the_clock("privacy.forget_exports")
        assert (await member.client.get(file)).status_code == 409
        assert [each.result for each in await sql(db, "SELECT result FROM data_export")] == [None]

    async def test_a_strangers_is_not_found(
        self, member: Fan, customer: Customer, client: httpx.AsyncClient, db: Database
    ) -> None:
        await gathered(member, customer)
        file = (await member.visit(DATA)).links["Download as JSON"]
        await sql(db, "UPDATE data_export SET user_id = :id", id=await _somebody_else(db))
        assert (await client.get(file)).status_code == 404


async def staff_add(db: Database, email: str) -> None:
    async with db.begin() as session:
        await create_user(session, email=email, name="", locale="en", password_hash=None, roles=(), actor="system")


async def _somebody_else(db: Database) -> object:
    rows = await sql(
        db,
        "INSERT INTO users (id, email, locale) VALUES (gen_random_uuid(), 'other@example.org', 'en') RETURNING id",
    )
    return rows[0].id
