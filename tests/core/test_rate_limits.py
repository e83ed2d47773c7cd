"""Limits admit exactly what they say, over all processes, and say how things stand."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from socket import inet_aton
from time import monotonic
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from litestar.connection import ASGIConnection
from redis.asyncio import Redis
from redis.exceptions import RedisError

from apps.core import fallible_redis
from apps.core.db.database import Database
from apps.core.http.rate_limits import Limits, TooManyRequests, limited, open_limits
from apps.core.http.rate_limits.counts import DatabaseCounts, RedisCounts
from apps.core.http.rate_limits.limit import Count, Counts, caller
from apps.core.jobs import forget_rate_counts
from apps.core.security.networks import network_key
from project.settings import settings
from tests.conftest import free_port
from tests.journeys.customer import sql
from tests.kernel.processes import somebody_waits, standing_in_the_way, until

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)
FIVE = limited("five", 5, per=MINUTE)


async def admitted(counts: list[Counts], *, times: int) -> int:
    """Hits by one caller, all at once, dealt out to several processes' counts."""
    limits = [Limits(each) for each in counts]
    hits = (limits[n % len(limits)].hit(FIVE, "a") for n in range(times))
    outcomes = await asyncio.gather(*hits, return_exceptions=True)
    refused = [each for each in outcomes if isinstance(each, TooManyRequests)]
    assert len(refused) == times - sum(not isinstance(each, Exception) for each in outcomes)
    return times - len(refused)


async def hit_twice(counts: Counts) -> None:
    """The second hit would have a longer window; it is one of the first's."""
    id = uuid4()
    hits = [await counts.count(id, window) for window in (MINUTE, 2 * MINUTE)]
    assert [(each.hits, each.seconds_left <= 60) for each in hits] == [(1, True), (2, True)]


class TestInTheDatabase:
    async def test_exactly_so_many_of_a_crowd_are_admitted(self, db: Database) -> None:
        others = [Database(db.url, pool_size=2) for _ in range(3)]
        assert await admitted([DatabaseCounts(each) for each in (db, *others)], times=200) == 5
        for each in others:
            await each.close()

    async def test_callers_and_limits_are_counted_apart(self, db: Database) -> None:
        limits = Limits(DatabaseCounts(db))
        other = limited("other", 1, per=MINUTE)
        standings = [await limits.hit(FIVE, "a"), await limits.hit(FIVE, "b"), await limits.hit(other, "a")]
        assert [each.count.hits for each in standings if each] == [1, 1, 1]

    async def test_a_new_window_begins_when_the_old_one_is_over(self, db: Database) -> None:
        assert await admitted([DatabaseCounts(db)], times=9) == 5
        await sql(db, "UPDATE rate_count SET window_ends_at = now() - interval '1 second'")
        assert await admitted([DatabaseCounts(db)], times=9) == 5

    async def test_what_waits_together_is_one_statement_and_each_has_its_own_number(self, db: Database) -> None:
        counts, id = DatabaseCounts(db), uuid4()
        numbered = await asyncio.gather(*(counts.count(id, MINUTE) for _ in range(50)))
        assert [each.hits for each in numbered] == list(range(1, 51))
        assert all(59 < each.seconds_left <= 60 for each in numbered)

    async def test_further_hits_do_not_lengthen_a_window(self, db: Database) -> None:
        await hit_twice(DatabaseCounts(db))

    async def test_who_waits_for_one_key_keeps_none_that_comes_later(self, db: Database) -> None:
        """Processes that count the same callers in another order never wait for each other."""
        counts, (first, last) = DatabaseCounts(db), (UUID(int=1), UUID(int=2))
        for id in (first, last):
            await counts.count(id, MINUTE)
        async with standing_in_the_way(db, f"SELECT 1 FROM rate_count WHERE key = '{first}' FOR UPDATE"):
            waiting = [asyncio.create_task(counts.count(id, MINUTE)) for id in (last, first)]
            await until(lambda: somebody_waits(db))
            assert (await DatabaseCounts(db).count(last, MINUTE)).hits == 2
        assert [each.hits for each in await asyncio.gather(*waiting)] == [3, 2]

    async def test_the_sweep_forgets_windows_that_are_over(self, db: Database) -> None:
        counts = DatabaseCounts(db)
        await counts.count(uuid4(), timedelta(microseconds=1))
        await counts.count(uuid4(), MINUTE)
        await forget_rate_counts.run(db, None)
        assert len(await sql(db, "SELECT * FROM rate_count")) == 1

    async def test_no_address_is_kept(self, db: Database) -> None:
        await Limits(DatabaseCounts(db)).hit(FIVE, "address 192.0.2.7")
        (row,) = await sql(db, "SELECT rate_count::text FROM rate_count")
        unkeyed = UUID(bytes=blake2b(b"five\0address 192.0.2.7", digest_size=16).digest())
        assert [told for told in ("192.0.2.7", str(unkeyed)) if told in row[0]] == []


class TestInRedis:
    @pytest.fixture
    async def redis_url(self, tmp_path: Path) -> AsyncIterator[str]:
        if not (program := shutil.which("redis-server")):
            pytest.skip("redis-server is not installed")
        port = free_port()
        options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path))
        server = await asyncio.create_subprocess_exec(program, *options, stdout=asyncio.subprocess.DEVNULL)
        url = f"redis://127.0.0.1:{port}/0"
        await until(lambda: answers(url))
        yield url
        server.kill()
        await server.wait()

    async def test_exactly_so_many_of_a_crowd_are_admitted(self, redis_url: str, db: Database) -> None:
        counts = [RedisCounts(redis_url, otherwise=DatabaseCounts(db)) for _ in range(2)]
        assert await admitted([*counts], times=100) == 5
        assert await sql(db, "SELECT * FROM rate_count") == []
        for each in counts:
            await each.close()

    async def test_windows_end_by_themselves(self, redis_url: str, db: Database) -> None:
        counts, id = RedisCounts(redis_url, otherwise=DatabaseCounts(db)), uuid4()
        first = await counts.count(id, timedelta(milliseconds=50))
        await asyncio.sleep(0.1)
        assert (first.hits, (await counts.count(id, MINUTE)).hits) == (1, 1)
        await counts.close()

    async def test_further_hits_do_not_lengthen_a_window(self, redis_url: str, db: Database) -> None:
        counts = RedisCounts(redis_url, otherwise=DatabaseCounts(db))
        await hit_twice(counts)
        await counts.close()

    async def test_the_settings_choose_who_counts(
        self, redis_url: str, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for chosen, rows in (("off", redis_url), 0), (("on", redis_url), 0), (("on", ""), 1):
            changed = dict(zip(("rate_limits", "redis_url"), chosen, strict=True))
            monkeypatch.setattr(
                "apps.core.http.rate_limits.counts.settings", msgspec.structs.replace(settings, **changed)
            )
            limits = open_limits(db)
            assert bool(await limits.hit(FIVE, "a")) is (chosen[0] == "on")
            assert len(await sql(db, "SELECT * FROM rate_count")) == rows
            await limits.close()

    async def test_without_redis_the_database_counts(self, db: Database) -> None:
        lost = RedisCounts(f"redis://127.0.0.1:{free_port()}/0", otherwise=DatabaseCounts(db))
        assert await admitted([lost], times=9) == 5
        await lost.close()

    async def test_a_redis_that_does_not_answer_is_left_in_peace_for_a_while(
        self, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[asyncio.StreamWriter] = []
        silent = await asyncio.start_server(lambda _, writer: asked.append(writer), "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        counts, id = RedisCounts(f"redis://127.0.0.1:{port}/0", otherwise=DatabaseCounts(db)), uuid4()
        assert [(await counts.count(id, MINUTE)).hits for _ in range(5)] == [1, 2, 3, 4, 5]
        assert len(asked) == 1
        monkeypatch.setattr(fallible_redis, "monotonic", lambda: monotonic() + fallible_redis.PAUSE)
        await counts.count(id, MINUTE)
        assert len(asked) == 2
        await counts.close()
        silent.close()


async def answers(url: str) -> bool:
    async with Redis.from_url(url) as client:
        try:
            return bool(await client.ping())
        except RedisError:
            return False


class TestCallers:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("192.0.2.1", "192.0.2.2", False),
            ("192.0.2.1", "::ffff:192.0.2.1", True),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("fe80::1%eth0", "fe80::2", True),
            ("one.example", "other.example", False),
            ("", "", True),
        ],
    )
    def test_a_household_is_one_caller(self, one: str, other: str, same: bool) -> None:
        assert (caller(asking(one)) == caller(asking(other))) is same
        assert (network_key(asking(one)) == network_key(asking(other))) is same

    def test_nobody_works_out_a_network_without_our_key(self) -> None:
        unkeyed = blake2b(inet_aton("192.0.2.1"), digest_size=8).digest()
        assert network_key(asking("192.0.2.1")) != int.from_bytes(unkeyed, signed=True)

    def test_who_is_signed_in_is_the_same_from_everywhere(self) -> None:
        current_user = SimpleNamespace(caller="user 1")
        assert caller(asking("192.0.2.1", current_user=current_user)) == caller(
            asking("192.0.2.9", current_user=current_user)
        )
        assert caller(asking("192.0.2.1", current_user=current_user)) != caller(asking("192.0.2.1"))


def asking(host: str, **state: Any) -> ASGIConnection:
    return ASGIConnection({"type": "http", "client": (host, 1234), "state": state})


class TestAnswers:
    async def test_switched_off_they_count_nothing(self) -> None:
        assert await Limits(None).hit(FIVE, "a") is None

    def test_they_tell_how_things_stand(self) -> None:
        limit = limited("sign-in", 10, per=timedelta(seconds=90))
        assert limit.policy == '"sign-in";q=10;w=90'
        assert limit == limited("sign-in", 10, per=timedelta(seconds=90))

    async def test_the_eleventh_is_told_when_to_come_back(self) -> None:
        with pytest.raises(TooManyRequests) as refused:
            await Limits(Fixed(Count(6, 29.3))).hit(FIVE, "a")
        assert refused.value.headers == {
            "Retry-After": "30",
            "RateLimit-Policy": '"five";q=5;w=60',
            "RateLimit": '"five";r=0;t=30',
        }
        assert refused.value.sentence("en") == "Too many requests. Please try again in 30 seconds."

    async def test_nobody_is_told_to_come_back_at_once(self) -> None:
        with pytest.raises(TooManyRequests) as refused:
            await Limits(Fixed(Count(6, 0))).hit(FIVE, "a")
        assert refused.value.headers["Retry-After"] == "1"


class Fixed:
    def __init__(self, count: Count) -> None:
        self._count = count

    async def count(self, *_: object) -> Count:
        return self._count

    async def close(self) -> None: ...
