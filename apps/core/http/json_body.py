"""JSON bodies, and what is wrong with them beyond what msgspec looks at."""

import json
import re
from collections import Counter
from typing import Any

import msgspec

from apps.core.errors import BadRequest, FieldError
from apps.core.http.validation import REQUIRED, TWICE, WRONG, errors_in
from apps.core.text.i18n import lazy as _

DEEPEST = 32
NUL = b"\\u0000"
BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')
PLACE = re.compile(r"\(byte (\d+)\)")


class NotJson(BadRequest):
    """`line` and `column`, from 1: where it stops being JSON. Columns are bytes."""

    message = _("This is no JSON: look at line {line}, column {column}.")


class Twin(Exception):
    """`str(twin)` is the name."""


def _look(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        ((name, _times),) = Counter(name for name, _ in pairs).most_common(1)
        raise Twin(name)


ONCE_ONLY = json.JSONDecoder(object_pairs_hook=_look)


def is_plain(body: bytes) -> bool:
    """Nothing in it that the database or another reader would trip over."""
    return NUL not in body and not _is_deep(body) and _twin(body) is None


def body_errors(body: bytes, decoder: msgspec.json.Decoder[Any]) -> list[FieldError]:
    """All that is wrong with it for `decoder.type`; raises NotJson, or BadRequest for what nobody could read."""
    if not body:
        return [FieldError("", REQUIRED)]
    if _is_deep(body):
        raise BadRequest
    try:
        value = msgspec.json.decode(body)
        twin = _twin(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(body, error) from None
    twice = [FieldError(twin[:100], TWICE)] if twin is not None else []
    return [*twice, *errors_in(value, decoder.type)] or _last_word(body, decoder)


def _unreadable(body: bytes, error: Exception) -> BadRequest:
    if not isinstance(error, msgspec.DecodeError) or isinstance(error, msgspec.ValidationError):
        return BadRequest()
    found = PLACE.search(str(error))
    before = body[: int(found[1])] if found else body  # else it ends too early
    return NotJson(line=before.count(b"\n") + 1, column=len(before) - before.rfind(b"\n"))


def _is_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = deepest = 0
    for found in BRACKETS.finditer(body):
        depth += bool(found[1]) - bool(found[2])
        deepest = max(deepest, depth)
    return deepest > DEEPEST


def _twin(body: bytes) -> str | None:
    """A name that comes twice in one object: what is meant is anybody's guess (RFC 8259, 4)."""
    try:
        ONCE_ONLY.decode(body.decode())
    except Twin as found:
        return str(found)
    return None


def _last_word(body: bytes, decoder: msgspec.json.Decoder[Any]) -> list[FieldError]:
    """Rules that stand on no single field."""
    try:
        decoder.decode(body)
    except msgspec.ValidationError:
        return [FieldError("", WRONG)]
    return []
