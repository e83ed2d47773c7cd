"""Autocompletion: rows of a view by what is typed."""

from typing import TYPE_CHECKING

from sqladmin.authorization import Action
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from apps.backoffice.lists.pages import plan_anew
from apps.backoffice.lists.query import LONGEST_WORDS
from apps.backoffice.requests import db_of

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice


async def look_up(office: "BackOffice", request: Request) -> Response:
    """`{"results": [{"id", "text"}]}`, ten at most."""
    view = office.view_for(request, Action.LIST)
    words = request.query_params.get("q", "").strip()[:LONGEST_WORDS]
    async with db_of(request).begin() as session:
        await plan_anew(session)
        rows = await view.suggest(session, words)
    results = [{"id": str(row.id), "text": view.label(row)} for row in rows]
    return JSONResponse({"results": results}, headers={"Cache-Control": "private, no-store"})
