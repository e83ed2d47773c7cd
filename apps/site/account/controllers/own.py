"""The account of who is signed in: their orders, details and password."""

from typing import Annotated

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from apps.accounts.services import change_password, change_profile
from apps.accounts.sessions.limits import PASSWORD_CHANGES, PROFILE_CHANGES
from apps.accounts.sessions.sessions import end_other_sessions
from apps.core.errors import AppError
from apps.core.http.forms import Filled, fill, typed_in
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.site.account.forms import SENTENCES, ChangePasswordForm, DetailsForm, account_page
from apps.site.account.own_orders import own_orders
from apps.site.pages import SiteController
from apps.site.visitor import signed_in_visitor, visitor_of

After = Annotated[str, QueryParameter(name="after", max_length=200, required=False)]
Done = Annotated[str, QueryParameter(name="done", max_length=20, required=False)]
SIGN_IN = "/account/sign-in"


class AccountPageController(SiteController):
    path = "/account"

    @get("/")
    async def show(self, request: AnyRequest, db: Db, after: After = "") -> Response[str] | Response[None]:
        async with db.reads() as reads:
            visitor = await visitor_of(request, reads)
            if visitor is None:
                return Redirect(SIGN_IN, status_code=303)
            orders = await own_orders(reads, visitor, locale=locale_of(request), after=after)
        return await account_page(request, db, "orders", orders=orders, after=after)

    @get("/details")
    async def show_details(self, request: AnyRequest, db: Db, done: Done = "") -> Response[str] | Response[None]:
        async with db.reads() as reads:
            visitor = await visitor_of(request, reads)
        if visitor is None:
            return Redirect(f"{SIGN_IN}?next=/account/details", status_code=303)
        typed = {"name": visitor.name, "locale": visitor.locale}
        return await account_page(request, db, "details", Filled(typed, {}, None), done=done)

    @post("/details", limit=PROFILE_CHANGES)
    async def change_details(self, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        form = fill(DetailsForm, await typed_in(request), SENTENCES)
        async with db.reads() as reads:
            visitor = await signed_in_visitor(request, reads)
        if form.value is None:
            return await account_page(request, db, "details", form, done="")
        async with db.begin() as session:
            await change_profile(session, visitor, name=form.value.name, locale=form.value.locale)
        return Redirect("/account/details?done=details", status_code=303)

    @get("/security")
    async def show_security(self, request: AnyRequest, db: Db, done: Done = "") -> Response[str] | Response[None]:
        async with db.reads() as reads:
            visitor = await visitor_of(request, reads)
        if visitor is None:
            return Redirect(f"{SIGN_IN}?next=/account/security", status_code=303)
        return await account_page(request, db, "security", done=done)

    @post("/password", limit=PASSWORD_CHANGES)
    async def change_password(self, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        form = fill(ChangePasswordForm, await typed_in(request), SENTENCES)
        async with db.reads() as reads:
            visitor = await signed_in_visitor(request, reads)
        if form.value is None:
            return await account_page(request, db, "security", form, done="")
        try:
            await change_password(db, visitor, current=form.value.current, new=form.value.new)
        except AppError as refusal:
            return await account_page(request, db, "security", form, refusal, done="")
        return Redirect("/account/security?done=password", status_code=303)

    @post("/sign-out-others")
    async def sign_out_others(self, request: AnyRequest, db: Db) -> Response[None]:
        async with db.reads() as reads:
            visitor = await signed_in_visitor(request, reads)
        async with db.begin() as session:
            await end_other_sessions(session, visitor)
        return Redirect("/account/security?done=sessions", status_code=303)
