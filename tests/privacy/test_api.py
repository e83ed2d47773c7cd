"""One's own data over the API."""

import pytest

from apps.core.db.database import Database
from tests.accounts.conftest import fan
from tests.accounts.fan import PASSWORD, Fan
from tests.journeys.customer import Customer, sql
from tests.privacy.test_erasure import DUE, state
from tests.site.test_account_security import STALE

__all__ = ["fan"]
pytestmark = pytest.mark.anyio
DATA = "/api/v1/me/data"


class TestExport:
    async def test_is_asked_for_made_and_read(self, fan: Fan, customer: Customer) -> None:
        asked = await fan.ask("POST", f"{DATA}/exports", 202)
        assert (asked["state"], asked["done"]) == ("asked", 0)
        await fan.ask("GET", f"{DATA}/exports/{asked['id']}/file", 409)
        await customer.jobs()
        (made,) = (await fan.ask("GET", DATA, 200))["exports"]
        assert (made["state"], made["done"]) == ("ready", made["total"])
        file = await fan.ask("GET", f"{DATA}/exports/{asked['id']}/file", 200)
        assert file["held"]["users"][0]["email"] == fan.email

    async def test_needs_a_fresh_proof(self, fan: Fan, db: Database) -> None:
        await sql(db, STALE)
        assert (await fan.ask("POST", f"{DATA}/exports", 403))["type"].endswith("proof-needed")
        await fan.ask("POST", "/api/v1/me/proof", 204, json={"password": PASSWORD})
        await fan.ask("POST", f"{DATA}/exports", 202)

    async def test_can_be_cancelled_until_it_is_ready(self, fan: Fan, customer: Customer) -> None:
        asked = await fan.ask("POST", f"{DATA}/exports", 202)
        assert (await fan.ask("POST", f"{DATA}/exports/{asked['id']}/cancel", 200))["state"] == "cancelled"
        await customer.jobs()
        again = await fan.ask("POST", f"{DATA}/exports", 202)
        await customer.jobs()
        await fan.ask("POST", f"{DATA}/exports/{again['id']}/cancel", 409)

    async def test_what_cannot_be_read_is_told_as_failed(self, fan: Fan, customer: Customer, db: Database) -> None:
        asked = await fan.ask("POST", f"{DATA}/exports", 202)
        await sql(db, "ALTER TABLE webhook_attempt RENAME TO torn_out")
        await customer.jobs()
        (failed,) = (await fan.ask("GET", DATA, 200))["exports"]
        assert (failed["id"], failed["state"]) == (asked["id"], "failed")
        await sql(db, "ALTER TABLE torn_out RENAME TO webhook_attempt")
        await fan.ask("POST", f"{DATA}/exports", 202)


class TestErasure:
    async def test_is_asked_for_and_done(self, fan: Fan, customer: Customer, db: Database) -> None:
        asked = await fan.ask("POST", f"{DATA}/erasure", 202)
        assert (asked["state"], asked["waits_for"]) == ("asked", [])
        assert (await fan.ask("GET", DATA, 200))["erasure"]["due_at"] == asked["due_at"]
        await sql(db, DUE)
        await customer.by_the_clock("privacy.erase_due")
        assert await state(db) == "done"
        await fan.ask("GET", DATA, 401)

    async def test_can_be_cancelled(self, fan: Fan) -> None:
        await fan.ask("POST", f"{DATA}/erasure/cancel", 409)
        await fan.ask("POST", f"{DATA}/erasure", 202)
        await fan.ask("POST", f"{DATA}/erasure", 409)
        await fan.ask("POST", f"{DATA}/erasure/cancel", 204)
        assert (await fan.ask("GET", DATA, 200))["erasure"] is None
        await fan.ask("POST", f"{DATA}/erasure", 202)

    async def test_is_too_late_to_cancel_once_it_runs(self, fan: Fan, db: Database) -> None:
        await fan.ask("POST", f"{DATA}/erasure", 202)
        await sql(db, "UPDATE erasure_request SET state = 'running'")
        await fan.ask("POST", f"{DATA}/erasure/cancel", 409)
