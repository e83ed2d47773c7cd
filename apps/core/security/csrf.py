"""That a form came from our own page: a token in it, bound to a random cookie, and the browser's word on its origin."""

import hmac
from secrets import token_bytes
from uuid import UUID, uuid4

from litestar.datastructures import Cookie

from apps.core.errors import AppError
from apps.core.http.cookies import cookie, cookie_name
from apps.core.http.forms import typed_in
from apps.core.http.requests import AnyRequest
from apps.core.security.signing import NONCE_BYTES, sign, unsign
from apps.core.text.i18n import lazy as _
from project.settings import settings

COOKIE = "csrf"
FIELD = "csrf"
SAFE = ("GET", "HEAD", "OPTIONS")


class Forged(AppError):
    status = 403
    type = "forged"
    message = _("This form did not come from our page, or the page was too old. Please load the page again and repeat.")


def token(request: AnyRequest) -> str:
    """For the hidden field of a form; a browser without the cookie gets one with the page (`new_cookies`).

    Another one each time, so that the size of a compressed page tells nothing of it (BREACH).
    """
    browser = _browser(request) or request.scope["state"].setdefault(COOKIE, uuid4())
    return sign(COOKIE, browser, token_bytes(NONCE_BYTES))


def new_cookies(request: AnyRequest) -> list[Cookie]:
    """What must go out with a page on which `token` was asked for."""
    browser: UUID | None = request.scope["state"].get(COOKIE)
    return [cookie(COOKIE, browser.hex)] if browser else []


async def refuse_forged(request: AnyRequest) -> None:
    """Before a handler: a form that changes something carries the token of this browser."""
    if request.method in SAFE:
        return
    refuse_cross_site(request)
    signed = unsign(COOKIE, (await typed_in(request)).get(FIELD, ""))
    browser = _browser(request)
    if signed is None or browser is None or not hmac.compare_digest(signed.id.bytes, browser.bytes):
        raise Forged


def refuse_cross_site(request: AnyRequest) -> None:
    """Browsers tell where a request began: by Sec-Fetch-Site, older ones and plain http by Origin.

    Programs send neither. `Origin: null` comes from our own pages that send no referrer.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise Forged
    origin = request.headers.get("origin", "null")
    if site is None and origin not in ("null", settings.base_url, f"{request.url.scheme}://{request.url.netloc}"):
        raise Forged


def _browser(request: AnyRequest) -> UUID | None:
    try:
        return UUID(hex=request.cookies.get(cookie_name(COOKIE), ""))
    except ValueError:
        return None
