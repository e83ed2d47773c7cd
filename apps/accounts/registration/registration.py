"""Registering: a link is mailed, and the account is made by who follows it and knows the password that was chosen.

Nobody is told whether an address has an account: who has one already is mailed that instead (OWASP ASVS 5.0, 6.3.8).
The password is asked for once more, since whoever registers somebody else's address knows only their own.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer
from uuid_utils.compat import uuid7

from apps.accounts.jobs import mail_registration
from apps.accounts.links.password_links import LinkOver
from apps.accounts.links.tokens import hash_of, token_of
from apps.accounts.models import CUSTOMER, Registration, User
from apps.accounts.passwords import is_right, new_hash
from apps.accounts.repositories import find_roles
from apps.accounts.services import EmailTaken, create_user
from apps.accounts.sessions.limits import REGISTRATION_MAILS, count_mail
from apps.core.db.database import Database, now
from apps.core.errors import AppError
from apps.core.http.rate_limits import Limits
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _

LASTS = timedelta(days=1)


class WrongRegistrationPassword(AppError):
    status = 403
    type = "wrong-password"
    message = _("This is not the password that you registered with.")


async def register(
    session: AsyncSession, limits: Limits, *, email: str, password: str, name: str, locale: str, news: bool, by: str
) -> None:
    """`by` is who asks, as limits count them; `news`: whether they want the band's by mail.

    It does and takes the same for an address that has an account.

    Raises WeakPassword, Invalid, Busy, TooManyRequests.
    """
    # before the first statement, so that no connection waits for it
    password_hash = await new_hash(password, email=email, name=name)
    # after it: a password that is refused mails nothing
    await count_mail(limits, REGISTRATION_MAILS, email=email.lower(), by=by)
    agreed_at = await now(session) if news else None
    registration = Registration(
        email=email, name=name, locale=locale, password_hash=password_hash, news_agreed_at=agreed_at
    )
    await mail_link(session, registration)


async def mail_link(session: AsyncSession, registration: Registration) -> None:
    """The link that confirms it, or that there is an account already."""
    registration.id = uuid7()
    registration.email, registration.name = registration.email.lower(), registration.name.strip()
    registration.token_hash = hash_of(token_of(registration.id))
    registration.expires_at = await now(session) + LASTS
    session.add(registration)
    await session.flush()
    await enqueue(session, mail_registration.call(registration_id=registration.id))


async def confirm_registration(db: Database, token: str, *, password: str) -> User:
    """The account. Raises LinkOver, WrongRegistrationPassword, Busy."""
    async with confirming(db, token, password=password) as (_session, user):
        return user


@asynccontextmanager
async def confirming(db: Database, token: str, *, password: str) -> AsyncIterator[tuple[AsyncSession, User]]:
    """The same with the transaction that opens the account: nobody else knows of it yet.

    Raises LinkOver, WrongRegistrationPassword, Busy.
    """
    async with db.begin() as session:
        registration = await _registered(session, token)
    # with a passkey there is no password, and none is right
    if not await is_right(password, registration.password_hash):
        raise WrongRegistrationPassword
    async with db.begin() as session:
        yield session, await open_account(session, await lock_registration(session, token))


async def lock_registration(session: AsyncSession, token: str) -> Registration:
    """With all others of the address. Raises LinkOver."""
    await _lock_all_of(session, (await _registered(session, token)).email)
    return await _registered(session, token)  # of two at once the second finds it used


async def _registered(session: AsyncSession, token: str) -> Registration:
    works = (Registration.token_hash == hash_of(token), Registration.expires_at > await now(session))
    found = select(Registration).where(*works)
    found = found.options(undefer(Registration.password_hash), undefer(Registration.passkey_key))
    registration = (await session.scalars(found)).one_or_none()
    if registration is None:
        raise LinkOver
    return registration


async def _lock_all_of(session: AsyncSession, email: str) -> None:
    found = select(Registration.id).where(Registration.email == email).order_by(Registration.id)
    await session.execute(found.with_for_update())


async def open_account(session: AsyncSession, registration: Registration) -> User:
    """All links to this address are used up."""
    try:
        user = await create_user(
            session,
            email=registration.email,
            name=registration.name,
            locale=registration.locale,
            password_hash=registration.password_hash,
            roles=await find_roles(session, [CUSTOMER]),
            actor="registration",
        )
    except EmailTaken:
        raise LinkOver from None
    user.email_confirmed_at = await now(session)
    user.news_agreed_at = registration.news_agreed_at
    await end_registrations(session, user.email)
    await session.flush()
    return user


async def end_registrations(session: AsyncSession, email: str) -> None:
    """The address has an account now: its links are used up."""
    await session.execute(delete(Registration).where(Registration.email == email))
