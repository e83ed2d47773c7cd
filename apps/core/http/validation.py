"""All that is wrong with a value, in sentences for people.

msgspec decides what is right, and stops at the first thing that is not. Once it has refused, `errors_in` walks structs
and lists and asks it about every part by itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache
from itertools import islice
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from apps.core.errors import FieldError
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import SENTENCE

MOST_ERRORS = 100
REQUIRED = _("This is required.")
UNKNOWN = _("There is no such field.")
TWICE = _("This is given more than once.")
WRONG = _("This does not look right.")
NO_NUL = _("This contains characters that no text has.")
INTEGER = _("Must be a whole number.")
ONE_OF = _("Must be one of: {choices}.")
SENTENCES: Sequence[tuple[str, Lazy]] = (
    (r"Expected `(int|float)` >= (?P<limit>\S+?)(\.0)?( |$)", _("Must be at least {limit}.")),
    (r"Expected `(int|float)` <= (?P<limit>\S+?)(\.0)?( |$)", _("Must be at most {limit}.")),
    (r"Expected `str` of length >= 1$", _("Must not be empty.")),
    (r"Expected `str` of length >= (?P<limit>\d+)", _("Must have at least {limit} characters.")),
    (r"Expected `str` of length <= (?P<limit>\d+)", _("Must have at most {limit} characters.")),
    (r"Expected `(array|object)` of length >= (?P<limit>\d+)", _("Too few: at least {limit}.")),
    (r"Expected `(array|object)` of length <= (?P<limit>\d+)", _("Too many: at most {limit}.")),
    (r"Expected `int`, got", INTEGER),
    (r"Integer value out of range|Number out of range", _("This number is too large.")),
    (r"Expected `(float|decimal)|Invalid decimal", _("Must be a number.")),
    (r"Expected `str`, got", _("Must be a text.")),
    (r"Expected `bool`, got", _("Must be true or false.")),
    (r"Expected `array`, got", _("Must be a list.")),
    (r"Expected `object`, got", _("Must be an object.")),
    (r"Expected `uuid`|Invalid UUID", _("Must be a UUID.")),
    (r"Expected `datetime`|Invalid RFC3339 encoded datetime", _("Must be a time with its zone: 2026-12-12T20:00:00Z.")),
    (r"Expected `date`|Invalid RFC3339 encoded date", _("Must be a date: 2026-12-12.")),
)
PATTERNS = [(re.compile(pattern), sentence) for pattern, sentence in SENTENCES]
LENGTHS = re.compile(r"Expected `(array|object)` of length")
INTEGER_TEXT = re.compile(r"-?(0|[1-9][0-9]{0,18})", re.ASCII)


def errors_in(value: Any, kind: Any, at: str = "") -> list[FieldError]:
    """What is wrong with `value`, as JSON has it, to be a `kind`: at most 100 errors, none when it is right."""
    return list(islice(_walk(value, kind, at), MOST_ERRORS))


def error_in_text(text: str, kind: Any, at: str) -> FieldError | None:
    """The same for a text from a query, path, header or form: numbers and the like are spelled as in JSON."""
    plain, bare = _plain_and_bare(kind)
    if bare is bool and text not in ("true", "false"):
        return FieldError(at, ONE_OF, {"choices": "true, false"})
    if bare is int and not INTEGER_TEXT.fullmatch(text):
        return FieldError(at, INTEGER)
    if "\0" in text:
        return FieldError(at, NO_NUL)
    try:
        msgspec.convert(text, plain, strict=bare is datetime)  # else 0.5 is a moment of 1970
    except msgspec.ValidationError as error:
        return _field_error(at, str(error), kind)
    return None


def _walk(value: Any, kind: Any, at: str) -> Iterator[FieldError]:
    kind = _without_none(kind, value)
    bare = _bare(kind)
    if isinstance(value, Mapping) and isinstance(bare, type) and issubclass(bare, msgspec.Struct):
        yield from _walk_struct(value, bare, at)
    elif isinstance(value, list) and get_origin(bare) is list:
        yield from _walk_list(value, kind, at)
    elif isinstance(value, Mapping) and get_origin(bare) in (dict, Mapping):
        yield from _walk_dict(value, kind, at)
    else:
        yield from _leaf(value, kind, at)


def _walk_struct(value: Mapping[str, Any], kind: type[msgspec.Struct], at: str) -> Iterator[FieldError]:
    fields = msgspec.structs.fields(kind)
    for each in fields:
        yield from _field(value, each, _inside(at, each.encode_name))
    if kind.__struct_config__.forbid_unknown_fields:
        known = {each.encode_name for each in fields}
        yield from (FieldError(_inside(at, name[:100]), UNKNOWN) for name in value if name not in known)


def _field(value: Mapping[str, Any], field: FieldInfo, at: str) -> Iterator[FieldError]:
    if field.encode_name in value:
        yield from _walk(value[field.encode_name], field.type, at)
    elif field.required:
        yield FieldError(at, REQUIRED)


def _walk_list(value: list[Any], kind: Any, at: str) -> Iterator[FieldError]:
    (item,) = get_args(_bare(kind))
    for number, each in enumerate(value):
        yield from _walk(each, item, f"{at}[{number}]")
    yield from _length(value, kind, at)


def _walk_dict(value: Mapping[str, Any], kind: Any, at: str) -> Iterator[FieldError]:
    key, item = get_args(_bare(kind))
    for name, each in value.items():
        yield from _leaf(name, key, _inside(at, name[:100]))
        yield from _walk(each, item, _inside(at, name[:100]))
    yield from _length(value, kind, at)


def _length(value: Any, kind: Any, at: str) -> Iterator[FieldError]:
    reason = _refusal(value, kind)
    if LENGTHS.match(reason) and " - at " not in reason:
        yield _field_error(at, reason, kind)


def _leaf(value: Any, kind: Any, at: str) -> Iterator[FieldError]:
    if isinstance(value, str) and "\0" in value:
        yield FieldError(at, NO_NUL)
    elif reason := _refusal(value, kind):
        yield _field_error(at, reason, kind)


def _refusal(value: Any, kind: Any) -> str:
    """msgspec's reason, "" when it has none."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _field_error(at: str, reason: str, kind: Any) -> FieldError:
    if choices := _choices(kind):
        return FieldError(at, ONE_OF, {"choices": ", ".join(choices)})
    for pattern, sentence in PATTERNS:
        if found := pattern.match(reason):
            return FieldError(at, sentence, found.groupdict())
    return FieldError(at, _own_sentence(kind))


def _own_sentence(kind: Any) -> Lazy:
    """What the type itself says of a value that is none: `Meta(extra={SENTENCE: …})`; Litestar keeps it one deeper."""
    metas = getattr(_without_none(kind), "__metadata__", ())
    found = [meta.extra for meta in metas if isinstance(meta, msgspec.Meta) and meta.extra]
    extras = [*found, *(extra["schema_extra"] for extra in found if extra.get("schema_extra"))]
    return next((extra[SENTENCE] for extra in extras if SENTENCE in extra), WRONG)


def _choices(kind: Any) -> Sequence[str]:
    bare = _bare(kind)
    if isinstance(bare, type) and issubclass(bare, Enum):
        return [str(member.value) for member in bare]
    return [str(each) for each in get_args(bare)] if get_origin(bare) is Literal else ()


def _without_none(kind: Any, value: Any = ...) -> Any:
    """`kind` as it is for a value that is not null, where that is one type."""
    if value is None:
        return kind
    if get_origin(kind) is Annotated:
        return Annotated[(_without_none(get_args(kind)[0]), *kind.__metadata__)]
    others = [each for each in get_args(kind) if each is not NoneType] if _is_union(kind) else []
    return others[0] if len(others) == 1 else kind


@lru_cache(maxsize=1024)
def _plain_and_bare(kind: Any) -> tuple[Any, Any]:
    """Without null, and without its bounds too: remembered, as every request asks it of the same few parameters."""
    return _without_none(kind), _bare(kind)


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType)


def _bare(kind: Any) -> Any:
    """Without its bounds."""
    kind = _without_none(kind)
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
