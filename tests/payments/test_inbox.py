"""What providers report is stored before it is understood; the same event twice is one."""

import time
from dataclasses import replace
from uuid import UUID, uuid4

import msgspec
import pytest

from apps.core.db.database import Database, now
from apps.payments.demo.provider import DemoProvider
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from apps.payments.inbox.webhook_queue import open_webhook_queue
from apps.payments.inbox.webhooks import NotParked, dismiss, receive, try_again, understand
from apps.payments.models import Payment, PaymentState
from apps.payments.providers import BadSignature, ProviderUnknown, WebhookCall, registered
from apps.payments.providers.http import ProviderHttp
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio


def signed(event: EventBody) -> WebhookCall:
    body = msgspec.json.encode(event)
    return WebhookCall({HEADER.lower(): signature(body, at=int(time.time()))}, body)


@pytest.fixture
def event() -> EventBody:
    return EventBody("evt_1", "payment.confirmed", uuid4(), 1000, "EUR")


async def inbox(db: Database) -> tuple[int, int]:
    """Events stored, jobs that wait to understand them."""
    return len(await sql(db, "SELECT * FROM webhook_event")), len(await sql(db, "SELECT * FROM pgqueuer"))


async def test_the_same_event_twice_is_stored_and_handled_once(db: Database, event: EventBody) -> None:
    for _ in range(3):
        await receive(db, open_webhook_queue(db), "demo", signed(event))
    assert await inbox(db) == (1, 0)


async def test_a_bad_signature_or_an_unknown_provider_stores_nothing(db: Database, event: EventBody) -> None:
    forged = WebhookCall({HEADER.lower(): "t=1,v1=0"}, signed(event).body)
    for provider, error in (("demo", BadSignature), ("nobody", ProviderUnknown)):
        with pytest.raises(error):
            await receive(db, open_webhook_queue(db), provider, forged)
    assert await inbox(db) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("payment.confirmed", "unknown_payment"),
        ("refund.done", "unknown_refund"),
        ("something.new", "unknown_kind"),
    ],
)
async def test_what_nobody_knows_here_is_parked(db: Database, event: EventBody, kind: str, problem: str) -> None:
    await receive(db, open_webhook_queue(db), "demo", signed(msgspec.structs.replace(event, kind=kind)))
    ((id,),) = await sql(db, "SELECT id FROM webhook_event")
    for _ in range(2):
        async with db.begin() as session:
            await understand(session, id)
    told = kind if problem == "unknown_kind" else str(event.subject)
    assert await sql(db, "SELECT handled_at, problem, detail FROM webhook_event") == [(None, problem, told)]


async def stored(db: Database, event: EventBody) -> UUID:
    await receive(db, open_webhook_queue(db), "demo", signed(event))
    ((id,),) = await sql(db, "SELECT id FROM webhook_event WHERE event_id = :id", id=event.id)
    return UUID(str(id))


async def pending_payment(db: Database, event: EventBody) -> None:
    """The one that the event is about."""
    async with db.begin() as session:
        facts = {"id": event.subject, "owner_id": uuid4(), "provider": "demo", "state": PaymentState.pending}
        session.add(Payment(**facts, amount=1000, currency="EUR", expires_at=await now(session)))


async def understood(db: Database, *events: UUID) -> list[tuple[str]]:
    """The states of the payments after these were understood one after the other."""
    for event in events:
        async with db.begin() as session:
            await understand(session, event)
    return await sql(db, "SELECT state FROM payment")


async def test_what_is_parked_waits_for_a_person(db: Database, event: EventBody) -> None:
    id = await stored(db, event)
    await understood(db, id)
    await pending_payment(db, event)
    assert await understood(db, id) == [("pending",)]


async def test_what_was_handled_changes_nothing_later(db: Database, event: EventBody) -> None:
    await pending_payment(db, event)
    replace = msgspec.structs.replace
    failed = await stored(db, replace(event, kind="payment.failed"))
    assert await understood(db, failed) == [("failed",)]
    another_try = await stored(db, replace(event, id="evt_2", kind="payment.pending"))
    assert await understood(db, another_try, failed) == [("pending",)]


async def test_what_is_dealt_with_is_neither_tried_again_nor_dismissed(db: Database, event: EventBody) -> None:
    id = await stored(db, event)
    async with db.begin() as session:
        await dismiss(session, id, actor="manager")
    for action in (try_again, dismiss):
        async with db.begin() as session:
            with pytest.raises(NotParked):
                await action(session, id, actor="manager")


async def test_the_trail_keeps_what_was_wrong_with_what_is_tried_again(db: Database, event: EventBody) -> None:
    id = await stored(db, event)
    await understood(db, id)
    async with db.begin() as session:
        await try_again(session, id, actor="manager")
    wrong = {"problem": "unknown_payment", "detail": str(event.subject)}
    told = await sql(db, "SELECT action, actor, before FROM audit_entry")
    assert told == [("payments.retry_report", "manager", {"provider": "demo", "event": "evt_1", **wrong})]
    assert await sql(db, "SELECT problem, detail FROM webhook_event") == [(None, "")]


async def test_no_provider_reports_of_what_is_at_another(db: Database, event: EventBody) -> None:
    async with db.begin() as session:
        at_another = Payment(
            owner_id=uuid4(), provider="other", amount=1000, currency="EUR", expires_at=await now(session)
        )
        session.add(at_another)
    await receive(db, open_webhook_queue(db), "demo", signed(msgspec.structs.replace(event, subject=at_another.id)))
    ((id,),) = await sql(db, "SELECT id FROM webhook_event")
    async with db.begin() as session:
        await understand(session, id)
    assert await sql(db, "SELECT problem FROM webhook_event") == [("unknown_payment",)]
    assert await sql(db, "SELECT state, captured FROM payment") == [("created", 0)]


async def test_no_transaction_is_open_while_a_provider_is_asked_about_a_call(
    db: Database, event: EventBody, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asking(DemoProvider):
        async def verify(self, call: WebhookCall) -> bytes:
            found = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in %'"
            )
            assert (await sql(db, found), call.address) == ([(0,)], "192.0.2.1")
            return await super().verify(call)

    monkeypatch.setitem(registered._PROVIDERS, "demo", Asking(ProviderHttp("")))
    await receive(db, open_webhook_queue(db), "demo", replace(signed(event), address="192.0.2.1"))
    assert await inbox(db) == (1, 0)
