"""argon2id (RFC 9106) in threads of their own, so that neither the event loop nor the memory gives way."""

import secrets
from functools import cache

from passlib.hash import argon2

from apps.accounts.passwords.fair_queue import FairQueue
from apps.accounts.passwords.spelling import normal
from apps.accounts.passwords.weakness import refuse_weak

argon2.set_backend("argon2_cffi")  # else two threads that come first may meet while it is loaded
ARGON2 = argon2.using(type="ID", rounds=3, memory_cost=64 * 1024, parallelism=4)  # type: ignore[no-untyped-call]
"""RFC 9106, 4: the second recommended choice; 64 MiB, about 0.1 s."""
QUEUE = FairQueue(at_once=2, most=20, most_of_one=6)
"""Twenty are about a second's work. Whoever comes then had better come again."""
LONGEST = 4096
"""Bytes that passlib takes; 128 characters are fewer."""


async def new_hash(password: str, *, email: str, name: str, field: str = "password") -> str:
    """The hash of a password that somebody chooses; `field` is where it was typed.

    Raises WeakPassword, Invalid when it is too short or too long, Busy.
    """
    return await QUEUE.run(_new_hash, password, email, name, field)


async def hashed(password: str) -> str:
    """Whatever password it is. Raises Busy."""
    return await QUEUE.run(_hashed, password)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Takes as long when there is no hash, so that time does not tell which addresses are known. Raises Busy."""
    return await QUEUE.run(_is_right, password, password_hash)


def is_outdated(password_hash: str) -> bool:
    """Made with other parameters than today's."""
    return bool(ARGON2.needs_update(password_hash))


def _new_hash(password: str, email: str, name: str, field: str) -> str:
    refuse_weak(password, email=email, name=name, field=field)
    return _hashed(password)


def _hashed(password: str) -> str:
    return str(ARGON2.hash(_bytes(password)))


def _is_right(password: str, password_hash: str | None) -> bool:
    nobodys = _nobodys_hash()
    usable = password_hash if password_hash and ARGON2.identify(password_hash) else nobodys
    return bool(ARGON2.verify(_bytes(password), usable)) and usable is not nobodys


@cache
def _nobodys_hash() -> str:
    return _hashed(secrets.token_urlsafe())


def _bytes(password: str) -> bytes:
    """Half a character, as a broken program may send it, is no error here: it opens nothing."""
    return normal(password).encode(errors="surrogatepass")[:LONGEST]
