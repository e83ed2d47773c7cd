"""The list of a view: looked through, narrowed, sorted, and taken away as a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqladmin.authorization import Action
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.filters import Filter, Option, Related
from apps.backoffice.formats import plainly
from apps.backoffice.lists import COUNTED, Asked, Found, Order, find_page, plan_anew, query_of
from apps.backoffice.pages import page
from apps.backoffice.places import list_place
from apps.backoffice.requests import db_of, id_of
from apps.backoffice.verbs import Verb
from apps.backoffice.views import View

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice

LONGEST_WORDS = 100


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """`label` is what a chosen relation is called."""

    filter: Filter
    values: dict[str, str]
    options: Sequence[Option]
    label: str = ""


async def show_list(office: "BackOffice", request: Request) -> Response:
    view = office.view_for(request, Action.LIST)
    asked = read_asked(view, request)
    async with db_of(request).begin() as session:
        await plan_anew(session)
        found = await find_rows(session, view, asked, after=request.query_params.get("after", "")[:2000])
        filters = [await _shown(office, session, view, each, asked) for each in view.filters]
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
        export=f"{list_place(view.identity)[:-5]}/export/csv?{query_of(asked)}",
        told=view.told(request),
    )


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


async def _shown(office: "BackOffice", session: AsyncSession, view: View, filter: Filter, asked: Asked) -> ShownFilter:
    values = {name: asked.filters.get(name, "") for name in filter.names}
    options = await filter.options(session, view.scope_of_list(view.scope(), {}))
    return ShownFilter(filter, values, options, await _label(office, session, filter, values.values()))


async def _label(office: "BackOffice", session: AsyncSession, filter: Filter, values: Iterable[str]) -> str:
    ids = [id for value in values if (id := id_of(value))]
    if not isinstance(filter, Related) or not ids:
        return ""
    related = office.views_by_identity[filter.identity]
    row = await session.scalar(related.scope().where(related.model.id == ids[0]))
    return related.label(row) if row is not None else ""
