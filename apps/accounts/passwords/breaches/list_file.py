"""The file that holds the list: of each SHA-1 its first 52 bits, in order.

The first 20 bits choose one of 2^20 ranges (as the list's publisher has them); the next 32 stand in the range. What was
imported is always found. Something else is found too once in 2^52 / count: with 1.3 billion hashes, once in 3 million.

header (MAGIC, count, moment, checksums of index and hashes, checksum of the header) · where each range starts, and the
last ends: 2^20 + 1 numbers of 64 bits · the hashes, 32 bits each. Numbers are in the machine's own byte order.
"""

import mmap
import os
import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b, sha1
from itertools import accumulate
from pathlib import Path
from typing import Self

MAGIC = f"Backline: breached passwords, version 1, {sys.byteorder}-endian".encode()
HEADER = struct.Struct("=64sQQ16s16s16s")
RANGES = 16**5
INDEX_BYTES = (RANGES + 1) * 8
HASHES_AT = HEADER.size + INDEX_BYTES
HASH_BYTES = 4


class DamagedList(Exception):
    """The file is not what an import has written; the text says why."""


def checksum(data: bytes | memoryview) -> bytes:
    return blake2b(data, digest_size=16).digest()


def header_of(*, count: int, moment: datetime, index: bytes, hashes: bytes) -> bytes:
    """`index` and `hashes` are checksums."""
    made = HEADER.pack(MAGIC, count, int(moment.timestamp()), index, hashes, bytes(16))
    return made[:-16] + checksum(made[:-16])


class BreachedPasswords:
    """The list, mapped into memory: `password in list`."""

    def __init__(self, *, count: int, imported_at: datetime, file: memoryview, hashes_checksum: bytes) -> None:
        self.count, self.imported_at, self.size = count, imported_at, len(file)
        self._starts: Sequence[int] = file[HEADER.size : HASHES_AT].cast("Q")
        self._hashes: Sequence[int] = file[HASHES_AT:].cast("I")
        self._bytes, self._checksum = file[HASHES_AT:], hashes_checksum

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises DamagedList, FileNotFoundError. The hashes themselves are not read: that would take seconds."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < HASHES_AT:
                raise DamagedList("it is too short to be a list")
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        magic, count, moment, index, hashes, own = HEADER.unpack(view[: HEADER.size])
        if magic.rstrip(b"\0") != MAGIC:
            raise DamagedList("it was not made by this version of Backline on such a machine")
        if own != checksum(view[: HEADER.size - 16]) or index != checksum(view[HEADER.size : HASHES_AT]):
            raise DamagedList("its checksum is not right")
        if size != HASHES_AT + count * HASH_BYTES:
            raise DamagedList(f"it has {size} bytes instead of {HASHES_AT + count * HASH_BYTES}")
        return cls(
            count=count, imported_at=datetime.fromtimestamp(moment, UTC), file=view, hashes_checksum=bytes(hashes)
        )

    def __contains__(self, password: str) -> bool:
        first = int.from_bytes(sha1(password.encode(errors="surrogatepass"), usedforsecurity=False).digest()[:7])
        number, wanted = first >> 36, first >> 4 & 0xFFFFFFFF
        end = self._starts[number + 1]
        at = bisect_left(self._hashes, wanted, self._starts[number], end)
        return at < end and self._hashes[at] == wanted

    def is_whole(self) -> bool:
        """Reads all of it."""
        return checksum(self._bytes) == self._checksum


def index_of(counts: "array[int]") -> "array[int]":
    """Where each range starts, and the last one ends, by how many hashes each has."""
    return array("Q", accumulate(counts, initial=0))
