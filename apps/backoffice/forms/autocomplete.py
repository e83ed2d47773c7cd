"""Autocompletion: rows of a view by what is typed."""

from sqladmin.authorization import Action as Access
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.backoffice.lists.pages import plan_anew
from apps.backoffice.lists.query import LONGEST_WORDS
from apps.backoffice.requests import db_of
from apps.backoffice.views.registry import ViewRegistry


async def autocomplete(views: ViewRegistry, request: Request) -> Response:
    """`{"results": [{"id", "text"}]}`, ten at most."""
    view = views.requested(request, Access.LIST)
    words = request.query_params.get("q", "").strip()[:LONGEST_WORDS]
    async with db_of(request).begin() as session:
        await plan_anew(session)
        rows = await view.suggest(session, words)
    results = [{"id": str(row.id), "text": view.label(row)} for row in rows]
    return JSONResponse({"results": results}, headers={"Cache-Control": "private, no-store"})
