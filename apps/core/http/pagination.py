"""Pages of a list by key: `after` names the last row seen, so that a deep page costs what the first one does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import blake2b
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _

Item = TypeVar("Item")
PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=100)]
After = Annotated[str | None, QueryParameter(name="after", max_length=2000, required=False)]
"""Empty as well as not given it is the first page: templates of addresses send it so."""


class BadCursor(AppError):
    status = 422
    type = "bad-cursor"
    message = _("“after” is not a place in this list.")


class Page(msgspec.Struct, Generic[Item]):
    """`next` goes into `after`; null on the last page."""

    items: list[Item]
    next: str | None


def list_name(query: msgspec.Struct) -> str:
    """A short name for the list that `query` asks for. Its cursors carry it: a place in one list is none in another."""
    return blake2b(msgspec.json.encode(query), digest_size=6).hexdigest()


def cursor(*key: str) -> str:
    return urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def cursor_key(after: str, size: int) -> list[str]:
    """The key of the row that `after` names; BadCursor when it is none of ours."""
    try:
        raw = urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4))
        key = msgspec.json.decode(raw, type=list[str])
    except (ValueError, UnicodeError):
        raise BadCursor from None
    if len(key) != size or any("\0" in part for part in key):
        raise BadCursor
    return key


def typed_key(after: str, *kinds: Any) -> list[Any]:
    """The same, each part as one of `kinds`."""
    key = cursor_key(after, len(kinds))
    try:
        return [msgspec.convert(part, kind, strict=False) for part, kind in zip(key, kinds, strict=True)]
    except msgspec.ValidationError:
        raise BadCursor from None


def cursor_values(query: msgspec.Struct, after: str, kinds: Iterable[Any]) -> list[Any]:
    """The key of the row that `after` names in the list of `query`; BadCursor for a place in another list."""
    name, *last_values = typed_key(after, str, *kinds)
    if name != list_name(query):
        raise BadCursor
    return last_values
