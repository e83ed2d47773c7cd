"""Passwords: argon2id (RFC 9106) in threads of their own, so that neither the event loop nor the memory gives way."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar
from unicodedata import normalize

from passlib.hash import argon2

from apps.core.errors import Busy, FieldError, Invalid
from apps.core.text.i18n import lazy as _
from project.settings import settings

Result = TypeVar("Result")
ARGON2 = argon2.using(type="ID", rounds=3, memory_cost=64 * 1024, parallelism=4)  # type: ignore[no-untyped-call]
"""RFC 9106, 4: the second recommended choice; 64 MiB, about 0.1 s."""
AT_ONCE = 2
THREADS = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="passwords")
in_line: set[Future[Any]] = set()
MOST_IN_LINE = 20
"""Passwords at work and waiting: about a second's work. Whoever comes then had better come again."""
LONGEST = 4096
"""What passlib takes; 128 characters come to less, however they are composed."""
FEWEST_CHARACTERS = 5
EVERYBODYS = frozenset(
    ("0123456789", "1234567890", "0987654321", "1q2w3e4r5t", "qwertyuiop", "asdfghjkl;", "password123", "password1234")
)


class WeakPassword(Invalid):
    """`errors` names the field."""

    type = "weak-password"
    message = _("This password is too easy to guess.")


def refuse_weak(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Raises WeakPassword for what everybody tries first; `field` is where it was typed."""
    plain = _normal(password).casefold()
    own = {text.casefold() for text in (email, email.partition("@")[0], name, settings.band_name)}
    if len(set(plain)) < FEWEST_CHARACTERS or plain in EVERYBODYS | own:
        raise WeakPassword(errors=[FieldError(field, WeakPassword.message)])


async def hashed(password: str) -> str:
    """Raises Busy."""
    return await _in_line(_hashed, password)


async def is_right(password: str, password_hash: str | None) -> bool:
    """Takes as long when there is no hash, so that time does not tell which addresses are known. Raises Busy."""
    return await _in_line(_is_right, password, password_hash)


def is_outdated(password_hash: str) -> bool:
    """Made with other parameters than today's."""
    return bool(ARGON2.needs_update(password_hash))


async def _in_line(work: Callable[..., Result], *arguments: str | None) -> Result:
    if len(in_line) >= MOST_IN_LINE:
        raise Busy
    future = THREADS.submit(work, *arguments)
    in_line.add(future)
    future.add_done_callback(in_line.discard)
    return await asyncio.wrap_future(future)


def _hashed(password: str) -> str:
    return str(ARGON2.hash(_normal(password)))


def _is_right(password: str, password_hash: str | None) -> bool:
    nobodys = _nobodys_hash()
    usable = password_hash if password_hash and ARGON2.identify(password_hash) else nobodys
    return bool(ARGON2.verify(_normal(password), usable)) and usable is not nobodys


@cache
def _nobodys_hash() -> str:
    return _hashed(secrets.token_urlsafe())


def _normal(password: str) -> str:
    """The same password, whatever keyboard composed it (NIST SP 800-63B, 5.1.1.2)."""
    return normalize("NFKC", password)[:LONGEST]
