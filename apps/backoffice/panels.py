"""Small tables on a page of details: variants of a product, tickets of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.core.i18n import Lazy


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`rows` hold a cell for each of `columns`, text or Markup; `more` is where all of it is."""

    title: Lazy
    columns: Sequence[Lazy]
    rows: Sequence[Sequence[Any]]
    empty: Lazy
    more: str = ""
