"""What the document says about the API as a whole."""

from typing import Any

from apps.core.http.requests import LANGUAGE
from apps.core.text.i18n import LOCALES
from project.settings import settings
from project.web.openapi.automatic import BEARER, SIGN_IN

VERSION = "1.0.0"
DESCRIPTION = """\
Everything the band sells, over HTTP and JSON: look around, fill a cart, place an order, pay it, get tickets.

**Money** is an integer of minor units beside an ISO 4217 currency: `2500` with `EUR` is 25.00 €. Prices include tax.

**Times** are UTC (RFC 3339); a concert also says its venue's IANA time zone.

**Languages.** Texts and sentences come in the language that `lang` names, else in the first one of `Accept-Language`
that we have (`en`, `ru`); `Content-Language` says in which.

**Lists** come in pages of at most 100 (`limit`). While `next` is not null, send it as `after` to get the page behind.

**Errors** are `application/problem+json` (RFC 9457). Go by `type`, which is stable; show `title` to people.
A body or query with wrong fields is refused with 422 `invalid`, and `errors` names every one of them.
Unknown fields and parameters are wrong, too.

**Repeating safely.** Send an `Idempotency-Key` (16 to 255 characters, a UUID will do) with a POST. The same request
with the same key is done once and answered twice, for a day. The same key with another request is refused with 422.

**Scarce things are held.** What is in a cart is held until `expires_at`; what is ordered until `pay_until`. Where
nothing is left, `availability` is `held` as long as some of it may come back so, and `sold_out` after that.

**Versions.** Answers of the catalogue carry an `ETag`: send it as `If-None-Match` to be told 304 when nothing has
changed. Single things of the staff carry one, too, for changes only: send it as `If-Match`. Without it a change is
refused with 428, and with 412 when somebody else has changed the thing meanwhile.

**Compression.** Answers of some size come as gzip where `Accept-Encoding` allows it, but never with tokens or keys in
them. An `ETag` is the encoding's own; as `If-Match`, that of either will do.

**Limits.** `RateLimit-Policy` and `RateLimit` say how much may be asked and what is left; 429 comes with
`Retry-After`.

**Request ids.** Every answer has an `X-Request-ID`, which names the request in our logs: yours, if you sent 8 to 64
letters, digits, `.`, `_` or `-`.

**Who asks.** Most of the API is open. A guest's cart is named by the `Cart-Token` header, an order by its `key`. Staff
and people with an account send `Authorization: Bearer …`. Cookies are never read.
"""
TAGS = {
    "Merch": "What the band sells: products with their variants. A variant's `id` is the offer to put into a cart.",
    "Concerts": "Where the band plays, with the tickets. A ticket type's `id` is the offer to put into a cart.",
    "Cart": "A cart is named by its token. What is in it is held until `expires_at`.",
    "Checkout": "From a cart, or from lines, to an order. A guest opens it with its `key`.",
    "Payments": "Where payment providers tell what happened at their page.",
    "Account": "Registering, signing in and out. An access token lives for minutes; a refresh token gets the next one.",
    "Staff: merch": "Categories, products and their variants.",
    "Staff: media": "Pictures: sent once, shown by their address.",
    "Staff: stock": "Pools of what is scarce, and every movement of their pieces.",
    "Staff: concerts": "Venues, tours, concerts and ticket types.",
    "Staff: books": "Every movement of money, in double entry, and the balances of accounts.",
    "Staff: orders": "Finding, cancelling and refunding orders.",
    "Staff: invoices": "Invoices and credit notes, each as a file with the data of EN 16931 inside.",
    "Staff: webhooks": "Where other programs hear what happens, and what was sent to them.",
    "Staff: people": "Users, roles and what they may do.",
}
LICENSE = {"name": "MIT No Attribution", "identifier": "MIT-0"}
"""Of this document, and of clients that are generated from it: anybody may use them for anything."""
TOKEN = f"{settings.base_url}/api/v1/auth/token"
SECURITY = {
    BEARER: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of `POST /api/v1/auth/token`.",
    },
    SIGN_IN: {
        "type": "oauth2",
        "description": "The same token, fetched with address and password.",
        "flows": {"password": {"tokenUrl": TOKEN, "refreshUrl": TOKEN, "scopes": {}}},
    },
}
LANGUAGE_SCHEMA = {"type": "string", "enum": list(LOCALES), "description": "One that we have."}
LANGUAGES = {
    "Lang": {
        "name": LANGUAGE,
        "in": "query",
        "description": "The language of texts and sentences; goes before Accept-Language.",
        "schema": {"$ref": "#/components/schemas/Language"},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The languages that are wanted, the best first (RFC 9110, 12.5.4).",
        "schema": {"type": "string"},
    },
}
"""Parameters of every operation."""
HEADERS = {
    "Cache-Control": "Who may keep the answer, and for how long.",
    "Deprecation": "Since when the operation is deprecated: `@` and seconds since 1970 (RFC 9745).",
    "ETag": "The version of what is shown: of the catalogue for If-None-Match, of the staff's things for If-Match.",
    "Location": "Where what was made is found.",
    "RateLimit": "What is left of the quota, and the seconds until it is full again (IETF ratelimit-headers draft).",
    "RateLimit-Policy": "The quota and its window in seconds.",
    "Retry-After": "Seconds to wait before another try.",
    "Sunset": "From when on the operation may be gone (RFC 8594).",
    "WWW-Authenticate": "How to prove who asks (RFC 6750).",
}
SOMETIMES = ("RateLimit", "RateLimit-Policy")
"""Not where a request is refused before it is counted. Refusals other than 429 have them, too."""


def about() -> dict[str, Any]:
    """The document without its operations."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.band_name}: API",
            "version": VERSION,
            "description": DESCRIPTION,
            "contact": {"name": settings.band_name, "url": settings.base_url, "email": settings.mail_from},
            "license": LICENSE,
        },
        "servers": [{"url": "/", "description": "This site"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "externalDocs": {"url": f"{settings.base_url}/docs/reference", "description": "The same to read"},
    }
