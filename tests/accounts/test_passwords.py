"""Passwords are hashed by threads of their own, and what is kept opens for one password only."""

import asyncio

import pytest

from apps.accounts.passwords import WeakPassword, hashed, is_outdated, is_right, refuse_weak
from apps.accounts.schemas import LONGEST_PASSWORD

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
    longest = expands_when_normalised * LONGEST_PASSWORD
    assert not await is_right(longest[1:], await hashed(longest))


async def test_the_loop_goes_on_meanwhile() -> None:
    hashing = asyncio.gather(*(hashed(PASSWORD) for _ in range(4)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 10


@pytest.mark.parametrize(
    "password", ["1234567890", "aaaaaaaaaaaa", "ababababab", "Ada@Example.org", "ada lovelace", "Password123"]
)
async def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        refuse_weak(password, email="ada@example.org", name="Ada Lovelace")


async def test_a_sentence_is_a_good_password() -> None:
    refuse_weak(PASSWORD, email="ada@example.org", name="")
