"""The page of one row: its columns, panels, actions and history; and what else a view sends."""

from sqladmin.authorization import Action as Access
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.history.row_history import history_of
from apps.backoffice.lists.listing import cell_of
from apps.backoffice.pages import page
from apps.backoffice.requests import db_of
from apps.backoffice.views.registry import ViewRegistry


async def show_details(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.DETAILS)
    async with db_of(request).begin() as session:
        row = await view.find(session, request.path_params["pk"])
        await view.complete_one(session, row)
        panels = await view.panels(session, row, request)
        history = await history_of(session, views, view, row, request)
        more = await view.more(session, row, request)
    actions = [action for action in view.actions if action.applies(row) and view.may(request, f"do:{action.name}")]
    next_action = next((action for action in actions if action.is_next), None)
    return page(
        request,
        view.details_template,
        menu=views.menu_for(request),
        view=view,
        row=row,
        facts=[
            (view.column_labels[name], cell_of(view, row, name, request))
            for name in view.column_details_list or view.column_list
        ],
        panels=panels,
        history=history,
        next_action=next_action,
        actions=[action for action in actions if action is not next_action],
        may_edit=view.may(request, Access.EDIT) and view.may_change(row),
        told=view.told(request),
        **more,
    )


async def send_file(views: ViewRegistry, request: Request) -> Response:
    name = request.path_params["name"]
    view = views.requested(request, f"file:{name}")
    return await next(file for file in view.files if file.name == name).answer(view, request)
