"""Sessions, the attempts to open one, and devices that are known no more."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Base, UUIDBase, enum_check, enum_type


class SessionKind(StrEnum):
    """A browser on our pages, or a program that uses the API; a token of one opens nothing of the other."""

    browser = "browser"
    api = "api"


class UserSession(UUIDBase):
    """Where a user is signed in: a browser, or a program that renews its tokens. Alive until it is ended or expires.

    `proved_at`: when the user last showed who they are. `has_second_factor`: they did so in two ways, or by a passkey.
    `program` is the User-Agent; `address` that of the client, both as seen last. `device` names the device that stays
    known when the session is over (see `known_devices.py`). `disowned_at`: when its user said it was not theirs.
    `impersonator_id`: of staff who look at the site as this user.
    """

    __tablename__ = "user_session"
    __table_args__ = (
        enum_check("kind", SessionKind),
        Index("ix_user_session_user_id", "user_id"),
        Index("ix_user_session_impersonator_id", "impersonator_id"),
        Index("ix_user_session_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[SessionKind] = mapped_column(enum_type(SessionKind))
    program: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    device: Mapped[str | None] = mapped_column(String(16))
    has_second_factor: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    proved_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    disowned_at: Mapped[datetime | None]
    impersonator_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


class SessionToken(UUIDBase):
    """What opens a session, by its hash: the cookie of a browser, or a refresh token, which works once.

    Using a refresh token makes the session's next one; using it twice ends the session.
    """

    __tablename__ = "session_token"
    __table_args__ = (
        Index("ix_session_token_session_id", "session_id"),
        Index("ix_session_token_expires_at", "expires_at"),
    )

    session_id: Mapped[UUID] = mapped_column(ForeignKey("user_session.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInMethod(StrEnum):
    """`link`: confirming an account by mail. `staff`: not the user, but staff who look at the site as they see it."""

    password = "password"  # noqa: S105
    passkey = "passkey"
    oidc = "oidc"
    link = "link"
    staff = "staff"


class SignInResult(StrEnum):
    """Of an attempt: it opened a session, waits for its second factor, or why it did not."""

    signed_in = "signed_in"
    second_factor_asked = "second_factor_asked"
    unknown_address = "unknown_address"
    wrong_password = "wrong_password"  # noqa: S105
    wrong_second_factor = "wrong_second_factor"
    too_many_attempts = "too_many_attempts"
    refused = "refused"


class SignIn(UUIDBase):
    """An attempt to sign in, kept for SIGN_IN_HISTORY_DAYS. `email` is what was typed, when nobody has that address.

    `provider`: whose identity it was, of those in OIDC_PROVIDERS.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        enum_check("kind", SessionKind),
        enum_check("method", SignInMethod),
        enum_check("result", SignInResult),
        Index("ix_sign_in_user_id", "user_id", "id"),
        Index("ix_sign_in_session_id", "session_id"),
        Index("ix_sign_in_created_at", "created_at", postgresql_using="brin"),
    )

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    session_id: Mapped[UUID | None]
    kind: Mapped[SessionKind] = mapped_column(enum_type(SessionKind))
    method: Mapped[SignInMethod] = mapped_column(enum_type(SignInMethod))
    provider: Mapped[str] = mapped_column(String(40), default="", server_default="")
    result: Mapped[SignInResult] = mapped_column(enum_type(SignInResult))
    program: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    is_new_device: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class SecondFactorRequest(UUIDBase):
    """A sign-in that waits for its second factor. `token_hash` is of who goes on.

    `method` was right: the password, or the identity that `provider` has of the user.
    """

    __tablename__ = "second_factor_request"
    __table_args__ = (
        enum_check("kind", SessionKind),
        enum_check("method", SignInMethod),
        Index("ix_second_factor_request_expires_at", "expires_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[SessionKind] = mapped_column(enum_type(SessionKind))
    method: Mapped[SignInMethod] = mapped_column(enum_type(SignInMethod), server_default="password")
    provider: Mapped[str] = mapped_column(String(40), default="", server_default="")
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    expires_at: Mapped[datetime]


class UsedChallenge(Base):
    """A passkey's challenge, or a request to a provider, that has been answered; it is not answered twice."""

    __tablename__ = "used_challenge"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    used_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class EndedDevice(Base):
    """A device whose token is known no more, since its user said that a sign-in there was not theirs."""

    __tablename__ = "ended_device"

    device: Mapped[str] = mapped_column(String(16), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
