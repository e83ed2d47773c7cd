"""The account of who is signed in: their orders and details."""

from typing import Annotated

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from apps.accounts.services import change_profile
from apps.accounts.sessions.limits import PROFILE_CHANGES
from apps.core.http.forms import Filled, fill, typed_in
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.site.account.forms import SENTENCES, DetailsForm, account_page
from apps.site.account.own_orders import own_orders
from apps.site.account.own_pages import OwnPageController, Visitor

After = Annotated[str, QueryParameter(name="after", max_length=200, required=False)]
Done = Annotated[str, QueryParameter(name="done", max_length=20, required=False)]


class AccountPageController(OwnPageController):
    path = "/account"

    @get("/")
    async def show(self, visitor: Visitor, request: AnyRequest, db: Db, after: After = "") -> Response[str]:
        async with db.reads() as reads:
            orders = await own_orders(reads, visitor, locale=locale_of(request), after=after)
        return await account_page(request, db, "orders", orders=orders, after=after)

    @get("/details")
    async def show_details(self, visitor: Visitor, request: AnyRequest, db: Db, done: Done = "") -> Response[str]:
        typed = {"name": visitor.name, "locale": visitor.locale}
        return await account_page(request, db, "details", Filled(typed, {}, None), done=done)

    @post("/details", limit=PROFILE_CHANGES)
    async def change_details(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        form = fill(DetailsForm, await typed_in(request), SENTENCES)
        if form.value is None:
            return await account_page(request, db, "details", form, done="")
        async with db.begin() as session:
            await change_profile(session, visitor, name=form.value.name, locale=form.value.locale)
        return Redirect("/account/details?done=details", status_code=303)
