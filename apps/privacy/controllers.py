"""One's own data over the API: exports, and having the account deleted."""

from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath

from apps.accounts.guards import CurrentUserDep, signed_in
from apps.accounts.sessions.limits import PASSWORD_CHANGES
from apps.accounts.sessions.proof import ProofNeeded
from apps.accounts.users.authority import LastAdmin
from apps.core.http.openapi import problems
from apps.core.http.requests import PERSONAL, SMALL_BODY, AnyRequest, Session, locale_of
from apps.privacy.erasing.erasing import what_is_open
from apps.privacy.erasing.requests import (
    ErasureAskedAlready,
    ErasureUnderWay,
    NoErasure,
    ask_for_own_erasure,
    cancel_own_erasure,
)
from apps.privacy.exporting.contents import PersonalData, from_json
from apps.privacy.exporting.requests import (
    ExportEnded,
    ExportNotReady,
    ExportUnderWay,
    TooManyExports,
    ask_for_export,
    cancel_export,
    read_export,
)
from apps.privacy.own_reads import my_data
from apps.privacy.schemas import ErasureOut, ExportOut, MyDataOut, erasure_out, export_out


class MyDataController(Controller):
    path = "/api/v1/me/data"
    cache_control = PERSONAL
    request_max_body_size = SMALL_BODY
    guards = [signed_in]
    tags = ["Account"]

    @get("/", operation_id="showMyData")
    async def show(self, current_user: CurrentUserDep, request: AnyRequest, session: Session) -> MyDataOut:
        """Exports of what is held about this account, and whether it is to be deleted."""
        return await my_data(session, current_user, locale=locale_of(request))

    @post(
        "/exports",
        status_code=202,
        operation_id="exportMyData",
        limit=PASSWORD_CHANGES,
        responses=problems(ProofNeeded, ExportUnderWay, TooManyExports),
    )
    async def export(self, current_user: CurrentUserDep, session: Session) -> ExportOut:
        """Gather all that is held about this account. Needs a fresh proof; a mail says when it is ready."""
        return export_out(await ask_for_export(session, current_user))

    @post(
        "/exports/{id:uuid}/cancel",
        status_code=200,
        operation_id="cancelMyExport",
        responses=problems(ExportEnded),
    )
    async def cancel_export(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> ExportOut:
        """Stop gathering."""
        return export_out(await cancel_export(session, current_user, id))

    @get(
        "/exports/{id:uuid}/file",
        operation_id="readMyExport",
        responses=problems(ProofNeeded, ExportNotReady),
    )
    async def read(self, id: FromPath[UUID], current_user: CurrentUserDep, session: Session) -> PersonalData:
        """What was gathered. Needs a fresh proof."""
        return from_json(await read_export(session, current_user, id))

    @post(
        "/erasure",
        status_code=202,
        operation_id="eraseMe",
        limit=PASSWORD_CHANGES,
        responses=problems(ProofNeeded, ErasureAskedAlready, LastAdmin),
    )
    async def erase(self, current_user: CurrentUserDep, request: AnyRequest, session: Session) -> ErasureOut:
        """Delete this account, and all that is held about it, in some days. Needs a fresh proof."""
        erasure = await ask_for_own_erasure(session, current_user)
        waits_for = await what_is_open(session, current_user.id)
        return erasure_out(erasure, [each.in_locale(locale_of(request)) for each in waits_for])

    @post(
        "/erasure/cancel",
        status_code=204,
        operation_id="keepMe",
        responses=problems(NoErasure, ErasureUnderWay),
    )
    async def cancel_erasure(self, current_user: CurrentUserDep, session: Session) -> None:
        """Keep the account after all."""
        await cancel_own_erasure(session, current_user)
