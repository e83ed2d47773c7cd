"""The filters above a list: what is selected, and how many rows each other choice would have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.forms.references import Views, find_named
from apps.backoffice.lists.filters import Choice, Filter, Related
from apps.backoffice.lists.pages import ListQuery, counted
from apps.backoffice.lists.query import LONGEST_WORDS, narrowed
from apps.backoffice.requests import id_of
from apps.backoffice.views.base import View
from apps.core.text.i18n import Lazy

Counts = Mapping[tuple[str, str], int]
"""By filter and choice."""


@dataclass(frozen=True, slots=True)
class Option:
    """`count` stops at COUNTED + 1; None where nobody counts."""

    value: str
    title: Lazy
    count: int | None


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """`label` is what a chosen relation is called, or what was typed when that `is_unclear`."""

    filter: Filter
    values: dict[str, str]
    options: Sequence[Option] = ()
    label: str = ""
    is_unclear: bool = False


async def with_typed(session: AsyncSession, view: View, views: Views, request: Request, query: ListQuery) -> ListQuery:
    """Rows that were typed, not chosen: the id where one is called so, else the words."""
    values, params = dict(query.filters), request.query_params
    for each in _offered(view, views):
        if not isinstance(each, Related):
            continue
        words = params.get(f"{each.name}.words", "").strip()[:LONGEST_WORDS]
        if words != params.get(f"{each.name}.chosen", ""):
            named = await find_named(session, views[each.identity], words) if words else []
            values[each.name] = str(named[0].id) if len(named) == 1 else words
    return replace(query, filters={name: value for name, value in values.items() if value})


async def show_filters(session: AsyncSession, view: View, views: Views, query: ListQuery) -> list[ShownFilter]:
    """One statement for all counts, and one for each relation that is chosen."""
    offered = _offered(view, views)
    counts = await _counts(session, view, query, offered)
    return [await _shown(session, views, each, query, counts) for each in offered]


def _offered(view: View, views: Views) -> list[Filter]:
    """Not by rows of a view that the person may not look through: their names are shown beside it."""
    return [each for each in view.filters if not isinstance(each, Related) or each.identity in views]


async def _counts(session: AsyncSession, view: View, query: ListQuery, filters: Iterable[Filter]) -> Counts:
    """How long the list would be with each choice, while the words and all other filters stay."""
    choices = [each for each in filters if isinstance(each, Choice)]
    if any(each.name in query.filters for each in choices if not each.is_counted):
        return {}
    found = {
        (each.name, value): counted(narrowed(view, replace(query, filters={**query.filters, each.name: value})))
        for each in choices
        if each.is_counted
        for value in each.conditions
    }
    if not found:
        return {}
    numbers = (await session.execute(select(*found.values()))).one()
    return dict(zip(found, numbers, strict=True))


async def _shown(session: AsyncSession, views: Views, filter: Filter, query: ListQuery, counts: Counts) -> ShownFilter:
    values = {name: query.filters.get(name, "") for name in filter.names}
    match filter:
        case Choice(name=name, conditions=conditions):
            options = [Option(each, title, counts.get((name, each))) for each, (title, _) in conditions.items()]
            return ShownFilter(filter, values, options)
        case Related(name=name, identity=identity) if typed := values[name]:
            is_unclear = id_of(typed) is None
            label = typed if is_unclear else await _label(session, views[identity], typed)
            return ShownFilter(filter, values, label=label, is_unclear=is_unclear)
        case _:
            return ShownFilter(filter, values)


async def _label(session: AsyncSession, view: View, id: str) -> str:
    row = await session.scalar(view.scope().where(view.model.id == id_of(id)))
    return view.label(row) if row is not None else ""
