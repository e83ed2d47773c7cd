"""What staff do with webhooks: secrets, replays, what is kept and for how long, and what an order costs without any."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from apps.accounts.models import Role
from apps.core.db.database import Database
from apps.core.events import publish
from apps.core.security.signing import derived_secret
from apps.shop.events import ProductChanged
from apps.webhooks import jobs
from apps.webhooks.delivering import signing
from apps.webhooks.recording import record
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, sql
from tests.queries import counting
from tests.staff import signed_in_as
from tests.staff_api import StaffApi
from tests.webhooks.conftest import Listen
from tests.webhooks.receiver import Receiver, status

pytestmark = pytest.mark.anyio
HOOK = {"url": "https://example.org/hook", "description": "ERP", "events": ["order.paid"]}


def is_signed_by(call: Any, secret: str) -> bool:
    try:
        return bool(call.verified_by(secret))
    except WebhookVerificationError:
        return False


class TestSecrets:
    async def test_told_once_and_standing_nowhere(self, admin: StaffApi, listen: Listen, db: Database) -> None:
        hook = await listen()
        assert hook["secret"].startswith("whsec_")
        renewed = await admin.do(f"/webhooks/{hook['id']}", "rotate-secret")
        for path in (f"/webhooks/{hook['id']}", "/webhooks"):
            assert "whsec_" not in (await admin.ask("GET", path)).text
        kept = str(
            [
                await sql(db, f"SELECT * FROM {each}")
                for each in ("webhook_endpoint", "audit_entry", "idempotency_record")
            ]
        )
        for secret in (hook["secret"], renewed["secret"]):
            assert secret.removeprefix("whsec_") not in kept

    async def test_both_sign_for_a_day(
        self, receiver: Receiver, admin: StaffApi, listen: Listen, customer: Customer, db: Database
    ) -> None:
        hook = await listen()
        renewed = await admin.do(f"/webhooks/{hook['id']}", "rotate-secret")
        await admin.do(f"/webhooks/{hook['id']}", "ping")
        await customer.jobs()
        await sql(db, "UPDATE webhook_endpoint SET former_until = now()")
        await admin.do(f"/webhooks/{hook['id']}", "ping")
        await customer.jobs()
        signed = [[is_signed_by(call, each["secret"]) for each in (hook, renewed)] for call in receiver.calls]
        assert signed == [[True, True], [False, True]]

    async def test_they_survive_a_new_secret_key_beside_the_old_one(
        self, receiver: Receiver, admin: StaffApi, listen: Listen, customer: Customer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hook = await listen()
        new = "another-secret-key-of-the-same-band"
        new_id = derived_secret("webhooks.key-id", new)[:8]
        monkeypatch.setattr(signing, "KEYS", {new_id: new, **signing.KEYS})
        monkeypatch.setattr(signing, "CURRENT", new_id)
        await admin.do(f"/webhooks/{hook['id']}", "ping")
        await customer.jobs()
        assert is_signed_by(receiver.calls[0], hook["secret"])
        assert (await admin.get(f"/webhooks/{hook['id']}"))["needs_new_secret"]
        monkeypatch.setattr(signing, "KEYS", {new_id: new})
        await admin.do(f"/webhooks/{hook['id']}", "ping")
        await customer.jobs()
        assert len(receiver.calls) == 1
        assert (await admin.get("/webhook-deliveries?limit=1"))["items"][0]["error"] == "no-secret"


class TestReplay:
    async def test_one_delivery(self, receiver: Receiver, admin: StaffApi, listen: Listen, customer: Customer) -> None:
        hook = await listen()
        await admin.do(f"/webhooks/{hook['id']}", "ping")
        await customer.jobs()
        [sent] = (await admin.get(f"/webhook-deliveries?webhook={hook['id']}&state=delivered&type=ping"))["items"]
        assert (await admin.do(f"/webhook-deliveries/{sent['id']}", "replay"))["state"] == "waiting"
        await customer.jobs()
        assert [call.headers["webhook-id"] for call in receiver.calls] == [sent["event"]] * 2

    async def test_all_that_was_given_up_since(
        self, receiver: Receiver, admin: StaffApi, listen: Listen, staff_api: StaffApi, customer: Customer
    ) -> None:
        hook = await listen()
        receiver.answers = [status(500)] * 2
        for title in ("One", "Other"):
            concert = await staff_api.concert(title=title)
            await staff_api.do(f"/concerts/{concert['id']}", "announce")
        await customer.jobs()
        await admin.do(f"/webhooks/{hook['id']}", "disable")
        path = f"/webhooks/{hook['id']}/replay"
        await admin.add(path, {"since": "2026-01-01T00:00:00Z"}, status=409)
        await admin.do(f"/webhooks/{hook['id']}", "enable")
        assert await admin.add(path, {"since": "2099-01-01T00:00:00Z"}, status=200) == {"sent_again": 0}
        assert await admin.add(path, {"since": "2026-01-01T00:00:00Z"}, status=200) == {"sent_again": 2}
        await customer.jobs()
        assert (len(receiver.calls), len({call.body for call in receiver.calls})) == (4, 2)


class TestLookingAfter:
    async def test_changed_archived_and_restored(self, admin: StaffApi) -> None:
        hook = await admin.add("/webhooks", HOOK)
        assert await admin.add("/webhooks", HOOK, status=409)
        path = f"/webhooks/{hook['id']}"
        changed = await admin.change(path, {**HOOK, "events": ["order.paid", "order.placed", "order.paid"]})
        assert changed["events"] == ["order.placed", "order.paid"]
        await admin.add("/webhooks", {**HOOK, "url": "https://example.org/other", "events": ["no.such"]}, status=422)
        await admin.do(path, "archive")
        await admin.ask("POST", f"{path}/ping", status=409)
        other = await admin.add("/webhooks", HOOK)
        await admin.ask("POST", f"{path}/restore", status=409)
        await admin.do(f"/webhooks/{other['id']}", "archive")
        assert (await admin.do(path, "restore"))["archived_at"] is None

    async def test_who_may_only_look_changes_nothing(
        self, client: httpx.AsyncClient, admin: StaffApi, db: Database
    ) -> None:
        async with db.begin() as session:
            session.add(Role(name="watcher", title="Watcher", permissions=["webhooks.view"]))
        watcher = StaffApi(client, await signed_in_as(db, "watcher"))
        hook = await admin.add("/webhooks", HOOK)
        path = f"/webhooks/{hook['id']}"
        await watcher.get(path)
        await watcher.add("/webhooks", HOOK, status=403)
        for action in ("ping", "enable", "disable", "rotate-secret", "replay", "archive"):
            await watcher.ask("POST", f"{path}/{action}", json={"since": "2026-01-01T00:00:00Z"}, status=403)

    async def test_what_is_old_is_forgotten(
        self, admin: StaffApi, listen: Listen, customer: Customer, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hook = await listen()
        await admin.do(f"/webhooks/{hook['id']}", "ping")
        await customer.jobs()
        await customer.by_the_clock("webhooks.forget")
        assert await sql(db, "SELECT count(*) FROM webhook_attempt") == [(1,)]
        monkeypatch.setattr(jobs, "KEPT", timedelta(days=-1))
        await customer.by_the_clock("webhooks.forget")
        assert await sql(db, "SELECT count(*) FROM webhook_attempt") == [(0,)]


class TestRecording:
    async def test_what_did_not_happen_is_not_told(
        self, receiver: Receiver, listen: Listen, customer: Customer, db: Database
    ) -> None:
        await listen()
        async with db.begin() as session:
            product = (await make_shirt(session)).product_id
        async with db.begin() as session:
            await publish(session, ProductChanged(product))
            await session.rollback()
        await customer.jobs()
        assert receiver.calls == []

    async def test_disabled_and_choosy_ones_hear_nothing(
        self, receiver: Receiver, admin: StaffApi, listen: Listen, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        deaf = await listen(path="/deaf")
        await listen("concert.cancelled", path="/choosy")
        await admin.do(f"/webhooks/{deaf['id']}", "disable")
        concert = await staff_api.concert()
        for action in ("announce", "postpone", "announce", "cancel"):
            await staff_api.do(f"/concerts/{concert['id']}", action)
        await customer.jobs()
        assert [(call.path, call.told["type"]) for call in receiver.calls] == [("/choosy", "concert.cancelled")]

    async def test_too_much_is_left_out(
        self, receiver: Receiver, listen: Listen, customer: Customer, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await listen("product.changed")
        monkeypatch.setattr(record, "MOST_BYTES", 200)
        async with db.begin() as session:
            product = (await make_shirt(session)).product_id
            await publish(session, ProductChanged(product))
        await customer.jobs()
        assert receiver.calls[0].told["data"] == {"id": str(product), "too_large": True}

    async def test_an_order_costs_nothing_while_nobody_listens(self, customer: Customer, db: Database) -> None:
        """No statement but the one that every process makes each five seconds."""
        record.expect_listeners()
        async with db.begin() as session:
            tickets = await make_tickets(session, 10)
        await customer.pay(await customer.order_at_once(tickets.id))
        order = await customer.order_at_once(tickets.id)
        with counting() as sent:
            await customer.pay(order)
        asked = [statement for statement in sent if "webhook_" in str(statement)]
        assert len([each for each in asked if "webhook_endpoint" in str(each)]) <= 1
        assert await sql(db, "SELECT count(*) FROM webhook_message") == [(0,)]
