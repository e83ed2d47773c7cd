"""Turns the published list into our file: in one pass, with a bounded amount of memory, whole or not at all."""

import os
import re
from array import array
from binascii import unhexlify
from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from apps.accounts.passwords.breaches.list_file import HASHES_AT, RANGES, checksum, header_of, index_of
from apps.accounts.passwords.breaches.sources import BadList, Block

LINE = re.compile(rb"^([0-9A-F]{13})[0-9A-F]{27}:[0-9]+\r?$", re.MULTILINE)
NTLM = re.compile(rb"[0-9A-F]{32}(:|\r?$)", re.MULTILINE)
PREFIX, KEPT = 5, 8
"""Digits that name the range, and those after them that are kept."""
AFTER_ALL_DIGITS = b"G"


def import_list(blocks: Iterable[Block], path: Path, *, on_progress: Callable[[int], None]) -> int:
    """Puts the list at `path`, in the place of the one before; `on_progress` is told the bytes read since it last was.

    Returns how many hashes there are. Raises BadList, and `path` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        try:
            count = _write(blocks, file, on_progress)
            file.flush()
            os.fchmod(file.fileno(), 0o644)  # no secret, and the server may run as somebody else
            os.fsync(file.fileno())
            Path(file.name).rename(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    _keep_name(path.parent)
    return count


def _write(blocks: Iterable[Block], file: IO[bytes], on_progress: Callable[[int], None]) -> int:
    counts, last, written = array("Q", bytes(8 * RANGES)), b"", blake2b(digest_size=16)
    file.seek(HASHES_AT)
    for block in blocks:
        hashes = _read(block, after=last)
        last = hashes[-1]
        _count(hashes, counts)
        written.update(kept := _kept(hashes))
        file.write(kept)
        on_progress(block.bytes_read)
    count = sum(counts)
    if not count:
        raise BadList("There is no hash in it.")
    index = index_of(counts).tobytes()
    file.seek(0)
    file.write(header_of(count=count, moment=datetime.now(UTC), index=checksum(index), hashes=written.digest()))
    file.write(index)
    return count


def _read(block: Block, *, after: bytes) -> list[bytes]:
    """The first 13 digits of each hash. Raises BadList."""
    text = block.text.upper()
    hashes = LINE.findall(text)
    if len(hashes) != text.count(b"\n") or not hashes:
        raise BadList(_reason(text, block.first_line))
    if hashes[0] < after or hashes != sorted(hashes):
        raise BadList("The hashes are not in order. Take the list that is ordered by hash, not the one by prevalence.")
    return hashes


def _reason(text: bytes, first_line: int) -> str:
    if first_line == 1 and NTLM.match(text):
        return "These are NTLM hashes. Take the list of SHA-1 hashes."
    for number, line in enumerate(text.split(b"\n"), first_line):
        if not LINE.fullmatch(line):
            shown = line[:60].decode("ascii", "replace").strip()
            return f"Line {number} is no SHA-1 hash with a count (SHA1:count): {shown!r}"
    return "There is no hash in it."


def _count(hashes: list[bytes], counts: "array[int]") -> None:
    at = 0
    while at < len(hashes):
        prefix = hashes[at][:PREFIX]
        end = bisect_left(hashes, prefix + AFTER_ALL_DIGITS, at)
        counts[int(prefix, 16)] += end - at
        at = end


def _kept(hashes: list[bytes]) -> bytes:
    """32 bits of each: digits are picked from all at once, which is several times as fast as one hash after another."""
    digits, all = bytearray(KEPT * len(hashes)), b"".join(hashes)
    for number in range(KEPT):
        digits[number::KEPT] = all[PREFIX + number :: PREFIX + KEPT]
    kept = array("I", unhexlify(digits))
    if kept.itemsize != KEPT // 2:
        raise TypeError("an unsigned int of this machine has not 32 bits")
    if int.from_bytes(b"\0\1", "big") != array("H", b"\0\1")[0]:
        kept.byteswap()
    return kept.tobytes()


def _keep_name(folder: Path) -> None:
    """After a loss of power, too, the file has its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
