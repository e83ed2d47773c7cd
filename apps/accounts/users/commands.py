"""manage.py user: what operators do with accounts, as staff do it in the back office, and when nobody can sign in."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import click
import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.api_keys.authentication import ALIVE as WORKING
from apps.accounts.api_keys.authentication import KEYS
from apps.accounts.current_user import CurrentUser
from apps.accounts.devices.programs import program_name
from apps.accounts.models import ADMIN, CredentialKind, SignIn, SignInResult, User
from apps.accounts.permissions import all_permissions
from apps.accounts.repositories import ALIVE, CREDENTIALS, SESSIONS, UserRepository, roles_of
from apps.accounts.users.users import disable, enable, give_roles, reset_factors, sign_out
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Email
from project.database import opened_database

FACTORS = {
    CredentialKind.password: "password",
    CredentialKind.totp: "authenticator app",
    CredentialKind.passkey: "passkeys",
    CredentialKind.recovery_code: "recovery codes",
    CredentialKind.oidc: "linked sign-ins",
}
Answer = TypeVar("Answer")
Change = Callable[..., Awaitable[None]]


class NoSuchUser(AppError):
    status = 404
    type = "no-such-user"
    message = _("There is no user with the address {email}.")


class Operator(CurrentUser):
    """Who runs manage.py, and reads the database anyway: there is nothing that they may not do."""

    __slots__ = ()

    @property
    def actor(self) -> str:
        return "manage.py"


def operator() -> Operator:
    nobody = UUID(int=0)
    return Operator(
        id=nobody, email="", name="", locale="en", session_id=nobody, permissions=frozenset(all_permissions())
    )


def email_of(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        return msgspec.convert(value.lower(), Email)
    except msgspec.ValidationError:
        raise click.BadParameter(f"{value} is not an email address") from None


def explained(error: AppError) -> str:
    """In a sentence."""
    fields = [each.in_locale("en")["message"] for each in error.details.get("errors", ())]
    return " ".join(fields or [error.sentence("en")])


@click.group()
def user() -> None:
    """Accounts: add, show, deactivate, and let in who has lost their second factor."""


@user.command()
@click.argument("email", callback=email_of)
def show(email: str) -> None:
    """Roles, ways to sign in, sessions, and the last sign-in."""
    for title, value in _run(_shown(email)):
        click.echo(f"{title + ':':<17} {value}")


@user.command()
@click.argument("email", callback=email_of)
def deactivate(email: str) -> None:
    """Sign a user out everywhere, revoke their API keys, and let them sign in no more."""
    _change(email, disable, done="is deactivated.")


@user.command()
@click.argument("email", callback=email_of)
def reactivate(email: str) -> None:
    """Let a user sign in again."""
    _change(email, enable, done="can sign in again.")


@user.command("end-sessions")
@click.argument("email", callback=email_of)
def end_sessions(email: str) -> None:
    """Sign a user out everywhere; API keys go on working."""
    _change(email, sign_out, done="is signed out everywhere.")


@user.command("reset-factors")
@click.argument("email", callback=email_of)
def reset(email: str) -> None:
    """Remove the second factors of a user who has lost them."""
    _change(email, reset_factors, done="has no second factor any more.")


@user.command("make-admin")
@click.argument("email", callback=email_of)
def make_admin(email: str) -> None:
    """Give a user the role admin, besides those that they have."""
    _change(email, _make_admin, done="is an administrator.")


async def _make_admin(session: AsyncSession, user: User, *, by: CurrentUser) -> None:
    names = {role.name for role in await roles_of(session, user.id)}
    await give_roles(session, user, sorted({*names, ADMIN}), by=by)


def _change(email: str, change: Change, *, done: str) -> None:
    _run(_changed(email, change))
    click.echo(f"{email} {done}")


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        return asyncio.run(work)
    except AppError as error:
        raise SystemExit(explained(error)) from None


async def _changed(email: str, change: Change) -> None:
    async with opened_database() as db, db.begin() as session:
        await change(session, await _locked(session, email), by=operator())


async def _locked(session: AsyncSession, email: str) -> User:
    found = await UserRepository(session=session).lock_one(User.email == email)
    if found is None:
        raise NoSuchUser(email=email)
    return found


async def _shown(email: str) -> list[tuple[str, str]]:
    async with opened_database() as db, db.begin() as session:
        user = await _locked(session, email)
        roles = ", ".join(role.name for role in await roles_of(session, user.id))
        sessions = select(func.count()).select_from(SESSIONS).where(SESSIONS.c.user_id == user.id, *ALIVE)
        keys = select(func.count()).select_from(KEYS).where(KEYS.c.user_id == user.id, *WORKING)
        return [
            ("Name", user.name or "–"),
            ("Roles", roles or "none"),
            ("Added", _moment(user.created_at)),
            ("Email confirmed", _moment(user.email_confirmed_at)),
            ("News by email", _moment(user.news_agreed_at)),
            ("Deactivated", _moment(user.disabled_at)),
            ("Signs in with", await _factors(session, user.id)),
            ("Active sessions", str(await session.scalar(sessions))),
            ("API keys", str(await session.scalar(keys))),
            ("Last sign-in", await _last_sign_in(session, user.id)),
        ]


async def _factors(session: AsyncSession, user_id: UUID) -> str:
    """Those that work: an app whose first code was never shown is none."""
    kind, count = CREDENTIALS.c.kind, func.count()
    works = (kind != CredentialKind.totp) | CREDENTIALS.c.confirmed_at.is_not(None)
    mine = select(kind, count).where(CREDENTIALS.c.user_id == user_id, works).group_by(kind).order_by(kind)
    counts = (await session.execute(mine)).tuples().all()
    return ", ".join(FACTORS[each] + (f" ({count})" if count > 1 else "") for each, count in counts) or "nothing yet"


async def _last_sign_in(session: AsyncSession, user_id: UUID) -> str:
    mine = select(SignIn).where(SignIn.user_id == user_id, SignIn.result == SignInResult.signed_in)
    last = await session.scalar(mine.order_by(SignIn.id.desc()).limit(1))
    if last is None:
        return "none on record"
    return ", ".join(filter(None, (_moment(last.created_at), program_name(last.program, "en"), last.address)))


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "no"
