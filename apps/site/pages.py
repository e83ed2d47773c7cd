"""What all pages for fans share: the base controller with CSRF protection, the cart cookie, the page frame."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Controller, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect
from litestar.types import BeforeRequestHookHandler
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.sessions.browser import SESSION, visitor_of
from apps.checkout.cart_view import CART_KEY, own_cart
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.http.cookies import cookie, cookie_name, no_cookie
from apps.core.http.forms import NOTHING, typed_in
from apps.core.http.pages import page
from apps.core.http.requests import PUBLIC, SMALL_BODY, AnyRequest, locale_of
from apps.core.security.csrf import refuse_forged
from apps.core.security.signing import unsign
from apps.media.urls import srcset
from apps.orders.repositories import CartRef
from apps.site.pictures import is_own
from apps.site.repositories import CartQuantity, cart_quantity
from apps.site.sections import all_links
from project.settings import settings

CART = "cart"
CART_KEPT = timedelta(days=settings.cart_days)
PAGE = 48
"""So much a list shows at once."""


class SiteController(Controller):
    """Pages that change something take forms only, and only our own."""

    include_in_schema = False
    opt = PUBLIC
    request_max_body_size = SMALL_BODY
    before_request: "BeforeRequestHookHandler | None" = refuse_forged


def cart_in_cookie(request: AnyRequest) -> UUID | None:
    signed = unsign(CART_KEY, request.cookies.get(cookie_name(CART), ""))
    return signed.id if signed else None


async def cart_of(request: AnyRequest, reads: AsyncConnection) -> CartRef:
    """The fan's: of who is signed in their own, wherever they filled it; else the one that the cookie names.

    Of guests nothing is asked. Staff who look at the site as a fan bring no cart of theirs.
    """
    visitor, named = await visitor_of(request, reads), cart_in_cookie(request)
    if visitor is None:
        return CartRef(named)
    known: dict[UUID, UUID | None] = request.scope["state"].setdefault(CART, {})
    if visitor.id not in known:
        known[visitor.id] = await own_cart(reads, visitor.id)
    return CartRef(known[visitor.id] or (None if visitor.impersonator_id else named), visitor.id)


async def cart_to_change(request: AnyRequest) -> CartRef:
    """The same, for who has no connection; without a session's cookie none is taken."""
    if cookie_name(SESSION) not in request.cookies:
        return CartRef(cart_in_cookie(request))
    db: Database = request.app.state.db
    async with db.reads() as reads:
        return await cart_of(request, reads)


def cart_cookie(token: str) -> Cookie:
    return cookie(CART, token, kept=CART_KEPT)


def no_cart_cookie() -> Cookie:
    return no_cookie(CART)


def own_address(url: str) -> str:
    """Without our host: browsers follow a form to their own host only, by whatever name they know it."""
    return url.removeprefix(settings.base_url)


def moved(request: AnyRequest, path: str) -> Redirect:
    """To where a page is now. Asked again each time: what has moved may move back."""
    query = request.scope["query_string"].decode("latin-1")
    return Redirect(f"{path}?{query}" if query else path, status_code=301, headers={"Cache-Control": "no-cache"})


async def site_page(request: AnyRequest, reads: AsyncConnection, template: str, **words: Any) -> Response[str]:
    """A page with the fan's cart and name in its head: one query for each of them that a cookie names."""
    cart = await cart_of(request, reads)
    in_cart = await cart_quantity(reads, cart) if cart.id else CartQuantity()
    words |= {"links": all_links(), "cart_quantity": in_cart.total, "held_for_fan": in_cart.held}
    words["visitor"] = await visitor_of(request, reads)
    return page(request, template, is_own=is_own, srcset=srcset, **words)


async def refused(request: AnyRequest, refusal: AppError | None) -> dict[str, Any]:
    """The sentence of a refusal and what was typed, for the page that the form came from."""
    if refusal is None:
        return {"refusal": None, "typed": NOTHING}
    return {
        "refusal": refusal.sentence(locale_of(request)),
        "typed": await typed_in(request),
        "status": refusal.status,
    }
