"""Making API keys: by people who have just shown who they are, of permissions that they have themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.api_keys.authentication import ALIVE, KEYS
from apps.accounts.api_keys.schemas import ApiKeyIn
from apps.accounts.api_keys.secrets import hash_of, new_secret
from apps.accounts.current_user import CurrentUser, refuse_api_key
from apps.accounts.jobs import mail_security_notice
from apps.accounts.models import ApiKey
from apps.accounts.notices import Notice
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.accounts.users.authority import BeyondYourPermissions, known_permissions
from apps.core.audit import record
from apps.core.db.database import now
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.jobs import enqueue
from apps.core.text.datetimes import in_utc
from apps.core.text.i18n import lazy as _

MOST_OF_A_USER, MOST_OF_THE_BAND = 20, 50
"""Keys that work at a time."""
BAND_LOCK = 0x6170692D6B657973
"""Of PostgreSQL's advisory ones: whoever makes a key of the band waits for who does so already."""


class TooManyKeys(AppError):
    status = 409
    type = "too-many-api-keys"
    message = _("There are as many API keys as there can be. Revoke one first.")


class KeyNameTaken(AppError):
    status = 409
    type = "api-key-name-taken"
    message = _("There is an API key of this name already.")
    about = ("name",)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """`key` is what opens the API: nobody can tell it again."""

    row: ApiKey
    key: str


async def make_own_key(session: AsyncSession, current_user: CurrentUser, new: ApiKeyIn) -> MadeKey:
    """They are told by mail.

    Raises SessionNeeded, ProofNeeded, BeyondYourPermissions, TooManyKeys, KeyNameTaken, Invalid.
    """
    user = await UserRepository(session=session).find_locked(current_user.id)
    made = await _make(session, new, user_id=user.id, most=MOST_OF_A_USER, by=current_user)
    await enqueue(session, mail_security_notice.call(user_id=user.id, notice=Notice.api_key_added, key=uuid7()))
    return made


async def make_band_key(session: AsyncSession, new: ApiKeyIn, *, by: CurrentUser) -> MadeKey:
    """It stays when its maker leaves. Raises as `make_own_key` does."""
    await session.execute(select(func.pg_advisory_xact_lock(BAND_LOCK)))
    return await _make(session, new, user_id=None, most=MOST_OF_THE_BAND, by=by)


async def _make(session: AsyncSession, new: ApiKeyIn, *, user_id: UUID | None, most: int, by: CurrentUser) -> MadeKey:
    refuse_api_key(by)
    refuse_stale_proof(by)
    permissions = known_permissions(new.permissions)
    if not by.may_all(permissions):
        raise BeyondYourPermissions
    expires_at = _in_time(new.expires_at, at=await now(session))
    name = new.name.strip()
    await _refuse_more(session, KEYS.c.user_id == user_id if user_id else KEYS.c.user_id.is_(None), name, most=most)
    secret = new_secret()
    row = ApiKey(
        user_id=user_id,
        name=name,
        prefix=secret.prefix,
        key_hash=hash_of(secret.key),
        permissions=permissions,
        has_second_factor=by.has_second_factor,
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    record(session, "accounts.add_api_key", row, actor=by.actor, after=_facts(row))
    await session.refresh(row)
    return MadeKey(row, secret.key)


def _in_time(expires_at: datetime | None, *, at: datetime) -> datetime | None:
    """In UTC. Raises Invalid for what is over already."""
    moment = in_utc(expires_at=expires_at)["expires_at"]
    if moment and moment <= at:
        raise Invalid(errors=[FieldError("expires_at", _("Must be in the future."))])
    return moment


async def _refuse_more(session: AsyncSession, theirs: ColumnElement[bool], name: str, *, most: int) -> None:
    names = (await session.scalars(select(KEYS.c.name).where(theirs, *ALIVE).limit(most))).all()
    if name in names:
        raise KeyNameTaken
    if len(names) == most:
        raise TooManyKeys


def _facts(row: ApiKey) -> Mapping[str, Any]:
    expires_at = row.expires_at and row.expires_at.isoformat()
    return {"prefix": row.prefix, "permissions": row.permissions, "expires_at": expires_at}
