"""The list of a view: a page of it, with its filters and what can be done with its rows."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from sqladmin.authorization import Action as Access
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.actions.action import Action
from apps.backoffice.formats import plainly
from apps.backoffice.lists.facets import show_filters, with_typed
from apps.backoffice.lists.pages import COUNTED, ListQuery, PageStart, find_page, plan_anew
from apps.backoffice.lists.query import listing_of, params_of, read_query
from apps.backoffice.pages import page
from apps.backoffice.requests import db_of, done_of
from apps.backoffice.urls import export_url, list_url
from apps.backoffice.views.base import NONE_CHOSEN, View
from apps.backoffice.views.registry import ViewRegistry


async def show_list(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.LIST)
    visible, page_start = views.visible_to(request), page_start_of(request)
    async with db_of(request).begin() as session:
        await plan_anew(session)
        query = await with_typed(session, view, visible, request, read_query(view, request.query_params))
        found = await find_page(session, listing_of(view, query), page_start)
        filters = await show_filters(session, view, visible, query)
        await view.complete(session, found.rows)
    return page(
        request,
        "backoffice/list.html",
        menu=views.menu_for(request),
        view=view,
        query=query,
        found=found,
        counted=COUNTED,
        rows=[(row, [cell_of(view, row, name, request) for name in view.column_list]) for row in found.rows],
        filters=filters,
        actions=actions_for(view, found.rows, request),
        may_look=view.may(request, Access.DETAILS),
        may_create=view.may(request, Access.CREATE),
        files=[file for file in view.files if file.title and view.may(request, f"file:{file.name}")],
        may_export=view.may(request, Access.EXPORT),
        told=view.told(request),
        is_none_chosen=done_of(request) == NONE_CHOSEN,
        **_addresses(view, query),
    )


def page_start_of(request: Request) -> PageStart:
    after, before = (request.query_params.get(name, "")[:2000] for name in ("after", "before"))
    return PageStart(before or after, is_back=bool(before))


def actions_for(view: View, rows: Sequence[Any], request: Request) -> list[Action]:
    """What can be done with some of the rows together."""
    allowed = [action for action in view.actions if action.many and view.may(request, f"do:{action.name}")]
    return [action for action in allowed if any(map(action.applies, rows))]


def _addresses(view: View, query: ListQuery) -> dict[str, Any]:
    """Of the list as it was asked for: sorted otherwise, from another place on, as a file."""
    params = params_of(query)
    return {
        "params": urlencode(params),
        "link": lambda **more: list_url(view.identity, **params_of(query, **more)),
        "export": export_url(view.identity, **params),
    }


def cell_of(view: View, row: Any, name: Any, request: Request) -> Any:
    return view.column_formatters.get(name, plainly)(row, name, request)
