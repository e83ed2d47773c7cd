"""State machines on rows: one table of transitions per model; a move that is not in it raises."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from apps.core.errors import AppError
from apps.core.text.i18n import Lazy


class IllegalMove(Exception):
    """A programming error or a lost race: the row may not go from its state to that one."""


class Stateful:
    """A model with a `state` column and its `TRANSITIONS`."""

    TRANSITIONS: ClassVar[Mapping[Any, frozenset[Any]]]
    state: Any

    def may_move(self, to: StrEnum) -> bool:
        return to in self.TRANSITIONS[self.state]

    def move(self, to: StrEnum) -> bool:
        """Go to `to`; False when already there, so that a repeat changes nothing."""
        if self.state == to:
            return False
        if not self.may_move(to):
            raise IllegalMove(f"{type(self).__name__}: {self.state} → {to}")
        self.state = to
        return True


class WrongState(AppError):
    """Refused because of the `state` a row is in: programs get its value, people its name from `names`."""

    status = 409
    names: ClassVar[Mapping[Any, Lazy]]

    def sentence(self, locale: str) -> str:
        name = self.names[self.details["state"]].in_locale(locale)
        return self.message.in_locale(locale).format_map({**self.details, "state": name})
