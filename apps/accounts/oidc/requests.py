"""What the browser keeps while its user is away at a provider: encrypted, for ten minutes, good for one answer.

Nothing of it is in the database until it is answered, so who only presses the button fills no table.
"""

import hmac
import secrets
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import msgspec
from litestar.datastructures import Cookie
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.oidc.identities import Identity
from apps.accounts.oidc.refusals import OfferOver, RequestOver
from apps.accounts.sessions.once import use_once
from apps.core.http.cookies import cookie, cookie_name
from apps.core.http.requests import AnyRequest
from apps.core.security.encryption import Unreadable, decrypt, encrypt

REQUEST, OFFER = "oidc", "oidc_offer"
"""Names of the cookies, and what each is encrypted for."""
REQUEST_LASTS = timedelta(minutes=10)
OFFER_LASTS = timedelta(minutes=30)
LONGEST_COOKIE = 4096
Kind = TypeVar("Kind", bound=Struct)


class Purpose(StrEnum):
    sign_in = "sign_in"
    link = "link"


class AuthorizationRequest(Struct, frozen=True):
    """`verifier` is PKCE's; `next` where to go then; `session_id` whose account is linked."""

    id: UUID
    provider: str
    purpose: Purpose
    state: str
    nonce: str
    verifier: str
    next: str = ""
    session_id: UUID | None = None


class LinkOffer(Struct, frozen=True):
    """An identity that is linked once its user has signed in to the account that has its address."""

    id: UUID
    provider: str
    identity: Identity


def new_request(
    provider: str, purpose: Purpose, *, next: str = "", session_id: UUID | None = None
) -> AuthorizationRequest:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return AuthorizationRequest(uuid7(), provider, purpose, state, nonce, verifier, next, session_id)


def new_offer(provider: str, identity: Identity) -> LinkOffer:
    return LinkOffer(uuid7(), provider, identity)


def request_cookie(made: AuthorizationRequest) -> Cookie:
    return cookie(REQUEST, _sealed(REQUEST, made), kept=REQUEST_LASTS)


def offer_cookie(made: LinkOffer) -> Cookie:
    return cookie(OFFER, _sealed(OFFER, made), kept=OFFER_LASTS)


def request_of(browser: AnyRequest, provider: str, state: str) -> AuthorizationRequest:
    """The one that this answer is to. Raises RequestOver."""
    made = _opened(REQUEST, browser, AuthorizationRequest)
    brought = state.encode(errors="replace")
    if made is None or made.provider != provider or not hmac.compare_digest(made.state.encode(), brought):
        raise RequestOver
    return made


def offer_of(browser: AnyRequest) -> LinkOffer:
    """Raises OfferOver."""
    made = _opened(OFFER, browser, LinkOffer)
    if made is None:
        raise OfferOver
    return made


async def use_request(session: AsyncSession, made: AuthorizationRequest) -> None:
    """Raises RequestOver."""
    if not await use_once(session, made.id, lasts=REQUEST_LASTS):
        raise RequestOver


async def use_offer(session: AsyncSession, made: LinkOffer) -> None:
    """Raises OfferOver."""
    if not await use_once(session, made.id, lasts=OFFER_LASTS):
        raise OfferOver


def _sealed(name: str, made: Struct) -> str:
    return encrypt(name, msgspec.json.encode(made).decode())


def _opened(name: str, browser: AnyRequest, kind: type[Kind]) -> Kind | None:
    try:
        sealed = browser.cookies.get(cookie_name(name), "")[:LONGEST_COOKIE]
        return msgspec.json.decode(decrypt(name, sealed), type=kind)
    except (Unreadable, msgspec.DecodeError):
        return None
