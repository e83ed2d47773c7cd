"""Sent until it is heard: again after failures, in order of each thing, a few at once, and never into our network."""

import asyncio
from collections import Counter
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from apps.core.db.database import Database
from apps.core.jobs import run_worker
from apps.core.security import public_web
from apps.webhooks.delivering import delivery, post
from tests.journeys.customer import Customer, sql
from tests.kernel.processes import Processes, until
from tests.letters import was_told
from tests.staff_api import StaffApi
from tests.webhooks.conftest import Listen
from tests.webhooks.receiver import Receiver, after, endless, status

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ping(admin: StaffApi, customer: Customer) -> Any:
    async def sent(hook: dict) -> None:
        await admin.do(f"/webhooks/{hook['id']}", "ping")
        await customer.jobs()

    return sent


@pytest.fixture
async def last(admin: StaffApi) -> Any:
    """The newest delivery with all there is about it."""

    async def found() -> dict:
        newest = (await admin.get("/webhook-deliveries?limit=1"))["items"][0]
        return await admin.get(f"/webhook-deliveries/{newest['id']}")

    return found


async def later(db: Database, customer: Customer) -> None:
    """When the next attempts are due."""
    await sql(
        db, "UPDATE webhook_delivery SET try_at = clock_timestamp(), claimed_until = NULL WHERE state = 'waiting'"
    )
    await customer.by_the_clock("webhooks.send_due")


class TestFailures:
    async def test_what_fails_is_sent_again_as_the_same(
        self, receiver: Receiver, listen: Listen, ping: Any, last: Any, customer: Customer, db: Database
    ) -> None:
        hook = await listen()
        receiver.answers = [status(500, b"Oh no")]
        await ping(hook)
        failed = await last()
        assert (failed["state"], failed["tries"], failed["status"]) == ("waiting", 1, 500)
        assert failed["try_at"] > failed["attempts"][0]["at"]
        assert failed["attempts"][0]["answer"] == "Oh no"
        await later(db, customer)
        assert [call.headers["webhook-id"] for call in receiver.calls] == [failed["event"]] * 2
        assert receiver.calls[0].body == receiver.calls[1].body
        assert ((await last())["state"], len((await last())["attempts"])) == ("delivered", 2)

    async def test_a_slow_answer_is_none(
        self, receiver: Receiver, listen: Listen, ping: Any, last: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(post, "WHOLE", 0.2)
        receiver.answer = after(5, status(204))
        await ping(await listen())
        assert ((await last())["status"], (await last())["error"]) == (None, "too-slow")

    async def test_nobody_there(self, receiver: Receiver, admin: StaffApi, ping: Any, last: Any) -> None:
        await ping(await admin.add("/webhooks", {"url": "http://127.0.0.1:9/"}))
        assert (await last())["error"].startswith("unreachable: ")

    async def test_a_redirect_is_a_failure_and_not_followed(
        self, receiver: Receiver, listen: Listen, ping: Any, last: Any
    ) -> None:
        receiver.answer = status(302, Location=receiver.url("/inner"))
        await ping(await listen())
        assert [call.path for call in receiver.calls] == ["/hook"]
        assert ((await last())["state"], (await last())["status"]) == ("waiting", 302)

    async def test_of_a_huge_answer_the_head_is_kept(
        self, receiver: Receiver, listen: Listen, ping: Any, last: Any
    ) -> None:
        receiver.answer = endless(b"begins\0")
        await ping(await listen())
        assert (await last())["state"] == "delivered"
        answer = (await last())["attempts"][0]["answer"]
        assert answer.startswith("begins\ufffd")
        assert len(answer) == post.MOST_KEPT

    async def test_gone_is_an_end(
        self, receiver: Receiver, listen: Listen, ping: Any, last: Any, admin: StaffApi, db: Database
    ) -> None:
        hook = await listen()
        receiver.answer = status(410)
        await ping(hook)
        assert ((await last())["state"], (await last())["status"]) == ("failed", 410)
        assert (await admin.get(f"/webhooks/{hook['id']}"))["disabled"] == "gone"
        assert await was_told(db, "It answered that it is gone for good")
        await admin.ask("POST", f"/webhooks/{hook['id']}/ping", status=409)

    async def test_given_up_after_three_days(
        self,
        receiver: Receiver,
        listen: Listen,
        ping: Any,
        last: Any,
        admin: StaffApi,
        customer: Customer,
        db: Database,
    ) -> None:
        hook = await listen()
        receiver.answer = status(503)
        await ping(hook)
        await sql(db, "UPDATE webhook_delivery SET first_try_at = now() - interval '71 h 59 min', tries = 15")
        await later(db, customer)
        assert (await last())["state"] == "failed"
        assert (await admin.get(f"/webhooks/{hook['id']}"))["disabled"] is None

    async def test_disabled_after_three_days_without_any_success(
        self,
        receiver: Receiver,
        listen: Listen,
        ping: Any,
        last: Any,
        admin: StaffApi,
        customer: Customer,
        db: Database,
    ) -> None:
        hook = await listen()
        receiver.answer = status(503)
        await ping(hook)
        assert (await admin.get(f"/webhooks/{hook['id']}"))["failing_since"]
        await sql(db, "UPDATE webhook_endpoint SET failing_since = now() - interval '73 h'")
        await ping(hook)
        assert (await admin.get(f"/webhooks/{hook['id']}"))["disabled"] == "failing"
        assert await sql(db, "SELECT DISTINCT state FROM webhook_delivery") == [("failed",)]
        assert await was_told(db, "It has not answered as it should for three days.")
        await admin.do(f"/webhooks/{hook['id']}", "enable")
        receiver.answer = status(200)
        await ping(hook)
        assert (await admin.get(f"/webhooks/{hook['id']}"))["failing_since"] is None

    def test_pauses_grow_to_three_days(self) -> None:
        whole = sum(delivery.pause_after(tries).total_seconds() for tries in range(1, 18))
        assert delivery.pause_after(1).total_seconds() < 10
        assert 60 < whole / 3600 < 100


class TestAddresses:
    async def test_nothing_goes_into_networks(
        self, receiver: Receiver, admin: StaffApi, ping: Any, last: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The name is asked at each connection, and what it means then is what counts."""
        meant = iter([["93.184.216.34", "10.0.0.1"], ["169.254.169.254"], ["::ffff:127.0.0.1"]])

        async def look_up(host: str, port: int) -> Any:
            return [ip_address(each) for each in next(meant)]

        monkeypatch.setattr(public_web, "look_up", look_up)
        hook = await admin.add("/webhooks", {"url": "https://hooks.example.org/"})
        for _lookup in range(3):
            await ping(hook)
            assert (await last())["error"] == "not-public"
        assert receiver.calls == []

    @pytest.mark.parametrize(
        "url",
        [
            *("http://example.org/", "ftp://example.org/", "https://", "x", "https://example.org:22/"),
            *("https://a:b@example.org/", "https://example.org/#a", "https://[::1", "https://exämple.org/"),
            *("https://example.org/a b", "https://example.org:x/"),
        ],
    )
    async def test_what_can_be_no_endpoint_is_refused(self, url: str, admin: StaffApi) -> None:
        answer = await admin.add("/webhooks", {"url": url}, status=422)
        assert answer["errors"][0]["field"] == "url"

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
    def test_loopback_only_where_it_is_allowed(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        assert post.may_be_asked(ip_address(address), 8080)
        monkeypatch.setattr(post, "settings", type("Off", (), {"webhook_loopback": "off"}))
        assert not post.may_be_asked(ip_address(address), 8080)
        assert not post.may_be_told(f"http://{'[::1]' if ':' in address else address}:8080/")


class TestOrder:
    async def test_of_one_thing_the_next_waits_for_the_one_before(
        self, receiver: Receiver, listen: Listen, staff_api: StaffApi, customer: Customer, db: Database
    ) -> None:
        await listen()
        receiver.answers = [status(500)]
        concert, other = await staff_api.concert(title="One"), await staff_api.concert(title="Other")
        await staff_api.do(f"/concerts/{concert['id']}", "announce")
        await customer.jobs()
        await staff_api.do(f"/concerts/{concert['id']}", "postpone")
        await staff_api.do(f"/concerts/{other['id']}", "announce")
        await customer.jobs()
        assert [told(call) for call in receiver.calls] == [("One", "announced"), ("Other", "announced")]
        await later(db, customer)
        assert [told(call) for call in receiver.calls[2:]] == [("One", "announced"), ("One", "postponed")]

    async def test_few_at_once_and_none_twice_by_two_workers(
        self, receiver: Receiver, listen: Listen, staff_api: StaffApi, db: Database, database_url: str
    ) -> None:
        await listen()
        receiver.answer = after(0.1, status(204))
        for number in range(12):
            concert = await staff_api.concert(title=f"Number {number}")
            await staff_api.do(f"/concerts/{concert['id']}", "announce")
        other, stop = Database(database_url), asyncio.Event()
        workers = [asyncio.create_task(run_worker(each, stop=stop)) for each in (db, other)]
        await until(lambda: all_sent(db))
        stop.set()
        await asyncio.gather(*workers)
        await other.close()
        assert len({call.headers["webhook-id"] for call in receiver.calls}) == len(receiver.calls) == 12
        assert 1 < receiver.most_at_once <= delivery.AT_ONCE


async def all_sent(db: Database) -> bool:
    return not await sql(db, "SELECT 1 FROM webhook_delivery WHERE state <> 'delivered'")


class TestKills:
    async def test_who_is_killed_between_sending_and_noting_sends_it_again(
        self,
        receiver: Receiver,
        listen: Listen,
        admin: StaffApi,
        customer: Customer,
        db: Database,
        database_url: str,
        tmp_path: Path,
    ) -> None:
        processes = Processes(database_url, tmp_path)
        hook = await listen()
        receiver.answers = [after(60, status(204))]
        for _number in range(3):
            await admin.do(f"/webhooks/{hook['id']}", "ping")
        processes.worker()
        try:
            await until(lambda: has_heard(receiver, 3))
            await until(lambda: is_noted(db, 2))
        finally:
            processes.stop()
        await later(db, customer)
        assert await all_sent(db)
        assert sorted(Counter(call.headers["webhook-id"] for call in receiver.calls).values()) == [1, 1, 2]


async def has_heard(receiver: Receiver, number: int) -> bool:
    return len(receiver.calls) >= number


async def is_noted(db: Database, number: int) -> bool:
    return await sql(db, "SELECT count(*) FROM webhook_attempt") == [(number,)]


def told(call: Any) -> tuple[str, str]:
    return call.told["data"]["title"], call.told["data"]["state"]
