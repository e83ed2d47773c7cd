"""Challenges: signed, for one purpose and a time, so that showing a page keeps nothing; used ones are kept."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from litestar.connection import ASGIConnection
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.sessions.once import use_once
from apps.core.errors import AppError
from apps.core.security.signing import NONCE_BYTES, sign, unsign
from apps.core.text.i18n import lazy as _
from project.settings import settings

LASTS = timedelta(minutes=30)
"""Longer than a page usually stands open before somebody signs in."""
SIGN_IN = "passkey sign-in"


class PasskeyRefused(AppError):
    status = 403
    type = "passkey-refused"
    message = _("The passkey was not accepted. Please load the page again and repeat.")

    def __init__(self, *, of: UUID | None = None) -> None:
        """`of`: the user whose passkey it was said to be, if they are known."""
        super().__init__()
        self.of = of


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site as the browser knows it: `id` its host name, `origin` as in `https://example.org`."""

    id: str
    origin: str


def relying_party(connection: ASGIConnection[Any, Any, Any, Any]) -> RelyingParty:
    """By the host of the request, which the request guard has let in; browsers give none for an IP address."""
    scheme = urlsplit(settings.base_url).scheme
    host = connection.headers.get("host", "")
    return RelyingParty(urlsplit(f"//{host}").hostname or "", f"{scheme}://{host}")


def new_challenge(purpose: str) -> bytes:
    return sign(purpose, uuid7(), secrets.token_bytes(NONCE_BYTES)).encode()


def adding_purpose(session_id: UUID) -> str:
    """Of a passkey that is added in this session."""
    return f"add a passkey {session_id.hex}"


async def use_challenge(session: AsyncSession, purpose: str, challenge: bytes) -> None:
    """Once. Raises PasskeyRefused."""
    signed = unsign(purpose, challenge.decode(errors="replace"))
    if signed is None or not await use_once(session, signed.id, lasts=LASTS):
        raise PasskeyRefused
