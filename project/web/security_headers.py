"""The headers that keep a browser to what a page needs.

What is asked of a site today: https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
"""

from collections.abc import Callable, Mapping
from functools import cache

from apps.payments.providers import page_origins
from project.settings import settings

HeaderList = list[tuple[bytes, bytes]]
EVERYWHERE: HeaderList = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
STAY_ON_HTTPS = (b"strict-transport-security", b"max-age=63072000")  # two years; names below ours are not ours to bind
SHOWN_BY_OTHERS = ("/media/", "/static/")
"""Front ends on our API show our pictures on pages of their own."""

SIGNS_IN, PAYS = "/account", "/orders/"

Policy = dict[str, str]
NOTHING: Policy = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
SITE: Policy = NOTHING | {"style-src": "'self'", "img-src": "'self'", "form-action": "'self'"}
COUNTED: Policy = SITE | {"script-src": "'self'", "connect-src": "'self'"}
"""Pages on which time is counted, what waits is looked at again, or a passkey is asked for."""
OFFICE: Policy = SITE | {
    "script-src": "'self'",
    "connect-src": "'self'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
DOCS: Policy = NOTHING | {
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
}
DEMO_PAY: Policy = SITE | {"img-src": "'self' data:"}  # its empty icon
MAILBOX: Policy = SITE | {"img-src": "'self' data:", "frame-src": "'self'"}
AREAS: Mapping[str, Policy] = {
    SIGNS_IN: COUNTED,
    "/admin": OFFICE,
    "/api/": NOTHING,
    "/cart": COUNTED,
    "/docs": DOCS,
    "/demo/mail": MAILBOX,
    "/demo/pay": DEMO_PAY,
    "/media/": NOTHING,
    PAYS: COUNTED,
    "/static/": NOTHING,
}


def security_headers(path: str) -> HeaderList:
    """What an answer at `path` gets, unless it brings its own."""
    return headers_of(next((area for area in AREAS if path.startswith(area)), ""))


@cache
def headers_of(area: str) -> HeaderList:
    policy = "; ".join(f"{name} {sources}" for name, sources in _policy(area).items())
    headers = [
        *EVERYWHERE,
        (b"content-security-policy", policy.encode()),
        (b"cross-origin-resource-policy", b"cross-origin" if area in SHOWN_BY_OTHERS else b"same-origin"),
    ]
    return [*headers, STAY_ON_HTTPS] if settings.base_url.startswith("https://") else headers


def _policy(area: str) -> Policy:
    """Chromium asks `form-action` of redirects, too: the button of a provider leads there."""
    policy = AREAS.get(area, SITE)
    if area not in LEADS_TO:
        return policy
    return policy | {"form-action": " ".join(("'self'", *LEADS_TO[area]()))}


def _oidc_origins() -> list[str]:
    return sorted({each.origin for each in settings.oidc_providers})


LEADS_TO: Mapping[str, Callable[[], list[str]]] = {SIGNS_IN: _oidc_origins, PAYS: page_origins}
