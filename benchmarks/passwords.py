"""The list of breached passwords, imported and asked; and the estimate of a password's strength.

Each beside its limit: reading the file, the password's SHA-1, the hash that is made of whatever is good enough.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha1
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from apps.accounts.passwords.breaches.importing import import_list
from apps.accounts.passwords.breaches.list_file import BreachedPasswords
from apps.accounts.passwords.breaches.sources import AT_A_TIME, blocks_of
from apps.accounts.passwords.hashing import ARGON2
from apps.accounts.passwords.strength import is_easy

LOOKUPS, JUDGED, HASHED = 200_000, 200, 10
ORDINARY = "seven gulls over the harbour"
HOSTILE = ("a" * 128, "1" * 128, "ab" * 64, "4@8({[<369&!1|0$5+7%2" * 6, "lI1|!@4a" * 16)


def play(hashes: int) -> None:
    with TemporaryDirectory() as folder:
        source, made = Path(folder) / "list.txt", Path(folder) / "made"
        write_list(source, hashes)
        with timed() as reading:
            read(source)
        with timed() as importing:
            import_list(blocks_of(source), made, on_progress=lambda _: None)
        size = source.stat().st_size / hashes
        click.echo(f"import: {hashes:,} lines of {size:.0f} bytes, {hashes / importing():,.0f} a second")
        click.echo(
            f"  {importing() / reading():.0f} times as long as reading; {made.stat().st_size / hashes:.1f} bytes each"
        )
        lookups(BreachedPasswords.open(made))
    estimates()


def lookups(known: BreachedPasswords) -> None:
    asked = [f"gull {number}" for number in range(LOOKUPS)]
    limit = each_of(asked, lambda password: sha1(password.encode()).digest())
    found = each_of(asked, known.__contains__)
    click.echo(f"lookup: {found * 1e6:.1f} µs, SHA-1 alone {limit * 1e6:.1f} µs: {found / limit:.1f} times as long")


def estimates() -> None:
    limit = each_of([ORDINARY] * HASHED, lambda password: ARGON2.hash(password))
    is_easy(ORDINARY, ())
    for what, passwords in (("a sentence", (ORDINARY,)), ("the worst", HOSTILE)):
        longest = max(each_of([password] * (JUDGED // 10), lambda each: is_easy(each, ())) for password in passwords)
        click.echo(f"estimate of {what}: {longest * 1e3:.1f} ms, {longest / limit:.0%} of the argon2id hash")


def each_of(things: list[Any], do: Callable[[Any], Any]) -> float:
    """Seconds of one."""
    with timed() as took:
        for each in things:
            do(each)
    return took() / len(things)


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: ended[0]
    ended.append(time.perf_counter() - began)


def read(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(AT_A_TIME):
            pass


def write_list(path: Path, hashes: int) -> None:
    """In order, and spread over all ranges as real hashes are."""
    step, chance, counts = 2**160 // hashes, random.Random(1), cycle((1, 7, 31, 250))
    with path.open("wb") as file:
        file.writelines(
            b"%040X:%d\r\n" % (number * step + chance.getrandbits(120), next(counts)) for number in range(hashes)
        )
