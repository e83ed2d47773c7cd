"""The history of attempts to sign in, those that failed, too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, case, exists, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.accounts.models import SessionKind, SignIn, SignInMethod, SignInResult, User
from apps.accounts.sessions.origin import Origin

SIGN_INS = SignIn.table()
USERS = User.table()
LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Attempt:
    kind: SessionKind
    method: SignInMethod
    result: SignInResult
    origin: Origin
    provider: str = ""
    session_id: UUID | None = None

    def values(self) -> Mapping[str, Any]:
        return {
            "id": uuid7(),
            "kind": self.kind,
            "method": self.method,
            "result": self.result,
            "provider": self.provider,
            "session_id": self.session_id,
            "program": self.origin.program,
            "address": self.origin.address,
        }


async def record_attempt(connection: AsyncConnection, attempt: Attempt, *, user_id: UUID) -> None:
    await connection.execute(note_attempt(attempt, user_id=user_id))


def note_attempt(attempt: Attempt, *, user_id: UUID, may_be_new: bool = False) -> Insert:
    """`may_be_new`: the device is new if the user has signed in before, as far as the history goes back."""
    values: dict[str, Any] = {**attempt.values(), "user_id": user_id, "email": "", "is_new_device": False}
    if may_be_new:
        values["is_new_device"] = exists().where(
            SIGN_INS.c.user_id == user_id, SIGN_INS.c.result == SignInResult.signed_in
        )
    return insert(SIGN_INS).values(values)


async def record_attempt_as(connection: AsyncConnection, attempt: Attempt, *, email: str) -> UUID | None:
    """By who says to have this address: the same statement whether or not anybody has. Whose it is.

    What is no address is not kept: it may be a password in the wrong field.
    """
    typed = literal(email[:LONGEST_EMAIL] if "@" in email else "")
    user_id = select(USERS.c.id).where(USERS.c.email == typed).scalar_subquery()
    is_unknown = user_id.is_(None)
    values: dict[str, Any] = {**attempt.values(), "user_id": user_id, "email": case((is_unknown, typed), else_="")}
    if attempt.result is SignInResult.wrong_password:
        values["result"] = case((is_unknown, SignInResult.unknown_address), else_=attempt.result)
    found: UUID | None = (
        await connection.execute(insert(SIGN_INS).values(values).returning(SIGN_INS.c.user_id))
    ).scalar()
    return found
