"""Files that are pictures, or say so."""

import struct
import zlib
from io import BytesIO
from os import urandom
from typing import Any

from PIL import Image


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (960, 480), mode: str = "RGB", **options: Any) -> bytes:
    """A file that nobody has sent before: a few dots in it are random."""
    image = Image.new(mode, size, "darkred" if mode in ("RGB", "RGBA") else 0)
    image.paste(Image.frombytes("RGB", (4, 4), urandom(48)).resize((64, 64)).convert(mode), (0, 0))
    return encoded(image, kind, **options)


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def bomb(side: int) -> bytes:
    """A PNG of some hundred bytes that claims to have `side` × `side` pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
