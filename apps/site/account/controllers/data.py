"""The data that are held about who is signed in: to be read, and to be deleted with the account."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from apps.accounts.current_user import CurrentUser
from apps.accounts.sessions.limits import PASSWORD_CHANGES
from apps.accounts.sessions.proof import ProofNeeded, refuse_stale_proof
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.privacy.erasing.requests import ask_for_own_erasure, cancel_own_erasure
from apps.privacy.exporting.contents import from_json
from apps.privacy.exporting.page import sections
from apps.privacy.exporting.requests import ask_for_export, cancel_export, read_export
from apps.privacy.own_reads import my_data
from apps.site.account.forms import account_page
from apps.site.account.own_pages import OwnPageController, Visitor

Done = Annotated[str, QueryParameter(name="done", max_length=20, required=False)]
DATA = "/account/data"
DOWNLOAD = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
    "Content-Disposition": 'attachment; filename="data.json"',
}


class DataPageController(OwnPageController):
    path = DATA

    @get("/")
    async def show(self, visitor: Visitor, request: AnyRequest, db: Db, done: Done = "") -> Response[str]:
        refuse_stale_proof(visitor)
        return await _data_page(request, db, visitor, done=done)

    @post("/exports", limit=PASSWORD_CHANGES)
    async def export(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        try:
            async with db.begin() as session:
                await ask_for_export(session, visitor)
        except ProofNeeded:
            raise
        except AppError as refusal:
            return await _data_page(request, db, visitor, refusal)
        return Redirect(f"{DATA}?done=asked", status_code=303)

    @post("/exports/{id:uuid}/cancel")
    async def cancel_export(
        self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db
    ) -> Response[str] | Response[None]:
        try:
            async with db.begin() as session:
                await cancel_export(session, visitor, id)
        except AppError as refusal:
            return await _data_page(request, db, visitor, refusal)
        return Redirect(f"{DATA}?done=cancelled", status_code=303)

    @get("/exports/{id:uuid}/data.json")
    async def read_json(self, id: FromPath[UUID], visitor: Visitor, db: Db) -> Response[bytes]:
        async with db.begin() as session:
            result = await read_export(session, visitor, id)
        return Response(result, media_type="application/json", headers=DOWNLOAD)

    @get("/exports/{id:uuid}")
    async def read_page(self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        async with db.begin() as session:
            result = await read_export(session, visitor, id)
        made_at = from_json(result).made_at
        return await account_page(
            request, db, "own_data", export_id=id, made_at=made_at, sections=sections(result, locale_of(request))
        )

    @post("/erasure", limit=PASSWORD_CHANGES)
    async def erase(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        try:
            async with db.begin() as session:
                await ask_for_own_erasure(session, visitor)
        except ProofNeeded:
            raise
        except AppError as refusal:
            return await _data_page(request, db, visitor, refusal)
        return Redirect(DATA, status_code=303)

    @post("/erasure/cancel")
    async def cancel_erasure(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        try:
            async with db.begin() as session:
                await cancel_own_erasure(session, visitor)
        except AppError as refusal:
            return await _data_page(request, db, visitor, refusal)
        return Redirect(f"{DATA}?done=kept", status_code=303)


async def _data_page(
    request: AnyRequest, db: Database, visitor: CurrentUser, refusal: AppError | None = None, *, done: str = ""
) -> Response[str]:
    async with db.begin() as session:
        data = await my_data(session, visitor, locale=locale_of(request))
    return await account_page(request, db, "data", refusal=refusal, data=data, done=done)
