"""Passwords are hashed by threads of their own, and what is kept opens for one password only."""

import asyncio

import pytest

from apps.accounts.passwords import hashed, is_outdated, is_right

pytestmark = pytest.mark.anyio
PASSWORD = "seven gulls over the harbour"


async def test_a_hash_opens_for_its_password_only() -> None:
    kept = await hashed(PASSWORD)
    assert await is_right(PASSWORD, kept)
    assert not await is_right(PASSWORD + " ", kept)
    assert not is_outdated(kept)


@pytest.mark.parametrize("kept", [None, "", "!", PASSWORD, "$2b$12$" + "a" * 53])
async def test_without_a_hash_nothing_opens(kept: str | None) -> None:
    assert not await is_right(PASSWORD, kept)


async def test_the_same_letters_from_another_keyboard_open() -> None:
    assert await is_right("cafe\u0301 on the quay", await hashed("caf\u00e9 on the quay"))


async def test_what_is_longer_than_any_password_opens_nothing() -> None:
    expands_when_normalised = "\ufdfa"
    assert not await is_right(expands_when_normalised * 1000, await hashed(PASSWORD))
    longest = "\U0001f426" * 128
    assert not await is_right(longest[1:], await hashed(longest))


@pytest.mark.parametrize("typed", ["\ud800 gulls over the harbour", "seven gulls\0over the harbour"])
async def test_what_is_no_text_opens_nothing(typed: str) -> None:
    assert not await is_right(typed, await hashed(PASSWORD))


async def test_the_loop_goes_on_meanwhile() -> None:
    hashing = asyncio.gather(*(hashed(PASSWORD) for _ in range(4)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 10
