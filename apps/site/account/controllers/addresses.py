"""Where parcels go: the addresses of who is signed in."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from apps.accounts.addresses.addresses import (
    KeptAddress,
    add_address,
    change_address,
    list_addresses,
    make_default,
    remove_address,
)
from apps.accounts.current_user import CurrentUser
from apps.accounts.sessions.limits import PROFILE_CHANGES
from apps.core.db.database import Database
from apps.core.errors import AppError, NotFound
from apps.core.http.forms import NOTHING, Filled, typed_in
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.core.text.postal import address_text
from apps.core.text.postal_rules import regions_of
from apps.site.account.forms import EMPTY, account_page
from apps.site.account.own_pages import OwnPageController, Visitor
from apps.site.checkout.checkout_form import countries, fill_address

Done = Annotated[str, QueryParameter(name="done", max_length=20, required=False)]
LIST = "/account/addresses"


class AddressPageController(OwnPageController):
    path = LIST

    @get("/")
    async def show(self, visitor: Visitor, request: AnyRequest, db: Db, done: Done = "") -> Response[str]:
        async with db.reads() as reads:
            addresses = await list_addresses(reads, visitor.id)
        locale = locale_of(request)
        texts = {each.id: address_text(msgspec.to_builtins(each.address), locale) for each in addresses}
        return await account_page(request, db, "addresses", addresses=addresses, texts=texts, done=done)

    @get("/new")
    async def ask_for_new(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        return await _form(request, db, Filled({"name": visitor.name}, NOTHING, None))

    @post("/new", limit=PROFILE_CHANGES)
    async def add(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        return await _save(request, db, visitor, None)

    @get("/{id:uuid}")
    async def ask_for_change(self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db) -> Response[str]:
        kept = await _find(db, visitor, id)
        typed = {"name": kept.name, **msgspec.to_builtins(kept.address)}
        return await _form(request, db, Filled(typed, NOTHING, None), kept)

    @post("/{id:uuid}", limit=PROFILE_CHANGES)
    async def change(
        self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db
    ) -> Response[str] | Response[None]:
        return await _save(request, db, visitor, await _find(db, visitor, id))

    @post("/{id:uuid}/default", limit=PROFILE_CHANGES)
    async def make_default(self, id: FromPath[UUID], visitor: Visitor, db: Db) -> Response[None]:
        async with db.begin() as session:
            await make_default(session, visitor, id)
        return Redirect(LIST, status_code=303)

    @post("/{id:uuid}/remove", limit=PROFILE_CHANGES)
    async def remove(self, id: FromPath[UUID], visitor: Visitor, db: Db) -> Response[None]:
        async with db.begin() as session:
            await remove_address(session, visitor, id)
        return Redirect(f"{LIST}?done=removed", status_code=303)


async def _save(
    request: AnyRequest, db: Database, visitor: CurrentUser, kept: KeptAddress | None
) -> Response[str] | Response[None]:
    """The new one, or in the place of `kept`."""
    form, address = fill_address(await typed_in(request))
    if address is None:
        return await _form(request, db, form, kept)
    name = form.typed.get("name", "")
    try:
        async with db.begin() as session:
            if kept:
                await change_address(session, visitor, kept.id, name=name, address=address)
            else:
                await add_address(session, visitor, name=name, address=address)
    except AppError as refusal:
        return await _form(request, db, form, kept, refusal)
    return Redirect(f"{LIST}?done=saved", status_code=303)


async def _find(db: Database, visitor: CurrentUser, id: UUID) -> KeptAddress:
    """Raises NotFound."""
    async with db.reads() as reads:
        addresses = await list_addresses(reads, visitor.id)
    kept = next((each for each in addresses if each.id == id), None)
    if kept is None:
        raise NotFound
    return kept


async def _form(
    request: AnyRequest,
    db: Database,
    form: Filled[Any] = EMPTY,
    kept: KeptAddress | None = None,
    refusal: AppError | None = None,
) -> Response[str]:
    words = {"countries": countries(locale_of(request)), "regions": regions_of(form.typed.get("country", ""))}
    return await account_page(request, db, "address", form, refusal, kept=kept, **words)
