"""What users see of how they sign in: factors, sessions, and attempts."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.current_user import CurrentUser
from apps.accounts.devices.programs import program_name
from apps.accounts.models import CredentialKind
from apps.accounts.oidc.identities import issuer_of
from apps.accounts.repositories import ALIVE, CREDENTIALS, SESSIONS
from apps.accounts.schemas import FactorsOut, LinkedSignInOut, PasskeyOut
from apps.accounts.sessions.history import SIGN_INS
from apps.accounts.sessions.schemas import SessionOut, SignInOut
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.http.pagination import Page
from project.settings import settings

MOST_SESSIONS = 100
NEWEST_SIGN_INS = Keyset((SIGN_INS.c.id,), (UUID,), is_descending=True)


class OwnSignIns(Struct, frozen=True):
    user_id: UUID


async def factors_of(reads: AsyncConnection, current_user: CurrentUser) -> FactorsOut:
    """One query."""
    shown = (CREDENTIALS.c.id, CREDENTIALS.c.kind, CREDENTIALS.c.name, CREDENTIALS.c.created_at, CREDENTIALS.c.used_at)
    found = select(*shown, CREDENTIALS.c.confirmed_at, CREDENTIALS.c.external_id).where(
        CREDENTIALS.c.user_id == current_user.id
    )
    by_kind: dict[CredentialKind, list[Row[Any]]] = defaultdict(list)
    for row in await reads.execute(found.order_by(CREDENTIALS.c.id)):
        by_kind[row.kind].append(row)
    return FactorsOut(
        has_password=bool(by_kind[CredentialKind.password]),
        has_app=any(row.confirmed_at for row in by_kind[CredentialKind.totp]),
        passkeys=[PasskeyOut(row.id, row.name, row.created_at, row.used_at) for row in by_kind[CredentialKind.passkey]],
        linked=[_linked(row) for row in by_kind[CredentialKind.oidc]],
        recovery_codes=len(by_kind[CredentialKind.recovery_code]),
        has_fresh_proof=current_user.has_fresh_proof,
    )


def _linked(row: Row[Any]) -> LinkedSignInOut:
    """By its host where the provider is none of ours any more."""
    issuer = issuer_of(row.external_id)
    titles = (each.title for each in settings.oidc_providers if each.issuer == issuer)
    title = next(titles, urlsplit(issuer).hostname or issuer)
    return LinkedSignInOut(row.id, title, row.name, row.created_at, row.used_at)


async def own_sessions(reads: AsyncConnection, current_user: CurrentUser, *, locale: str) -> list[SessionOut]:
    """Those that are alive, this one first, then what was used last: one query."""
    is_current = SESSIONS.c.id == current_user.session_id
    found = select(SESSIONS).where(SESSIONS.c.user_id == current_user.id, *ALIVE)
    rows = await reads.execute(found.order_by(is_current.desc(), SESSIONS.c.seen_at.desc()).limit(MOST_SESSIONS))
    return [
        SessionOut(
            id=row.id,
            is_current=row.id == current_user.session_id,
            is_staff=row.impersonator_id is not None,
            kind=row.kind,
            program=program_name(row.program, locale),
            ip_address=row.address,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )
        for row in rows
    ]


async def own_sign_ins(
    reads: AsyncConnection, current_user: CurrentUser, *, locale: str, limit: int, after: str | None
) -> Page[SignInOut]:
    """The newest first: one query. Raises BadCursor."""

    def item(row: Row[Any]) -> SignInOut:
        return SignInOut(
            id=row.id,
            at=row.created_at,
            kind=row.kind,
            method=row.method,
            provider=row.provider,
            result=row.result,
            program=program_name(row.program, locale),
            ip_address=row.address,
            session_id=row.session_id,
        )

    query = OwnSignIns(current_user.id)
    found = select(SIGN_INS).where(SIGN_INS.c.user_id == current_user.id)
    return await page_by_key(reads, found, NEWEST_SIGN_INS, item, query=query, limit=limit, after=after)
