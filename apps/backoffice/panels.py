"""Panels: small tables of related rows on a row's page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.core.text.i18n import Lazy

Impact = Mapping[UUID, Sequence[tuple[Lazy, Any]]]
"""By row: how many of what, or how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`rows` hold a cell for each of `columns`, text or Markup; `more` is where all of it is."""

    title: Lazy | str
    columns: Sequence[Lazy]
    rows: Sequence[Sequence[Any]]
    empty: Lazy
    more: str = ""
