"""What users see of how they sign in: factors, sessions, and attempts."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import CredentialKind
from apps.accounts.repositories import ALIVE, CREDENTIALS, SESSIONS
from apps.accounts.schemas import FactorsOut, SessionOut, SignInOut
from apps.accounts.sessions.history import SIGN_INS
from apps.accounts.sessions.programs import program_name
from apps.core.db.keyset import Keyset, page_by_key
from apps.core.http.pagination import Page

MOST_SESSIONS = 100
NEWEST_SIGN_INS = Keyset((SIGN_INS.c.id,), (UUID,), is_descending=True)


class OwnSignIns(Struct, frozen=True):
    user_id: UUID


async def factors_of(reads: AsyncConnection, current_user: CurrentUser) -> FactorsOut:
    """One query."""
    kind, confirmed = CREDENTIALS.c.kind, CREDENTIALS.c.confirmed_at.is_not(None)
    counts = (
        func.count().filter(kind == CredentialKind.password).label("passwords"),
        func.count().filter(kind == CredentialKind.totp, confirmed).label("apps"),
        func.count().filter(kind == CredentialKind.recovery_code).label("recovery_codes"),
    )
    found = select(*counts).select_from(CREDENTIALS).where(CREDENTIALS.c.user_id == current_user.id)
    row = (await reads.execute(found)).one()
    return FactorsOut(
        has_password=row.passwords > 0,
        has_app=row.apps > 0,
        recovery_codes=row.recovery_codes,
        has_fresh_proof=current_user.has_fresh_proof,
    )


async def own_sessions(reads: AsyncConnection, current_user: CurrentUser, *, locale: str) -> list[SessionOut]:
    """Those that are alive, this one first, then what was used last: one query."""
    is_current = SESSIONS.c.id == current_user.session_id
    found = select(SESSIONS).where(SESSIONS.c.user_id == current_user.id, *ALIVE)
    rows = await reads.execute(found.order_by(is_current.desc(), SESSIONS.c.seen_at.desc()).limit(MOST_SESSIONS))
    return [
        SessionOut(
            id=row.id,
            is_current=row.id == current_user.session_id,
            kind=row.kind,
            program=program_name(row.program, locale),
            address=row.address,
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
            result=row.result,
            program=program_name(row.program, locale),
            address=row.address,
            session_id=row.session_id,
        )

    query = OwnSignIns(current_user.id)
    found = select(SIGN_INS).where(SIGN_INS.c.user_id == current_user.id)
    return await page_by_key(reads, found, NEWEST_SIGN_INS, item, query=query, limit=limit, after=after)
