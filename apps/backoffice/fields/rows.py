"""Form fields that are forms themselves: one, or a list of rows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from wtforms import FieldList, Form, FormField

from apps.backoffice.fields.text import Input, LongText
from apps.core.errors import TooLarge
from apps.core.text.i18n import LOCALES, Lazy
from apps.core.text.i18n import lazy as _
from project.settings import settings

MOST_ROWS = 300
LANGUAGES = {"en": "English", "ru": "Русский"}


class Row(FormField):  # type: ignore[type-arg]
    """A form within a form: an object."""

    kind = "row"

    def __init__(self, form: type[Form], label: Lazy | str = "", *, help: Lazy | None = None, **rest: Any) -> None:
        super().__init__(form, cast(Any, label), **rest)
        self.help = help
        self.sentences: list[Any] = []

    @property
    def is_blank(self) -> bool:
        """Nothing was typed into it."""
        return all(field.is_blank for field in self.form)


class OptionalRow(Row):
    """None when nothing is filled in."""

    @property
    def data(self) -> Any:
        return None if self.is_blank else self.form.data


class Rows(FieldList):  # type: ignore[type-arg]
    """A list of rows, with `spare` empty ones to fill in; what was left blank is no row."""

    kind = "rows"

    def __init__(self, row: Any, label: Lazy, *, help: Lazy | None = None, spare: int = 1, **rest: Any) -> None:
        super().__init__(row, cast(Any, label), **rest)
        self.help, self.spare = help, spare
        self.sentences: list[Any] = []

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        if formdata:
            self.entries = [entry for entry in self.entries if not entry.is_blank]

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """WTForms takes "²" for the number of a row, too, and what has more digits than Python reads.

        Raises TooLarge for more rows than anybody fills in.
        """
        number = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,6}})(?![^-])")
        numbers = {int(found[1]) for name in formdata if (found := number.match(name))}
        if len(numbers) > MOST_ROWS:
            raise TooLarge
        return iter(numbers)

    @property
    def is_blank(self) -> bool:
        return not self.entries

    def leave_out(self, name: str) -> None:
        """A field that some of the rows have."""
        for entry in self.entries:
            if name in entry.form:
                del entry.form[name]

    def add_spare(self) -> None:
        """Only before it is shown: what is read after would have them too."""
        for _n in range(self.spare):
            self.append_entry()

    def step_to(self, number: int) -> str:
        """What the path of its row goes on with."""
        return f"[{number}]"

    def entry_for(self, step: str) -> Any | None:
        """The row that a refusal is about: `variants[3]`."""
        return self.entries[int(step)] if step.isdecimal() and int(step) < len(self.entries) else None


class Keyed(Rows):
    """Rows as an object: each under what its field `key` says, as its field `value`, or as all its other fields."""

    def __init__(self, form: type[Form], label: Lazy, *, key: str, value: str = "", **rest: Any) -> None:
        super().__init__(Row(form), label, **rest)
        self.key, self.value = key, value

    def process(self, formdata: Any, data: Any = None, *rest: Any, **more: Any) -> None:
        super().process(formdata, self._rows(data) if isinstance(data, Mapping) else data, *rest, **more)

    def _rows(self, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{self.key: key, **({self.value: value} if self.value else value)} for key, value in data.items()]

    @property
    def data(self) -> Any:
        rows = [dict(entry.data) for entry in self.entries]
        return {str(row.pop(self.key)): row[self.value] if self.value else row for row in rows}

    @data.setter
    def data(self, value: Any) -> None:
        """WTForms sets it while it makes the rows; they know better."""

    def step_to(self, number: int) -> str:
        return f".{self.entries[number].form[self.key].data}"

    def entry_for(self, step: str) -> Any | None:
        return next((entry for entry in self.entries if str(entry.form[self.key].data) == step), None)


class TextsForm(Form):
    """Of `apps.core.text.translations.Texts`."""

    title = Input(_("Title"), empty=None)
    description = LongText(_("Description"), empty=None)


class Translations(Row):
    """`texts` once for each language of the site other than its main one; what is empty is not translated."""

    kind = "folded"

    def __init__(self, texts: type[Form] = TextsForm, **rest: Any) -> None:
        languages = {each: Row(texts, LANGUAGES[each]) for each in LOCALES if each != settings.locale}
        super().__init__(type("TranslationsForm", (Form,), languages), _("In other languages"), **rest)

    @property
    def data(self) -> Any:
        by_locale = {locale: _given(texts) for locale, texts in self.form.data.items()}
        return {locale: texts for locale, texts in by_locale.items() if texts}

    @property
    def is_open(self) -> bool:
        """Folded only where there is nothing to see."""
        return bool(self.data) or any(text.sentences for texts in self.form for text in texts.form)


def _given(texts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text for name, text in texts.items() if text not in (None, {})}
