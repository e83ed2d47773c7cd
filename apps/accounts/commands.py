"""manage.py create-user, user, and passwords"""

import asyncio
import sys
from typing import cast

import click
import msgspec

from apps.accounts.models import CUSTOMER
from apps.accounts.passwords import new_hash
from apps.accounts.passwords.breaches.lookup import list_problems
from apps.accounts.passwords.commands import passwords
from apps.accounts.schemas import Password
from apps.accounts.services import create_user
from apps.accounts.users.authority import roles_named
from apps.accounts.users.commands import email_of, explained, operator, user
from apps.core.errors import AppError
from apps.core.text.string_types import Text
from project.database import opened_database
from project.settings import settings

__all__ = ["create_user_command", "passwords", "user"]


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    return _fitting(value, Text, otherwise="A name has at most 200 characters, on one line.")


@click.command("create-user")
@click.argument("email", callback=email_of)
@click.option("--role", "roles", multiple=True, help="admin, manager, …: may be given more than once.")
@click.option("--name", callback=_name, default="", help="What the person is called.")
def create_user_command(email: str, roles: tuple[str, ...], name: str) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    if problems := list_problems():
        raise SystemExit("\n".join(problems))
    roles = roles or _roles_asked_for()
    password = _password()
    try:
        asyncio.run(_create(email=email, password=password, roles=roles, name=name))
    except AppError as error:
        raise SystemExit(explained(error)) from None
    click.echo(f"{email} can sign in now.")


def _roles_asked_for() -> tuple[str, ...]:
    """None where nobody can answer."""
    return (
        (click.prompt("Role (admin, manager, moderator, door, customer)", default=CUSTOMER),) if at_terminal() else ()
    )


def at_terminal() -> bool:
    return sys.stdin.isatty()


def _password() -> str:
    """Never an argument: those are kept in the shell's history and seen by other users of the machine."""
    try:
        if at_terminal():
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        else:
            password = sys.stdin.readline().rstrip("\n")
    except UnicodeDecodeError:
        raise SystemExit("A password is text in UTF-8.") from None
    return _fitting(password, Password, otherwise="A password has 8 to 128 characters.")


def _fitting(text: str, kind: object, *, otherwise: str) -> str:
    try:
        return cast(str, msgspec.convert(text, kind))
    except msgspec.ValidationError:
        raise SystemExit(otherwise) from None


async def _create(*, email: str, password: str, roles: tuple[str, ...], name: str) -> None:
    password_hash = await new_hash(password, email=email, name=name)
    async with opened_database() as db, db.begin() as session:
        given = await roles_named(session, roles)
        await create_user(
            session,
            email=email,
            name=name,
            locale=settings.locale,
            password_hash=password_hash,
            roles=given,
            actor=operator().actor,
        )


user.add_command(create_user_command, "create")
