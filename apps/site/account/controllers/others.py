"""Signing in with an account elsewhere: to a provider and back, and which of them are linked to one's own account."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from apps.accounts.models import SessionKind
from apps.accounts.oidc.linking import link, link_offered, unlink
from apps.accounts.oidc.providers import Answer, Provider, ProvidersDep
from apps.accounts.oidc.refusals import AccountExists, RequestOver
from apps.accounts.oidc.requests import (
    OFFER,
    REQUEST,
    AuthorizationRequest,
    Purpose,
    new_offer,
    new_request,
    offer_cookie,
    offer_of,
    request_cookie,
    request_of,
)
from apps.accounts.oidc.signing_in import identify, sign_in_with_identity
from apps.accounts.sessions.browser import browser_origin, visitor_of
from apps.accounts.sessions.limits import PASSWORD_CHANGES, TRIES
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.accounts.sessions.refusals import SecondFactorNeeded
from apps.accounts.users.last_sign_in import LastSignIn
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.cookies import no_cookie
from apps.core.http.forms import Filled, typed_in
from apps.core.http.requests import AnyRequest, Db, locale_of
from apps.site.account.controllers.security_pages import SECURITY, security_page
from apps.site.account.controllers.signing_in import sign_in_page, to_code
from apps.site.account.forms import EMPTY, SignInForm, account_page
from apps.site.account.own_pages import HOME, OwnPageController, Visitor, safe_next
from apps.site.cart.joining import signed_in
from apps.site.pages import SiteController

OFFERED = "/account/link-sign-in"
Code = Annotated[str, QueryParameter(name="code", max_length=4096, required=False)]
Echo = Annotated[str, QueryParameter(name="state", max_length=200, required=False)]
Fault = Annotated[str, QueryParameter(name="error", max_length=200, required=False)]
Issuer = Annotated[str, QueryParameter(name="iss", max_length=500, required=False)]


class ProviderPageController(SiteController):
    path = "/account/oidc/{name:str}"

    @post("/", limit=TRIES)
    async def go(
        self, name: FromPath[str], request: AnyRequest, db: Db, providers: ProvidersDep
    ) -> Response[str] | Response[None]:
        next = safe_next((await typed_in(request)).get("next", ""))
        provider = providers.named(name)
        try:
            return await _to_provider(request, provider, new_request(name, Purpose.sign_in, next=next))
        except AppError as refusal:
            return await sign_in_page(request, db, refusal=refusal, next=next)

    @get("/return", limit=TRIES)
    async def come_back(
        self,
        name: FromPath[str],
        request: AnyRequest,
        db: Db,
        providers: ProvidersDep,
        code: Code = "",
        echo: Echo = "",
        error: Fault = "",
        iss: Issuer = "",
    ) -> Response[str] | Response[None]:
        """It changes something by GET, as providers ask for: only as an answer to what this browser began by a form."""
        provider = providers.named(name)
        try:
            asked = request_of(request, name, echo)
        except RequestOver as refusal:
            return await sign_in_page(request, db, refusal=refusal, next=HOME)
        handle = _sign_in if asked.purpose is Purpose.sign_in else _link
        response = await handle(request, db, provider, asked, Answer(code, error, iss))
        response.set_cookie(no_cookie(REQUEST))
        return response


class LinkedPageController(OwnPageController):
    path = "/account"

    @post("/oidc/{name:str}/link", limit=PASSWORD_CHANGES)
    async def go(
        self, name: FromPath[str], visitor: Visitor, request: AnyRequest, db: Db, providers: ProvidersDep
    ) -> Response[str] | Response[None]:
        refuse_stale_proof(visitor)
        provider = providers.named(name)
        try:
            return await _to_provider(request, provider, new_request(name, Purpose.link, session_id=visitor.session_id))
        except AppError as refusal:
            return await security_page(request, db, visitor, "security", refusal=refusal)

    @post("/linked/{id:uuid}/remove", limit=PASSWORD_CHANGES)
    async def remove(
        self, id: FromPath[UUID], visitor: Visitor, request: AnyRequest, db: Db
    ) -> Response[str] | Response[None]:
        try:
            async with db.begin() as session:
                await unlink(session, visitor, id)
        except LastSignIn as refusal:
            return await security_page(request, db, visitor, "security", refusal=refusal)
        return Redirect(f"{SECURITY}?done=unlinked", status_code=303)

    @get("/link-sign-in")
    async def show_offer(
        self, visitor: Visitor, request: AnyRequest, db: Db, providers: ProvidersDep
    ) -> Response[str] | Response[None]:
        """To who has signed in to the account that has the address of their identity elsewhere."""
        try:
            offer = offer_of(request)
        except AppError:
            return Redirect(SECURITY, status_code=303)
        refuse_stale_proof(visitor)
        title = providers.named(offer.provider).title
        return await account_page(request, db, "link_sign_in", title=title, email=offer.identity.email)

    @post("/link-sign-in", limit=PASSWORD_CHANGES)
    async def accept_offer(
        self, visitor: Visitor, request: AnyRequest, db: Db, providers: ProvidersDep
    ) -> Response[str] | Response[None]:
        refuse_stale_proof(visitor)
        try:
            offer = offer_of(request)
            async with db.begin() as session:
                await link_offered(session, visitor, providers.named(offer.provider), offer)
        except AppError as refusal:
            return await security_page(request, db, visitor, "security", refusal=refusal)
        return Redirect(f"{SECURITY}?done=linked", status_code=303, cookies=[no_cookie(OFFER)])


async def _to_provider(request: AnyRequest, provider: Provider, asked: AuthorizationRequest) -> Redirect:
    url = await provider.authorization_url(asked, locale=locale_of(request))
    return Redirect(url, status_code=303, cookies=[request_cookie(asked)])


async def _sign_in(
    request: AnyRequest, db: Database, provider: Provider, asked: AuthorizationRequest, answer: Answer
) -> Response[str] | Response[None]:
    origin, next = browser_origin(request), safe_next(asked.next)
    try:
        identity = await identify(db, provider, asked, answer)
    except AppError as refusal:
        return await sign_in_page(request, db, EMPTY, refusal, next=next)
    try:
        opened = await sign_in_with_identity(
            db, SessionKind.browser, origin, provider, identity, locale=locale_of(request)
        )
    except SecondFactorNeeded as needed:
        return to_code(needed, next=next)
    except AccountExists as exists:
        form: Filled[SignInForm] = Filled({"email": exists.details["email"]}, {}, None)
        page = await sign_in_page(request, db, form, exists, next=OFFERED)
        page.set_cookie(offer_cookie(new_offer(provider.name, identity)))
        return page
    except AppError as refusal:
        return await sign_in_page(request, db, EMPTY, refusal, next=next)
    return await signed_in(request, opened, next)


async def _link(
    request: AnyRequest, db: Database, provider: Provider, asked: AuthorizationRequest, answer: Answer
) -> Response[str] | Response[None]:
    """To the account whose user began it, in the very session."""
    async with db.reads() as reads:
        visitor = await visitor_of(request, reads)
    if visitor is None or visitor.session_id != asked.session_id:
        return await sign_in_page(request, db, refusal=RequestOver(), next=SECURITY)
    try:
        identity = await identify(db, provider, asked, answer)
        async with db.begin() as session:
            await link(session, visitor, provider, identity)
    except AppError as refusal:
        return await security_page(request, db, visitor, "security", refusal=refusal)
    return Redirect(f"{SECURITY}?done=linked", status_code=303)
