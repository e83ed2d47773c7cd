"""The list as people download it: one text file, packed by gzip or not, or a folder with a file for each range."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from apps.accounts.passwords.breaches.list_file import RANGES

AT_A_TIME = 8 * 1024 * 1024
GZIP = b"\x1f\x8b"
LONGEST_LINE = 200
LINE_START = re.compile(rb"^(?=[^\r\n])", re.MULTILINE)


class BadList(Exception):
    """Not the list; the text says why."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines. `bytes_read`: of what was downloaded, since the block before."""

    text: bytes
    first_line: int
    bytes_read: int


def size_of(path: Path) -> int:
    """In the unit of `bytes_read`."""
    return RANGES if path.is_dir() else path.stat().st_size


def blocks_of(path: Path) -> Iterator[Block]:
    """Raises BadList."""
    return _of_folder(path) if path.is_dir() else _of_file(path)


def _of_file(path: Path) -> Iterator[Block]:
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        text = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
        try:
            yield from _lines(text, raw)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise BadList("The file ends too early, or is damaged: it cannot be unpacked.") from None


def _lines(text: IO[bytes], raw: IO[bytes]) -> Iterator[Block]:
    rest, line, before = b"", 1, 0
    while chunk := text.read(AT_A_TIME):
        whole, newline, after = chunk.rpartition(b"\n")
        if not newline and len(rest) + len(chunk) > LONGEST_LINE:
            raise BadList(f"Line {line} is no SHA-1 hash with a count (SHA1:count): it is too long.")
        if not newline:
            rest += chunk
            continue
        at = raw.tell()
        yield Block(block := rest + whole + newline, line, at - before)
        rest, line, before = after, line + block.count(b"\n"), at
    if rest:
        yield Block(rest + b"\n", line, raw.tell() - before)


def _of_folder(path: Path) -> Iterator[Block]:
    """Lines without the range's five digits, which are the file's name. `bytes_read` counts files."""
    for number in range(RANGES):
        prefix = f"{number:05X}"
        try:
            text = (path / f"{prefix}.txt").read_bytes()
        except FileNotFoundError:
            raise BadList(
                f"{prefix}.txt is missing: the folder must have the files of all {RANGES:,} ranges."
            ) from None
        if not text.strip():
            raise BadList(f"{prefix}.txt is empty, which no range is.")
        lines = LINE_START.sub(prefix.encode(), text)
        yield Block(lines if lines.endswith(b"\n") else lines + b"\n", 1, 1)
