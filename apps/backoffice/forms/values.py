"""A form's way to what a service takes: values by the API's schema, and each refusal beside the field it is about."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from wtforms import Form, FormField

from apps.backoffice.fields import Files, Reference, Row, Rows
from apps.backoffice.requests import id_of
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.http.validation import errors_in
from apps.core.text.i18n import Lazy

Kind = TypeVar("Kind", bound=msgspec.Struct)
STEP = re.compile(r"[^.\[\]]+")


def bind(form: Form, kind: type[Kind]) -> Kind:
    """The form's fields that `kind` has, as one. Raises Invalid with all that is wrong."""
    fields = {each.name: each for each in msgspec.structs.fields(kind)}
    values = {
        name: value
        for name, value in form.data.items()
        if name in fields and not (value is None and fields[name].required)  # left empty is not given
    }
    unreadable = [path for path, _ in unread(form)]
    errors = [each for each in errors_in(values, kind) if not any(each.field.startswith(path) for path in unreadable)]
    errors += [FieldError(path, sentence) for path, sentence in unread(form)]
    if errors:
        raise Invalid(errors=errors)
    return msgspec.convert(values, kind)


def unread(form: Form) -> Iterator[tuple[str, Any]]:
    """What the fields themselves could not read."""
    for path, field in located(form):
        yield from ((path, sentence) for sentence in getattr(field, "sentences", ()))


def leaves(form: Form) -> Iterator[Any]:
    """All fields, those of rows too."""
    return (field for _path, field in located(form))


def located(form: Form, at: str = "") -> Iterator[tuple[str, Any]]:
    """The same with the path of each in the JSON that the form stands for: `variants[0].prices.EUR.amount`."""
    for field in form:
        yield from _located(field, f"{at}.{field.short_name}" if at else field.short_name)


def _located(field: Any, at: str) -> Iterator[tuple[str, Any]]:
    if isinstance(field, Rows):
        for number, entry in enumerate(field.entries):
            yield from _located(entry, at + field.step_to(number))
    elif isinstance(field, FormField):
        yield from located(field.form, at)
    else:
        yield at, field


def keep_untouched(form: Form, saved: Form) -> None:
    """Each field that says what it does in `saved` has that value, not what can be read of its text."""
    before = {field.name: field for field in leaves(saved)}
    for field in leaves(form):
        if (same := before.get(field.name)) is not None:
            field.keep(same)


def takes_files(form: Form) -> bool:
    return any(isinstance(field, Files) for field in leaves(form))


def references(form: Form) -> list[Reference]:
    return [field for field in leaves(form) if isinstance(field, Reference)]


def field_errors(form: Form, error: AppError) -> Sequence[FieldError]:
    """What `error` says of fields that the form has."""
    if isinstance(error, Invalid):
        errors: Sequence[FieldError] = error.details["errors"]
        return errors
    return [FieldError(name, error.message, error.details) for name in error.about if name in form]


def show_errors(form: Form, errors: Iterable[FieldError], locale: str) -> list[tuple[str, str]]:
    """Puts each sentence beside its field. Returns all, with the id and the name of the field where there is one."""
    for field in leaves(form):
        field.sentences = []
    sentences = []
    for error in errors:
        sentence = error.in_locale(locale)["message"]
        field = _field_at(form, error.field)
        if field is not None:
            field.sentences.append(sentence)
            sentences.append((field.id, f"{_name_of(field, locale)}{sentence}"))
        else:
            sentences.append(("", sentence))
    return sentences


def _name_of(field: Any, locale: str) -> str:
    label = field.label.text
    name = label.in_locale(locale) if isinstance(label, Lazy) else str(label)
    return f"{name}: " if name else ""


def _field_at(form: Form, path: str) -> Any | None:
    """The field itself, or the one around it."""
    found: Any = None
    within: Any = form
    for step in STEP.findall(path):
        if isinstance(within, Form) and step in within:
            found = within[step]
        elif isinstance(within, Rows) and (entry := within.entry_for(step)) is not None:
            found = entry
        else:
            break
        within = found.form if isinstance(found, FormField) else found
    return found if found is not None and hasattr(found, "sentences") else None


def add_spare_rows(form: Form) -> None:
    """Rows within rows, too."""
    for field in form:
        if isinstance(field, Row):
            add_spare_rows(field.form)
        elif isinstance(field, Rows):
            for entry in field.entries:
                add_spare_rows(entry.form)
            field.add_spare()


def chosen_ids(form: Form) -> dict[str, set[UUID]]:
    """Of all references, by the view they choose from."""
    ids: dict[str, set[UUID]] = {}
    for field in references(form):
        if id := id_of(str(field.data)):
            ids.setdefault(field.identity, set()).add(id)
    return ids
