"""Roles: named sets of permissions. Only who has these permissions can create or change one."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import ADMIN, CUSTOMER, Role
from apps.accounts.sessions.cache import forget_cached
from apps.accounts.users.authority import known_permissions, refuse_beyond, refuse_lasting_by_key
from apps.core.audit import assign, record
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.text.i18n import lazy as _

EVERYBODYS = _("Everybody who registers has this role: it has no permissions.")


class RoleExists(AppError):
    status = 409
    type = "role-exists"
    message = _("There is a role of this name already.")
    about = ("name",)


class RoleBuiltIn(AppError):
    status = 409
    type = "role-built-in"
    message = _("This role is built in and cannot be changed.")


class RoleInUse(AppError):
    status = 409
    type = "role-in-use"
    message = _("Users have this role. Remove it from them first.")


async def create_role(
    session: AsyncSession, *, name: str, title: str, permissions: Sequence[str], by: CurrentUser
) -> Role:
    """Raises RoleExists, BeyondYourPermissions, Invalid."""
    known = known_permissions(permissions)
    new = insert(Role).values(name=name, title=title.strip(), permissions=known)
    role = (await session.scalars(new.on_conflict_do_nothing(index_elements=["name"]).returning(Role))).one_or_none()
    if role is None:
        raise RoleExists
    refuse_beyond(by, [role])
    record(session, "accounts.create_role", role, actor=by.actor, after={"name": name, "permissions": known})
    await session.flush()
    return role


async def change_role(
    session: AsyncSession, role: Role, *, title: str, permissions: Sequence[str], by: CurrentUser
) -> None:
    """`role` is locked.

    Raises RoleBuiltIn for the administrator's, BeyondYourPermissions, Invalid; for more permissions SessionNeeded for
    an API key, as others have the role.
    """
    if role.name == ADMIN:
        raise RoleBuiltIn
    if role.name == CUSTOMER and permissions:
        raise Invalid(errors=[FieldError("permissions", EVERYBODYS)])
    refuse_beyond(by, [role])
    known = known_permissions(permissions)
    refuse_lasting_by_key(by, set(known) - set(role.permissions))
    wanted = known if set(known) != set(role.permissions) else role.permissions  # in another order it is no change
    before, after = assign(role, {"title": title.strip(), "permissions": wanted})
    refuse_beyond(by, [role])
    if after:
        record(session, "accounts.change_role", role, actor=by.actor, before=before, after=after)
        forget_cached(session)
    await session.flush()


async def delete_role(session: AsyncSession, role: Role, *, by: CurrentUser) -> None:
    """`role` is locked. Raises RoleBuiltIn, RoleInUse, BeyondYourPermissions."""
    if role.built_in:
        raise RoleBuiltIn
    refuse_beyond(by, [role])
    before = {"name": role.name, "permissions": role.permissions}
    record(session, "accounts.delete_role", role, actor=by.actor, before=before)
    await session.delete(role)
    try:
        await session.flush()
    except IntegrityError:
        raise RoleInUse from None
