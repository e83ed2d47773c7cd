"""What a list is asked for in its address, and the rows that are in it then."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select

from apps.backoffice.lists.pages import Asked, Listing, Order
from apps.backoffice.views.base import View

LONGEST_WORDS = 100


def read_asked(view: View, params: Mapping[str, str]) -> Asked:
    """What makes no sense is not asked for."""
    names = [name for each in view.filters for name in each.names]
    sort = params.get("sort", "")
    return Asked(
        q=params.get("q", "").strip()[:LONGEST_WORDS],
        sort=sort if sort.removeprefix("-") in view.orders else "",
        filters={name: value[:100] for name in names if (value := params.get(name, ""))},
    )


def query_of(asked: Asked, **more: str) -> dict[str, str]:
    """What stands in the address that asks for it again."""
    fields = {"q": asked.q, "sort": asked.sort, **asked.filters, **more}
    return {name: value for name, value in fields.items() if value}


def listing_of(view: View, asked: Asked) -> Listing:
    return Listing(narrowed(view, asked), _order_of(view, asked), view.model.id, asked)


def narrowed(view: View, asked: Asked) -> Select[Any]:
    found = view.scope_of_list(view.scope(), asked.filters)
    for each in view.filters:
        found = each.narrow(found, asked.filters)
    return view.search(found, asked.q) if asked.q and view.search_help else found


def _order_of(view: View, asked: Asked) -> Order:
    """`title` goes up, `-title` down; without a wish as the view says."""
    if not asked.sort:
        return next(iter(view.orders.values()))
    return replace(view.orders[asked.sort.removeprefix("-")], is_descending=asked.sort.startswith("-"))
