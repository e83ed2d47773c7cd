"""What the clock does to sessions and links, and the letters of an account."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from apps.accounts.devices.programs import program_name
from apps.accounts.email_change.tokens import Side, link_token
from apps.accounts.links.making import make_password_link
from apps.accounts.links.tokens import disowning_token, token_of
from apps.accounts.models import (
    EmailChange,
    EndedDevice,
    LinkPurpose,
    PasswordLink,
    Registration,
    SecondFactorRequest,
    SessionToken,
    SignIn,
    UsedChallenge,
    User,
    UserSession,
)
from apps.accounts.notices import SENTENCES, Notice
from apps.accounts.repositories import UserRepository
from apps.core.db.database import Database
from apps.core.jobs import Lane, enqueue, job
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import render
from apps.mail.services import Letter, send
from project.settings import settings

PAGES = {LinkPurpose.invitation: "/admin/invitation", LinkPurpose.reset: "/account/reset"}
SUBJECTS = {
    LinkPurpose.invitation: _("Your account in the back office of {band}"),
    LinkPurpose.reset: _("Set a new password for {band}"),
}
DEVICES_KEPT = timedelta(days=400)
CHALLENGES_KEPT = timedelta(days=1)
CHANGE = _("Confirm the new address of your account with {band}")
CONFIRM = _("Confirm your account with {band}")
COPIED = _("You were signed out: somebody else had your session with {band}")
KNOWN = _("You already have an account with {band}")
NEW_DEVICE = _("A new device is signed in to your account with {band}")
NOTICE = _("Your account with {band}: a change of how you sign in")


@job("accounts.forget_sessions", every="41 * * * *")
async def forget_sessions(db: Database) -> None:
    """Used tokens are kept until they expire: shown again, they end their family."""
    for kind in (SessionToken, UserSession, PasswordLink, Registration, SecondFactorRequest, EmailChange):
        async with db.transaction() as connection:  # each its own: who sets a password locks them in another order
            await connection.execute(delete(kind).where(kind.expires_at < func.now()))


@job("accounts.forget_sign_ins", every="47 3 * * *")
async def forget_sign_ins(db: Database) -> None:
    """After SIGN_IN_HISTORY_DAYS; ended devices when their tokens are no longer kept."""
    async with db.transaction() as connection:
        kept = timedelta(days=settings.sign_in_history_days)
        await connection.execute(delete(SignIn).where(SignIn.created_at < func.now() - kept))
        await connection.execute(delete(UsedChallenge).where(UsedChallenge.used_at < func.now() - CHALLENGES_KEPT))
        await connection.execute(delete(EndedDevice).where(EndedDevice.ended_at < func.now() - DEVICES_KEPT))


@job("accounts.mail_password_link", lane=Lane.mail)
async def mail_password_link(db: Database, *, link_id: UUID) -> None:
    """None for a link that does not work any more."""
    async with db.begin() as session:
        found = select(User, PasswordLink.purpose).join(PasswordLink, PasswordLink.user_id == User.id)
        row = (await session.execute(found.where(PasswordLink.id == link_id))).one_or_none()
    if row is None:
        return
    user, purpose = row
    words = {"name": user.name or user.email, "url": _url(PAGES[purpose], link_id, user.locale)}
    subject = SUBJECTS[purpose]
    letter = account_letter(f"{purpose}:{link_id}", user.id, user.email, user.locale, subject, purpose.value, words)
    await send(db, letter)


@job("accounts.mail_reset", lane=Lane.mail)
async def mail_reset(db: Database, *, email: str) -> None:
    """A link for whoever may sign in with this address."""
    async with db.begin() as session:
        user = await UserRepository(session=session).lock_one(User.email == email, User.disabled_at.is_(None))
        if user:
            link_id = await make_password_link(session, user.id, LinkPurpose.reset)
            await enqueue(session, mail_password_link.call(link_id=link_id))


@job("accounts.mail_registration", lane=Lane.mail)
async def mail_registration(db: Database, *, registration_id: UUID) -> None:
    """The link that confirms it; to who has an account already, that they have one.

    Whose address it is has not been shown yet: nothing that was typed stands in the letter, or anybody could have
    their own words mailed to anybody.
    """
    async with db.begin() as session:
        registration = await session.get(Registration, registration_id)
        if registration is None:
            return
        user = await session.scalar(select(User).where(User.email == registration.email))
    if user is None:
        subject, template, url = CONFIRM, "confirmation", _url("/account/confirm", registration.id, registration.locale)
    else:
        subject, template, url = KNOWN, "known_address", f"{settings.base_url}/account/forgot"
    to, locale = (user.email, user.locale) if user else (registration.email, registration.locale)
    words = {"name": user.name if user and user.name else to, "url": url}
    await send(
        db, account_letter(f"registration:{registration.id}", registration.id, to, locale, subject, template, words)
    )


@job("accounts.mail_copied_session", lane=Lane.mail)
async def mail_copied_session(db: Database, *, user_id: UUID, session_id: UUID) -> None:
    async with db.begin() as session:
        user = await session.get(User, user_id)
    if user is None:
        return
    words = {"name": user.name or user.email, "url": f"{settings.base_url}/account/security"}
    letter = account_letter(
        f"copied-session:{session_id}", user.id, user.email, user.locale, COPIED, "copied_session", words
    )
    await send(db, letter)


@job("accounts.mail_new_device", lane=Lane.mail)
async def mail_new_device(db: Database, *, session_id: UUID) -> None:
    """With the link that says it was somebody else."""
    async with db.begin() as session:
        found = select(User, UserSession).join(UserSession, UserSession.user_id == User.id)
        row = (await session.execute(found.where(UserSession.id == session_id))).one_or_none()
    if row is None:
        return
    user, begun = row
    words: dict[str, Any] = {
        "name": user.name or user.email,
        "when": begun.created_at,
        "program": program_name(begun.program, user.locale),
        "address": begun.address,
        "url": f"{settings.base_url}/account/not-me?token={disowning_token(session_id)}&lang={user.locale}",
    }
    letter = account_letter(
        f"new-device:{session_id}", user.id, user.email, user.locale, NEW_DEVICE, "new_device", words
    )
    await send(db, letter)


@job("accounts.mail_security_notice", lane=Lane.mail)
async def mail_security_notice(db: Database, *, user_id: UUID, notice: Notice, key: UUID) -> None:
    """`key` names the change, so that a job that runs twice mails once."""
    async with db.begin() as session:
        user = await session.get(User, user_id)
    if user is None:
        return
    words = {
        "name": user.name or user.email,
        "what": SENTENCES[notice].in_locale(user.locale),
        "url": f"{settings.base_url}/account/security?lang={user.locale}",
    }
    letter = account_letter(f"notice:{key}", user.id, user.email, user.locale, NOTICE, "security_notice", words)
    await send(db, letter)


@job("accounts.mail_email_change", lane=Lane.mail)
async def mail_email_change(db: Database, *, change_id: UUID, side: Side) -> None:
    """To one of the two; to who has the new address already, that they have an account."""
    async with db.begin() as session:
        found = select(EmailChange, User).join(User, User.id == EmailChange.user_id)
        row = (await session.execute(found.where(EmailChange.id == change_id))).one_or_none()
        if row is None:
            return
        change, user = row
        owner = await session.scalar(select(User).where(User.email == change.new_email))
    key = f"email-change:{change_id}:{side.value}"
    if side is Side.new and owner:
        words = {"name": owner.name or owner.email, "url": f"{settings.base_url}/account/forgot"}
        await send(db, account_letter(key, owner.id, owner.email, owner.locale, KNOWN, "known_address", words))
        return
    to = user.email if side is Side.old else change.new_email
    words = {"name": user.name if side is Side.old and user.name else to, "new_email": change.new_email}
    words["url"] = f"{settings.base_url}/account/confirm-address?token={link_token(change_id, side)}&lang={user.locale}"
    template = "email_change" if side is Side.old else "new_email"
    await send(db, account_letter(key, user.id, to, user.locale, CHANGE, template, words))


def _url(page: str, id: UUID, locale: str) -> str:
    return f"{settings.base_url}{page}?token={token_of(id)}&lang={locale}"


def account_letter(
    key: str, owner_id: UUID, to: str, locale: str, subject: Lazy, template: str, words: dict[str, Any]
) -> Letter:
    words |= {"band": settings.band_name}
    return Letter(
        key=key,
        owner_id=owner_id,
        to=to,
        subject=subject.in_locale(locale).format(band=settings.band_name),
        text=render(f"accounts/mail/{template}.txt", locale, words),
        html=render(f"accounts/mail/{template}.html", locale, words),
    )
