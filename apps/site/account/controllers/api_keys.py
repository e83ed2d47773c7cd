"""The API keys of who is signed in and may do something as staff."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from msgspec import Struct

from apps.accounts.api_keys.making import MadeKey, make_own_key
from apps.accounts.api_keys.reads import own_keys
from apps.accounts.api_keys.revoking import revoke_own_key
from apps.accounts.api_keys.schemas import ApiKeyIn, KeyName
from apps.accounts.current_user import CurrentUser
from apps.accounts.permissions import by_subject
from apps.accounts.sessions.limits import PASSWORD_CHANGES
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.core.db.database import Database, now
from apps.core.errors import AppError, NotFound
from apps.core.http.forms import Filled, Typed, fill, typed_in
from apps.core.http.requests import AnyRequest, Db
from apps.core.text.i18n import lazy as _
from apps.site.account.forms import EMPTY, account_page
from apps.site.account.own_pages import OwnPageController, Visitor

Done = Annotated[str, QueryParameter(name="done", max_length=20, required=False)]
API_KEYS = "/account/api-keys"
MAY = "may."
"""How the name of a permission's box begins; the permission follows."""
NONE_CHOSEN = _("Choose at least one.")
PERIODS = {30: _("30 days"), 90: _("90 days"), 365: _("A year")}
"""In which a key may expire, in days."""


class ApiKeyForm(Struct):
    name: KeyName
    days: int = 0


class ApiKeyPageController(OwnPageController):
    path = API_KEYS

    @get("/")
    async def show(self, visitor: Visitor, request: AnyRequest, db: Db, done: Done = "") -> Response[str]:
        refuse_fans(visitor)
        async with db.reads() as reads:
            keys = await own_keys(reads, visitor)
        allowed = {key.id: by_subject(key.permissions) for key in keys}
        return await account_page(request, db, "api_keys", keys=keys, allowed=allowed, done=done)

    @get("/new")
    async def ask(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        refuse_fans(visitor)
        refuse_stale_proof(visitor)
        return await _form_page(request, db, visitor)

    @post("/new", limit=PASSWORD_CHANGES)
    async def create(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        refuse_fans(visitor)
        typed = await typed_in(request)
        form, chosen = fill(ApiKeyForm, typed), permissions_in(typed)
        if form.value is None or not chosen:
            errors = form.errors if chosen else {**form.errors, "permissions": NONE_CHOSEN}
            return await _form_page(request, db, visitor, Filled(typed, errors, None))
        try:
            made = await _made(db, visitor, form.value, chosen)
        except AppError as refusal:
            return await _form_page(request, db, visitor, form, refusal)
        return await account_page(request, db, "new_api_key", key=made.key, name=made.row.name)

    @post("/{id:uuid}/revoke")
    async def revoke(self, id: FromPath[UUID], visitor: Visitor, db: Db) -> Response[None]:
        async with db.begin() as session:
            await revoke_own_key(session, visitor, id)
        return Redirect(f"{API_KEYS}?done=revoked", status_code=303)


def refuse_fans(visitor: CurrentUser) -> None:
    """There is nothing that a key of theirs could do. Raises NotFound."""
    if not visitor.permissions:
        raise NotFound


def permissions_in(typed: Typed) -> Sequence[str]:
    """Those whose boxes are ticked."""
    return [name.removeprefix(MAY) for name in typed if name.startswith(MAY)]


async def _made(db: Database, visitor: CurrentUser, form: ApiKeyForm, chosen: Sequence[str]) -> MadeKey:
    async with db.begin() as session:
        expires_at = await now(session) + timedelta(days=form.days) if form.days in PERIODS else None
        new = ApiKeyIn(name=form.name, permissions=list(chosen), expires_at=expires_at)
        return await make_own_key(session, visitor, new)


async def _form_page(
    request: AnyRequest,
    db: Database,
    visitor: CurrentUser,
    form: Filled[Any] = EMPTY,
    refusal: AppError | None = None,
) -> Response[str]:
    offered = by_subject(visitor.permissions)
    return await account_page(request, db, "api_key_form", form, refusal, offered=offered, periods=PERIODS)
