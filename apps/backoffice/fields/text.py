"""Form fields for text, hidden values and uploads."""

from typing import Any, cast

from wtforms import Field

from apps.backoffice.forms.uploads import LARGEST_FORM, LARGEST_REQUEST, Upload
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.media.urls import thumbnail

ADDRESS = _("URL")
ADDRESS_HELP = _("The last part of the page's URL. Leave empty to generate it automatically.")


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
        if not (valuelist and isinstance(valuelist[0], str)):
            return
        self.typed = valuelist[0].strip()
        try:
            self.data = self.read(self.typed) if self.typed else self.empty
        except Unreadable as error:
            self.data = self.typed
            self.sentences = [error.sentence]

    def keep(self, saved: "Input") -> None:
        """What still stands as it was shown is what was `saved`, with all that the field cannot show of it."""
        if self.typed is not None and self.as_sent(self.typed) == self.as_sent(saved.text):
            self.data, self.sentences = saved.data, []

    def as_sent(self, text: str) -> str:
        """As browsers send what stands in such a field, without the blanks around it."""
        return text.replace("\r", "").replace("\n", "").strip()

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

    @property
    def is_elsewhere(self) -> bool:
        """Our pages show none of these."""
        return not self.text.startswith("/")


class Files(Input):
    """Pictures to upload: `data` are those that were chosen."""

    kind = "files"
    most = LARGEST_REQUEST - LARGEST_FORM

    def __init__(self, label: Lazy, **rest: Any) -> None:
        super().__init__(label, **{"empty": (), **rest})

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [each for each in valuelist if isinstance(each, Upload) and each.filename]

    @property
    def text(self) -> str:
        """Browsers never fill it in."""
        return ""


class File(Files):
    """One file of whatever kind: `data` is it, or None. `accept` is what browsers offer first."""

    kind = "file"

    def __init__(self, label: Lazy, *, accept: str, **rest: Any) -> None:
        super().__init__(label, **{"empty": None, **rest})
        self.accept = accept

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = next(iter(self.data), None)


class Password(Input):
    """Never shown again, and taken as it was typed: blanks at its ends belong to it."""

    kind = "password"

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.typed:
            self.data = valuelist[0]


class LongText(Input):
    kind = "long"

    def as_sent(self, text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()

    def read(self, text: str) -> Any:
        return text.replace("\r\n", "\n")
