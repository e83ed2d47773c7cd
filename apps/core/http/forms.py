"""Forms of the pages: what was typed, and all that is wrong with it, field by field (msgspec stops at the first).

class Greeting(Struct):
    email: Email
    name: str = ""

filled = fill(Greeting, await typed_in(request), {"email": _("This is not an email address.")})
if filled.value is None: show filled.errors beside the fields, with filled.typed in them
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

import msgspec

from apps.core.errors import AppError
from apps.core.http.requests import AnyRequest
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import VERBATIM

MOST_FIELDS = 100
MISSING = _("Please fill this in.")
WRONG = _("This does not look right.")
NOTHING: Mapping[str, Any] = MappingProxyType({})
Typed = Mapping[str, str]
Kind = TypeVar("Kind", bound=msgspec.Struct)


class BadForm(AppError):
    type = "bad-form"
    message = _("This form cannot be read.")


@dataclass(frozen=True, slots=True)
class Filled(Generic[Kind]):
    """`errors` are sentences by field; without any, `value` is what the form says."""

    typed: Typed
    errors: Mapping[str, Lazy]
    value: Kind | None


async def typed_in(request: AnyRequest) -> Typed:
    """The fields of a posted form; of a name that comes twice the last."""
    try:
        body = (await request.body()).decode("utf-8")
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadForm from None


def fill(kind: type[Kind], typed: Typed, sentences: Mapping[str, Lazy] = NOTHING) -> Filled[Kind]:
    """Every field by itself; an empty one takes its default, or is missing. `sentences` say what a field should be."""
    values: dict[str, Any] = {}
    errors: dict[str, Lazy] = {}
    for field in msgspec.structs.fields(kind):
        text = typed.get(field.name, "") if _is_verbatim(field.type) else typed.get(field.name, "").strip()
        try:
            if text:
                values[field.name] = msgspec.convert(text, field.type, strict=False)
            elif field.required:
                errors[field.name] = MISSING
        except msgspec.ValidationError:
            errors[field.name] = sentences.get(field.name, WRONG)
    return Filled(typed, errors, None if errors else kind(**values))


def _is_verbatim(kind: Any) -> bool:
    return any((meta.extra or {}).get(VERBATIM) for meta in getattr(kind, "__metadata__", ()))
