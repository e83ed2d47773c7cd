"""After signing in: the cart of this browser and the fan's other one become one."""

from contextlib import suppress

import msgspec
from litestar.datastructures import Cookie
from litestar.response import Redirect

from apps.accounts.sessions.browser import cookies_of
from apps.accounts.sessions.sessions import Opened
from apps.checkout.controllers import checkout_queue_of
from apps.checkout.queue.commands import JoinCarts
from apps.checkout.schemas import CartOut
from apps.core.errors import AppError
from apps.core.http.requests import AnyRequest, locale_of
from apps.site.cart.cart_forms import own_key
from apps.site.pages import cart_cookie, cart_in_cookie


async def signed_in(request: AnyRequest, opened: Opened, next: str, *more: Cookie) -> Redirect:
    """To `next`, with what the browser keeps of the new session."""
    cookies = [*await cookies_after_sign_in(request, opened), *more]
    return Redirect(next, status_code=303, cookies=cookies)


async def cookies_after_sign_in(request: AnyRequest, opened: Opened) -> list[Cookie]:
    return [*cookies_of(opened), *await _with_their_cart(request, opened)]


async def _with_their_cart(request: AnyRequest, opened: Opened) -> list[Cookie]:
    """Never a reason not to sign in: what could not be joined now is with the next thing that is put in the cart."""
    if (cart_id := cart_in_cookie(request)) is None:
        return []
    command = JoinCarts(own_key(request), cart_id, locale_of(request), opened.user_id)
    with suppress(AppError):
        answer = await checkout_queue_of(request).submit(command)
        return [cart_cookie(msgspec.json.decode(answer.body, type=CartOut).token)]
    return []
