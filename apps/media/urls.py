"""URLs of pictures: /media/<hash>/<width>.webp. A picture that is less wide keeps its own width."""

import re
from collections.abc import Iterable

WIDTHS = (320, 640, 1280)
LARGEST = max(WIDTHS)
FOLDER = "/media/([0-9a-f]{64})/"
"""A pattern, for Python and for PostgreSQL: wherever a text names a picture of ours, its hash in hexadecimal digits."""
ADDRESS = rf"/media/[0-9a-f]{{64}}/{LARGEST}\.webp"
"""A pattern without its ends: the address by which others keep a picture."""


def address(digest: bytes) -> str:
    """Of the largest version; `digest` is the image's `hash`."""
    return f"/media/{digest.hex()}/{LARGEST}.webp"


def digest_of(url: str) -> bytes | None:
    """The `hash` of the picture at this address; None for an address that is none of a picture of ours."""
    return bytes.fromhex(url.split("/")[2]) if re.fullmatch(ADDRESS, url) else None


def hashes_in(texts: Iterable[str]) -> set[bytes]:
    """Of the pictures that they name, by whatever version."""
    return {bytes.fromhex(digits) for text in texts for digits in re.findall(FOLDER, text)}


def srcset(url: str) -> str:
    """For `<img srcset>`: every width there is; "" for an address that is none of a picture of ours."""
    if not re.fullmatch(ADDRESS, url):
        return ""
    folder = url.rpartition("/")[0]
    return ", ".join(f"{folder}/{width}.webp {width}w" for width in WIDTHS)


def thumbnail(url: str) -> str:
    """The smallest version of a picture of ours; any other address stays."""
    return f"{url.rpartition('/')[0]}/{min(WIDTHS)}.webp" if re.fullmatch(ADDRESS, url) else url
