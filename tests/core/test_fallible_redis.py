"""A crowd at Redis: what it costs while Redis answers, and when it fails."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisDown

from apps.core.fallible_redis import AT_ONCE, FallibleRedis

pytestmark = pytest.mark.anyio
CROWD = 20 * AT_ONCE


@pytest.fixture
def redis() -> FallibleRedis:
    """Connects to nothing: the commands here do not use it."""
    return FallibleRedis("redis://127.0.0.1:1")


class Command:
    """Takes a moment; counts how many of it run at the same time."""

    def __init__(self) -> None:
        self.asked = self.running = self.most = 0

    async def __call__(self) -> str:
        self.asked += 1
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        return "PONG"


class Failing(Command):
    async def __call__(self) -> str:
        await super().__call__()
        raise RedisDown


async def test_all_are_answered_and_few_ask_at_the_same_time(redis: FallibleRedis) -> None:
    command = Command()
    answers = await asyncio.gather(*(redis.tried(command) for _ in range(CROWD)))
    assert (set(answers), command.asked, command.most) == ({"PONG"}, CROWD, AT_ONCE)


async def test_who_waits_while_it_fails_asks_no_more(redis: FallibleRedis) -> None:
    command = Failing()
    answers = await asyncio.gather(*(redis.tried(command) for _ in range(CROWD)))
    assert (set(answers), command.asked) == ({None}, AT_ONCE)
