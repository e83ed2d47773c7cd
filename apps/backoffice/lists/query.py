"""What a list is asked for in its address, and the rows that are in it then."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select

from apps.backoffice.lists.pages import Listing, ListQuery, Sort
from apps.backoffice.views.base import View

LONGEST_WORDS = 100


def read_query(view: View, params: Mapping[str, str]) -> ListQuery:
    """What makes no sense is not asked for."""
    names = [name for each in view.filters for name in each.names]
    sort = params.get("sort", "")
    return ListQuery(
        q=params.get("q", "").strip()[:LONGEST_WORDS],
        sort=sort if sort.removeprefix("-") in view.sorts else "",
        filters={name: value[:100] for name in names if (value := params.get(name, ""))},
    )


def params_of(query: ListQuery, **more: str) -> dict[str, str]:
    """What stands in the address that asks for it again."""
    fields = {"q": query.q, "sort": query.sort, **query.filters, **more}
    return {name: value for name, value in fields.items() if value}


def listing_of(view: View, query: ListQuery) -> Listing:
    return Listing(narrowed(view, query), _sort_of(view, query), view.model.id, query)


def narrowed(view: View, query: ListQuery) -> Select[Any]:
    found = view.scope_of_list(view.scope(), query.filters)
    for each in view.filters:
        found = each.narrow(found, query.filters)
    return view.search(found, query.q) if query.q and view.search_help else found


def _sort_of(view: View, query: ListQuery) -> Sort:
    """`title` goes up, `-title` down; without a wish as the view says."""
    if not query.sort:
        return next(iter(view.sorts.values()))
    return replace(view.sorts[query.sort.removeprefix("-")], is_descending=query.sort.startswith("-"))
