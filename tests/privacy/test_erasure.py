"""Being erased: after days to change one's mind, and then everywhere."""

import json

import pytest

from apps.core.db.database import Database
from apps.core.privacy.holdings import holdings
from apps.core.privacy.person import NOBODY
from tests.journeys.customer import Customer, sql
from tests.letters import was_told
from tests.privacy.marked_person import EMAIL_MARK, MARKS, MarkedPerson, marks_found
from tests.privacy.test_export import gathered
from tests.site.browser import Fan
from tests.site.test_account import PASSWORD
from tests.site.test_account_security import STALE

pytestmark = pytest.mark.anyio
DATA = "/account/data"
DUE = "UPDATE erasure_request SET due_at = now() - interval '1 second'"
OVER = "UPDATE concert SET starts_at = now() - interval '3 days'"
MONEY = "SELECT number, state, currency, subtotal, tax, total, refunded, paid_at FROM orders ORDER BY number"
STOCK = "SELECT capacity, reserved, (SELECT sum(units) FROM hold WHERE pool_id = pool.id) FROM pool ORDER BY id"
ONLY_ADMIN = "INSERT INTO user_role (user_id, role_id) SELECT u.id, r.id FROM users u, role r WHERE r.name = 'admin'"
STATE = "SELECT state FROM erasure_request"


async def ask(fan: Fan) -> None:
    await fan.visit(DATA)
    await fan.press("Delete my account")


async def state(db: Database) -> str:
    return (await sql(db, STATE))[0].state


class TestMarks:
    async def test_an_export_has_them_all_and_an_erasure_leaves_none(
        self, marked: MarkedPerson, customer: Customer, db: Database
    ) -> None:
        before = await marks_found(db)
        assert sorted(before) == MARKS
        assert any(place.endswith(".eml") for place in before[EMAIL_MARK])
        money, stock = await sql(db, MONEY), await sql(db, STOCK)
        export = json.dumps(await gathered(marked.fan, customer))
        assert [mark for mark in MARKS if mark not in export] == []
        await ask(marked.fan)
        await sql(db, OVER)
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "done"
        assert await marks_found(db) == {}
        assert await sql(db, MONEY) == money
        assert await sql(db, STOCK) == stock
        assert len(await sql(db, "SELECT id FROM ticket")) == 2
        countries = [each.address["country"] for each in await sql(db, "SELECT address FROM orders") if each.address]
        assert countries == ["DE"]

    async def test_staff_still_see_the_orders(self, marked: MarkedPerson, customer: Customer, db: Database) -> None:
        await ask(marked.fan)
        await sql(db, OVER)
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        shown = await marked.admin.get(f"/orders/{marked.shirts['number']}")
        assert (shown["email"], shown["name"], shown["address"]["country"]) == (NOBODY, "", "DE")
        assert shown["total"] == marked.shirts["total"]
        key = marked.shirts["key"]
        answer = await marked.client.get(f"/api/v1/orders/{marked.shirts['number']}?key={key}")
        assert answer.status_code == 404


class TestErasing:
    async def test_begins_anew_where_it_was_killed(
        self, marked: MarkedPerson, customer: Customer, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await ask(marked.fan)
        await sql(db, OVER)
        await sql(db, DUE)
        for name in ("shipment", "orders", "webhook_event", "users", "mail", "audit_entry"):
            kind = next(type(rows) for rows in holdings() if rows.name == name)
            with monkeypatch.context() as patched:
                patched.setattr(kind, "erase", _dies_at(name, kind.erase))
                await customer.by_the_clock("privacy.erase_due")
            assert (name, await state(db)) == (name, "running")
            await sql(db, "DELETE FROM pgqueuer")  # its next try would have to be waited for
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "done"
        assert await marks_found(db) == {}

    async def test_what_is_over_is_told_by_the_last_letter(self, member: Fan, customer: Customer, db: Database) -> None:
        await ask(member)
        assert await was_told(db, "will be deleted on")
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "done"
        keys = [each.key.partition(":")[0] for each in await sql(db, "SELECT key FROM mail WHERE sent_at IS NOT NULL")]
        assert "erasure-done" in keys

    async def test_not_before_its_day(self, member: Fan, customer: Customer, db: Database) -> None:
        await ask(member)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "asked"
        assert len(await sql(db, "SELECT id FROM users")) == 1

    async def test_waits_for_a_concert_that_is_to_come(
        self, marked: MarkedPerson, customer: Customer, db: Database
    ) -> None:
        await ask(marked.fan)
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "asked"
        page = await marked.fan.visit(DATA)
        assert "A ticket is for a concert that is still to come." in page.text
        await sql(db, OVER)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "done"

    async def test_the_account_opens_no_more(self, member: Fan, customer: Customer, db: Database) -> None:
        await ask(member)
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        page = await member.visit("/account")
        assert "Sign in" in page.title
        form = {"grant_type": "password", "username": "fan@example.org", "password": PASSWORD}
        assert (await member.client.post("/api/v1/auth/token", data=form)).status_code == 400


class TestAsking:
    async def test_one_can_change_ones_mind(self, member: Fan, customer: Customer, db: Database) -> None:
        await ask(member)
        assert "Your account will be deleted on" in member.page.text
        page = await member.press("Keep my account")
        assert "Your account stays." in page.text
        assert await was_told(db, "will not be deleted")
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        assert len(await sql(db, "SELECT id FROM users")) == 1

    async def test_needs_a_fresh_proof(self, member: Fan, db: Database) -> None:
        await member.visit(DATA)
        await sql(db, STALE)
        page = await member.press("Delete my account")
        assert "Confirm that it is you" in page.text
        assert await sql(db, STATE) == []

    async def test_twice_is_refused(self, member: Fan) -> None:
        await member.visit(DATA)
        await member.press("Delete my account")
        token = member.page.forms[-1].fields
        page = await member.send("/account/data/erasure", token, status=409)
        assert "is to be deleted already" in page.text

    async def test_the_last_administrator_stays(self, member: Fan, customer: Customer, db: Database) -> None:
        await ask(member)
        await sql(db, ONLY_ADMIN)
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "asked"
        await sql(db, "DELETE FROM erasure_request")
        await member.visit(DATA)
        page = await member.press("Delete my account", status=409)
        assert "last administrator" in page.text


def _dies_at(name: str, erase):
    """As if the process were killed in the middle of that table."""

    async def dying(self, connection, person) -> None:
        await erase(self, connection, person)
        if self.name == name:
            raise RuntimeError("killed")

    return dying
