"""Form fields to tick, to choose from, and to find a row by autocompletion."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.accounts.permissions import Permission, all_permissions, by_subject
from apps.backoffice.fields.text import Input
from apps.core.text.i18n import Lazy


class Switch(Input):
    """Ticked or not. An unticked box is not sent, so that the form has to have been."""

    kind = "switch"

    def __init__(self, label: Lazy, **rest: Any) -> None:
        super().__init__(label, **{"empty": False, **rest})

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        if formdata:
            self.data = self.name in formdata

    def keep(self, saved: Input) -> None:
        """It shows all there is to it."""

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

    @property
    def offered(self) -> Sequence[tuple[str, Lazy | str]]:
        """With what is chosen already, whatever it is."""
        known = {value for value, _title in self.choices}
        return self.choices if self.text in known else [*self.choices, (self.text, self.text)]


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

    def keep(self, saved: Input) -> None:
        """What is ticked is all there is to it."""

    @property
    def text(self) -> str:
        return ", ".join(self.data)


class Permissions(Choices):
    """Some of all that there are, under what they are about, and each with its code."""

    kind = "permissions"

    @property
    def subjects(self) -> Mapping[Lazy, Sequence[Permission]]:
        return by_subject(all_permissions())


class CommaSeparated(Input):
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

    Without scripts its name is typed in full: `words` that are no longer those of the chosen one are looked up. What
    the chosen one is called is set beside it when the form is shown; who may not look through the view is told no more
    than that something is chosen (`apps.backoffice.forms.references`).
    """

    kind = "reference"

    def __init__(self, label: Lazy, *, identity: str, **rest: Any) -> None:
        super().__init__(label, **{"empty": None, **rest})
        self.identity = identity
        self.words: str | None = None
        self.chosen = ""
        self.is_closed = self.may_add = False

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        if formdata and f"{self.name}.words" in formdata:
            self.words = str(formdata[f"{self.name}.words"]).strip()
            self.chosen = str(formdata.get(f"{self.name}.chosen", "")).strip()

    def keep(self, saved: Input) -> None:
        """An id is all there is to it, whatever words led to it."""

    @property
    def is_blank(self) -> bool:
        return not (self.data or self.words)

    @property
    def is_open(self) -> bool:
        """What was typed is still to be looked up."""
        return self.words is not None and self.words != self.chosen
