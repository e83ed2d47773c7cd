"""The pages of how somebody signs in: each shows something of the account, and the form that was typed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Response

from apps.accounts.current_user import CurrentUser
from apps.accounts.own_reads import factors_of
from apps.accounts.passkeys.challenges import relying_party
from apps.accounts.passkeys.passkeys import options_to_add, options_to_sign_in
from apps.accounts.second_factor.enrolling import begun_totp
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.forms import Filled
from apps.core.http.requests import AnyRequest
from apps.core.text.qr_codes import qr_code
from apps.site.account.forms import EMPTY, account_page

SECURITY = "/account/security"
Shown = Mapping[str, Any]


async def security_page(
    request: AnyRequest,
    db: Database,
    visitor: CurrentUser,
    page: str,
    form: Filled[Any] = EMPTY,
    refusal: AppError | None = None,
    **words: Any,
) -> Response[str]:
    """`page`: one of SHOWN, as its template is called."""
    shown = await SHOWN[page](request, db, visitor)
    return await account_page(request, db, page, form, refusal, **{"done": "", **shown, **words})


async def _overview(request: AnyRequest, db: Database, visitor: CurrentUser) -> Shown:
    async with db.reads() as reads:
        return {"factors": await factors_of(reads, visitor), "here": SECURITY}


async def _app(request: AnyRequest, db: Database, visitor: CurrentUser) -> Shown:
    async with db.begin() as session:
        begun = await begun_totp(session, visitor)
    picture, secret = (qr_code(begun.url), begun.secret) if begun else ("", "")
    return {"picture": picture, "secret": secret, "is_required": visitor.lacks_second_factor}


async def _proof(request: AnyRequest, db: Database, visitor: CurrentUser) -> Shown:
    async with db.reads() as reads:
        factors = await factors_of(reads, visitor)
    return {"factors": factors, "options": options_to_sign_in(relying_party(request))}


async def _new_passkey(request: AnyRequest, db: Database, visitor: CurrentUser) -> Shown:
    async with db.reads() as reads:
        return {"options": await options_to_add(reads, visitor, relying_party(request))}


SHOWN: Mapping[str, Callable[[AnyRequest, Database, CurrentUser], Awaitable[Shown]]] = {
    "security": _overview,
    "second_factor": _app,
    "prove": _proof,
    "passkeys": _new_passkey,
}
