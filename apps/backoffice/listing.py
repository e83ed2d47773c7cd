"""The list of a view: looked through, narrowed, sorted, and taken away as a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqladmin.authorization import Action
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.filters import Filter, Option, Related
from apps.backoffice.formats import plainly
from apps.backoffice.lists import COUNTED, Asked, Found, Order, find_page, plan_anew, query_of
from apps.backoffice.pages import page
from apps.backoffice.places import export_place, list_place
from apps.backoffice.requests import db_of, id_of
from apps.backoffice.verbs import Verb
from apps.backoffice.views import View, find_named

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice

LONGEST_WORDS = 100


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """`label` is what a chosen relation is called, or what was typed when that `is_unclear`."""

    filter: Filter
    values: dict[str, str]
    options: Sequence[Option]
    label: str = ""
    is_unclear: bool = False


async def show_list(office: "BackOffice", request: Request) -> Response:
    view = office.view_for(request, Action.LIST)
    offered = filters_for(office, view, request)
    async with db_of(request).begin() as session:
        await plan_anew(session)
        asked = await _with_typed(office, session, offered, request, read_asked(view, request))
        found = await find_rows(session, view, asked, after=request.query_params.get("after", "")[:2000])
        filters = [await _shown(office, session, view, each, asked) for each in offered]
        await view.complete(session, found.rows)
    return page(
        request,
        "backoffice/list.html",
        menu=office.menu_for(request),
        view=view,
        asked=asked,
        found=found,
        counted=COUNTED,
        rows=[(row, cells_of(view, row, request)) for row in found.rows],
        filters=filters,
        verbs=verbs_for(view, found.rows, request),
        may_create=view.may(request, Action.CREATE),
        may_export=view.may(request, Action.EXPORT),
        order=order_of(view, asked),
        link=lambda **more: list_place(view.identity) + "?" + query_of(asked, **more),
        export=f"{export_place(view.identity)}?{query_of(asked)}",
        told=view.told(request),
    )


def filters_for(office: "BackOffice", view: View, request: Request) -> list[Filter]:
    """Not by rows of a view that the person may not look at: their names are shown beside it."""
    return [
        each
        for each in view.filters
        if not isinstance(each, Related) or office.views_by_identity[each.identity].may(request, Action.LIST)
    ]


def verbs_for(view: View, rows: Sequence[Any], request: Request) -> list[Verb]:
    """What can be done with some of the rows together."""
    allowed = [verb for verb in view.verbs if verb.many and view.may(request, f"do:{verb.name}")]
    return [verb for verb in allowed if any(map(verb.applies, rows))]


def read_asked(view: View, request: Request) -> Asked:
    """What makes no sense is not asked for."""
    params = request.query_params
    names = [name for each in view.filters for name in each.names]
    sort = params.get("sort", "")
    return Asked(
        q=params.get("q", "").strip()[:LONGEST_WORDS],
        sort=sort if sort.removeprefix("-") in view.orders else "",
        filters={name: value[:100] for name in names if (value := params.get(name, ""))},
    )


def order_of(view: View, asked: Asked) -> Order:
    """`title` goes up, `-title` down; without a wish as the view says."""
    if not asked.sort:
        return next(iter(view.orders.values()))
    chosen = view.orders[asked.sort.removeprefix("-")]
    return Order(chosen.column, chosen.kind, is_descending=asked.sort.startswith("-"))


def narrowed(view: View, asked: Asked) -> Select[Any]:
    found = view.scope_of_list(view.scope(), asked.filters)
    for each in view.filters:
        found = each.narrow(found, asked.filters)
    return view.search(found, asked.q) if asked.q and view.search_help else found


async def find_rows(session: AsyncSession, view: View, asked: Asked, *, after: str) -> Found:
    return await find_page(
        session, narrowed(view, asked), order_of(view, asked), view.model.id, asked=asked, after=after
    )


def cells_of(view: View, row: Any, request: Request) -> list[Any]:
    return [cell_of(view, row, name, request) for name in view.column_list]


def cell_of(view: View, row: Any, name: Any, request: Request) -> Any:
    return view.column_formatters.get(name, plainly)(row, name, request)


async def _with_typed(
    office: "BackOffice", session: AsyncSession, filters: Iterable[Filter], request: Request, asked: Asked
) -> Asked:
    """Rows that were typed, not chosen: the id where one is called so, else the words."""
    values, params = dict(asked.filters), request.query_params
    for each in [each for each in filters if isinstance(each, Related)]:
        words = params.get(f"{each.name}.words", "").strip()[:LONGEST_WORDS]
        if words != params.get(f"{each.name}.chosen", ""):
            named = await find_named(session, office.views_by_identity[each.identity], words) if words else []
            values[each.name] = str(named[0].id) if len(named) == 1 else words
    return msgspec.structs.replace(asked, filters={name: value for name, value in values.items() if value})


async def _shown(office: "BackOffice", session: AsyncSession, view: View, filter: Filter, asked: Asked) -> ShownFilter:
    values = {name: asked.filters.get(name, "") for name in filter.names}
    if isinstance(filter, Related):
        value = asked.filters.get(filter.name, "")
        label = await _label(office, session, filter, value)
        return ShownFilter(filter, values, [], label, is_unclear=bool(value) and id_of(value) is None)
    return ShownFilter(filter, values, await filter.options(session, view.scope_of_list(view.scope(), {})))


async def _label(office: "BackOffice", session: AsyncSession, filter: Related, value: str) -> str:
    id = id_of(value)
    if id is None:
        return value
    related = office.views_by_identity[filter.identity]
    row = await session.scalar(related.scope().where(related.model.id == id))
    return related.label(row) if row is not None else ""
