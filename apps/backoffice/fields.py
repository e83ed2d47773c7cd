"""Form fields between HTML and JSON: `data` is what the API's schemas take, so that one schema decides what is right.

`kind` chooses the macro that draws it (templates/backoffice/_fields.html); `help` is a sentence below the label.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from starlette.datastructures import UploadFile
from wtforms import Field, FieldList, Form, FormField

from apps.core.i18n import LOCALES, Lazy
from apps.core.i18n import lazy as _
from apps.core.money import is_currency, minor_units
from apps.media.addresses import thumbnail
from project.settings import settings

NO_NUMBER = _("Must be a number.")
NO_AMOUNT = _("Must be an amount of money: 19.90.")
NO_MOMENT = _("Must be a date and a time.")
ADDRESS = _("Address")
ADDRESS_HELP = _("The last part of its page's address; made up if you leave it empty.")
LANGUAGES = {"en": "English", "ru": "Русский"}
LOCAL = "%Y-%m-%dT%H:%M"


class Unreadable(ValueError):
    """What was typed is nothing of the kind; the sentence says of which."""

    def __init__(self, sentence: Lazy) -> None:
        super().__init__(sentence.source)
        self.sentence = sentence


class Input(Field):
    """One line of text. `data` is None when it was left empty and `empty` says so."""

    kind = "text"

    def __init__(
        self, label: Lazy, *, help: Lazy | None = None, empty: Any = "", required: bool = False, **rest: Any
    ) -> None:
        super().__init__(cast(Any, label), default=rest.pop("default", empty), **rest)
        self.help, self.empty, self.is_required = help, empty, required
        self.sentences: list[Any] = []
        self.typed: str | None = None

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.typed = str(valuelist[0]).strip()
        try:
            self.data = self.read(self.typed) if self.typed else self.empty
        except Unreadable as error:
            self.data = self.typed
            self.sentences = [error.sentence]

    @property
    def text(self) -> str:
        """What stands in the field: what was typed, else the value."""
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.write(self.data)

    @property
    def is_blank(self) -> bool:
        """Nothing was typed that did not stand there by itself."""
        return not self.typed or (bool(self.default) and self.typed == self.write(self.default))

    def read(self, text: str) -> Any:
        """The JSON value. Raises Unreadable."""
        return text

    def write(self, value: Any) -> str:
        return str(value)


class Slug(Input):
    """The last part of a page's address."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(ADDRESS, **{"empty": None, "help": ADDRESS_HELP, **rest})


class Hidden(Input):
    """What a row carries with it: its id."""

    kind = "hidden"


class Picture(Hidden):
    """A picture by its address, shown small."""

    kind = "picture"

    @property
    def thumbnail(self) -> str:
        return thumbnail(self.text)


class Files(Input):
    """Pictures to upload: `data` are those that were chosen."""

    kind = "files"

    def __init__(self, label: Lazy, **rest: Any) -> None:
        super().__init__(label, **{"empty": (), **rest})

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [each for each in valuelist if isinstance(each, UploadFile) and each.filename]

    @property
    def text(self) -> str:
        """Browsers never fill it in."""
        return ""


class Password(Input):
    """Never shown again."""

    kind = "password"


class LongText(Input):
    kind = "long"

    def read(self, text: str) -> Any:
        return text.replace("\r\n", "\n")


class Number(Input):
    kind = "number"

    def read(self, text: str) -> Any:
        try:
            return int(text)
        except ValueError:
            raise Unreadable(NO_NUMBER) from None


class Decimals(Input):
    """Degrees and the like."""

    kind = "decimal"

    def read(self, text: str) -> Any:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            raise Unreadable(NO_NUMBER) from None


class Money(Input):
    """Typed as people write it, 19.90; `data` is minor units of `currency`."""

    kind = "money"

    def __init__(self, label: Lazy, *, currency: str = settings.currency, **rest: Any) -> None:
        super().__init__(label, **{"empty": None, **rest})
        self.currency = currency

    def in_currency(self, currency: str) -> None:
        """Read anew what was typed."""
        self.currency = currency if is_currency(currency) else settings.currency
        if self.typed:
            self.sentences = []
            self.process_formdata([self.typed])

    def read(self, text: str) -> Any:
        try:
            amount = Decimal(text.replace(" ", "").replace("\xa0", "").replace(",", "."))
        except InvalidOperation:
            raise Unreadable(NO_AMOUNT) from None
        if not amount.is_finite() or abs(amount) > 10**12 or amount.scaleb(self._places) % 1:
            raise Unreadable(NO_AMOUNT)
        return minor_units(amount, self.currency)

    def write(self, value: Any) -> str:
        return f"{Decimal(value).scaleb(-self._places):.{self._places}f}"

    @property
    def _places(self) -> int:
        return get_currency_precision(self.currency)


class Moment(Input):
    """By the clocks of `zone`, which the form may set after it was made; `data` is the instant in UTC (RFC 3339)."""

    kind = "moment"

    def __init__(self, label: Lazy, *, zone: str = settings.time_zone, **rest: Any) -> None:
        super().__init__(label, **{"empty": None, **rest})
        self.zone = zone
        self.unit: Lazy | str = zone

    def read(self, text: str) -> Any:
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            raise Unreadable(NO_MOMENT) from None
        return local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC).isoformat()

    def write(self, value: Any) -> str:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(ZoneInfo(self.zone)).strftime(LOCAL)

    def in_zone(self, zone: str) -> None:
        """Read anew what was typed."""
        self.zone = self.unit = zone
        if self.typed:
            self.sentences = []
            self.process_formdata([self.typed])


class Switch(Input):
    """Ticked or not. An unticked box is not sent, so that the form has to have been."""

    kind = "switch"

    def __init__(self, label: Lazy, **rest: Any) -> None:
        super().__init__(label, **{"empty": False, **rest})

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        if formdata:
            self.data = self.name in formdata

    @property
    def text(self) -> str:
        return "✓" if self.data else ""

    @property
    def is_blank(self) -> bool:
        """A tick alone makes no row."""
        return True


class Choice(Input):
    """One of `choices`: value and title. Alone it makes no row: something is always chosen."""

    kind = "choice"
    is_blank = True

    def __init__(self, label: Lazy, *, choices: Sequence[tuple[str, Lazy | str]], **rest: Any) -> None:
        super().__init__(label, **rest)
        self.choices = choices


class Choices(Input):
    """Some of `choices`, as a list."""

    kind = "choices"

    def __init__(self, label: Lazy, *, choices: Sequence[tuple[str, Lazy | str]] = (), **rest: Any) -> None:
        super().__init__(label, **{"empty": (), **rest})
        self.choices = choices

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        if formdata:
            self.data = [str(each) for each in formdata.getlist(self.name)]


class Words(Input):
    """A list, typed with commas between: S, M, L."""

    kind = "text"

    def __init__(self, label: Lazy, **rest: Any) -> None:
        super().__init__(label, **{"empty": (), **rest})

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def read(self, text: str) -> Any:
        return [word for part in text.split(",") if (word := part.strip())]

    def write(self, value: Any) -> str:
        return ", ".join(value)


class Reference(Input):
    """A row of the view `identity`, found by autocompletion; `data` is its id.

    Without scripts its name is typed in full: `words` that are no longer those of the chosen one are looked up
    (`View.resolve`). The name of what was chosen is set beside it by the view.
    """

    kind = "reference"

    def __init__(self, label: Lazy, *, identity: str, **rest: Any) -> None:
        super().__init__(label, **{"empty": None, **rest})
        self.identity = identity
        self.words: str | None = None
        self.chosen = ""

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        if formdata and f"{self.name}.words" in formdata:
            self.words = str(formdata[f"{self.name}.words"]).strip()
            self.chosen = str(formdata.get(f"{self.name}.chosen", "")).strip()

    @property
    def is_blank(self) -> bool:
        return not (self.data or self.words)

    @property
    def is_open(self) -> bool:
        """What was typed is still to be looked up."""
        return self.words is not None and self.words != self.chosen


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

    @property
    def is_blank(self) -> bool:
        return not self.entries

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
    """Of `apps.core.translations.Texts`."""

    title = Input(_("Title"))
    description = LongText(_("Description"))


class Translations(Row):
    """`texts` once for each language of the site other than its main one; what is empty is not translated."""

    kind = "folded"

    def __init__(self, texts: type[Form] = TextsForm, **rest: Any) -> None:
        languages = {each: Row(texts, LANGUAGES[each]) for each in LOCALES if each != settings.locale}
        super().__init__(type("TranslationsForm", (Form,), languages), _("In other languages"), **rest)

    @property
    def data(self) -> Any:
        told = {
            locale: {name: text for name, text in texts.items() if text} for locale, texts in self.form.data.items()
        }
        return {locale: texts for locale, texts in told.items() if texts}

    @property
    def is_open(self) -> bool:
        """Folded only where there is nothing to see."""
        return bool(self.data) or any(text.sentences for texts in self.form for text in texts.form)
