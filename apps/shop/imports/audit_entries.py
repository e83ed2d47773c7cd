"""Audit entries of a product import, in the shape of those that the forms write, so that they can be reverted.

What follows from the product is not told of its variants: title, translations, and whether they are sold.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from apps.core.audit import Entry
from apps.orders.models import OfferPrice
from apps.orders.offers.terms import prices_as_json
from apps.shop.imports.existing_products import Row

FOLLOWING = frozenset({"kind", "product_id", "title", "translations", "active"})


def category_entry(made: Row) -> Entry:
    facts = {name: value for name, value in made.items() if name != "id"}
    return Entry(action="shop.add_category", subject="Category", id=made["id"], name=made["title"], after=facts)


def product_entries(id: UUID, found: Row | None, facts: Row, *, pictures: tuple[list[Row], list[Row]]) -> list[Entry]:
    """`pictures` are all it has, before and after."""
    old_pictures, new_pictures = map(_pictures, pictures)
    after = {**facts, "images": new_pictures}
    before = found and {**{name: found[name] for name in facts}, "images": old_pictures}
    return _entries("product", id, facts["title"], before, after)


def variant_entries(
    id: UUID, found: Row | None, facts: Row, *, prices: tuple[Iterable[Row], Iterable[Row]], added: Row
) -> list[Entry]:
    """`prices` are those in every currency, before and after; `added` is what it comes to take of the stock."""
    old_prices, new_prices = (prices_as_json(OfferPrice(**row) for row in rows) for rows in prices)
    own = {name: value for name, value in facts.items() if name not in FOLLOWING}
    after = {**own, "prices": new_prices, **added}
    before = found and {**{name: found[name] for name in own}, "prices": old_prices, **{name: {} for name in added}}
    return _entries("variant", id, facts["title"], before, after)


def _entries(kind: str, id: UUID, name: str, before: Row | None, after: Row) -> list[Entry]:
    """One, or none where nothing differs."""
    action = "add" if before is None else "change"
    known = before or {}
    differing = [each for each, value in after.items() if before is None or known[each] != value]
    if not differing:
        return []
    sides = {"before": _side(known, differing), "after": _side(after, differing)}
    return [Entry(action=f"shop.{action}_{kind}", subject=kind.capitalize(), id=id, name=name, **sides)]


def _side(side: Row, names: Iterable[str]) -> Mapping[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins({name: side[name] for name in names if name in side})
    return values


def _pictures(rows: Iterable[Row]) -> list[Row]:
    placed = sorted(rows, key=lambda row: (row["position"], row["id"]))
    return [{"url": row["source_url"], "alt": row["alt"]} for row in placed]
