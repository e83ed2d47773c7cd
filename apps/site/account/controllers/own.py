"""The account of who is signed in: their orders and details."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from apps.accounts.current_user import CurrentUser
from apps.accounts.email_change.changing import ask_for_email_change
from apps.accounts.services import change_profile
from apps.accounts.sessions.limits import EMAIL_CHANGE_MAILS, PASSWORD_CHANGES, PROFILE_CHANGES, count_mail
from apps.accounts.sessions.proof import ProofNeeded
from apps.core.errors import AppError
from apps.core.http.forms import Filled, fill, typed_in
from apps.core.http.rate_limits import LimitsDependency, caller
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.site.account.forms import EMPTY, SENTENCES, DetailsForm, EmailForm, account_page
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
        return await account_page(request, db, "details", _with_details(EMPTY, visitor), done=done)

    @post("/email", limit=PASSWORD_CHANGES)
    async def change_email(
        self, visitor: Visitor, request: AnyRequest, db: Db, limits: LimitsDependency
    ) -> Response[str] | Response[None]:
        form = fill(EmailForm, await typed_in(request), SENTENCES)
        if form.value is None:
            return await account_page(request, db, "details", _with_details(form, visitor), done="")
        try:
            await count_mail(limits, EMAIL_CHANGE_MAILS, email=form.value.email.lower(), by=caller(request))
            async with db.begin() as session:
                await ask_for_email_change(session, visitor, form.value.email)
        except ProofNeeded:
            raise
        except AppError as refusal:
            return await account_page(request, db, "details", _with_details(form, visitor), refusal, done="")
        return Redirect("/account/details?done=email", status_code=303)

    @post("/details", limit=PROFILE_CHANGES)
    async def change_details(self, visitor: Visitor, request: AnyRequest, db: Db) -> Response[str] | Response[None]:
        form = fill(DetailsForm, await typed_in(request), SENTENCES)
        if form.value is None:
            return await account_page(request, db, "details", form, done="")
        try:
            async with db.begin() as session:
                await change_profile(session, visitor, **msgspec.structs.asdict(form.value))
        except AppError as refusal:
            return await account_page(request, db, "details", form, refusal, done="")
        return Redirect("/account/details?done=details", status_code=303)


def _with_details(form: Filled[Any], visitor: CurrentUser) -> Filled[Any]:
    """The page has two forms: what is not in the one that was sent stands there as it is kept."""
    kept = {"name": visitor.name, "locale": visitor.locale, "news": "true" if visitor.gets_news else ""}
    return Filled({**kept, **form.typed}, form.errors, None)
