"""Nobody gives, takes or touches more than they have themselves, and somebody always is left who may do everything."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.models import ADMIN, Role, User, UserRole
from apps.accounts.passwords import UNUSABLE
from apps.accounts.person import Person
from apps.accounts.repositories import RoleRepository, find_roles, permissions_of, roles_of
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.i18n import lazy as _


class BeyondYourPermissions(AppError):
    status = 403
    type = "beyond-your-permissions"
    message = _("This takes permissions that you do not have yourself.")


class LastAdmin(AppError):
    status = 409
    type = "last-admin"
    message = _("This is the last administrator who can sign in.")


async def roles_named(session: AsyncSession, names: Sequence[str]) -> Sequence[Role]:
    """Raises Invalid for a name that no role has."""
    roles = await find_roles(session, names)
    known = {role.name for role in roles}
    sentence = _("There is no such role.")
    errors = [FieldError(f"roles[{n}]", sentence) for n, name in enumerate(names) if name not in known]
    if errors:
        raise Invalid(errors=errors)
    return roles


def refuse_beyond(person: Person, roles: Iterable[Role]) -> None:
    """What these roles may do together, the person must be allowed too."""
    held = list(roles)
    if not person.may_all(permissions_of([role.name for role in held], [role.permissions for role in held])):
        raise BeyondYourPermissions


async def refuse_stronger(session: AsyncSession, person: Person, user: User) -> None:
    """Whoever may do more than the person is out of their reach."""
    refuse_beyond(person, await roles_of(session, user.id))


async def refuse_last_admin(session: AsyncSession, user: User) -> None:
    """Before `user` stops being an admin. They do so one at a time, so that two cannot depose each other."""
    admin = await RoleRepository(session=session).lock_one(Role.name == ADMIN)
    if admin and await _has(session, admin, user.id) and not await _has_others(session, admin, user.id):
        raise LastAdmin


async def _has(session: AsyncSession, role: Role, user_id: UUID) -> bool:
    return await session.get(UserRole, (user_id, role.id), populate_existing=True) is not None


async def _has_others(session: AsyncSession, role: Role, user_id: UUID) -> bool:
    able = select(User.id).join(UserRole, UserRole.user_id == User.id)
    others = able.where(
        UserRole.role_id == role.id,
        User.id != user_id,
        User.disabled_at.is_(None),
        User.password_hash != UNUSABLE,
    )
    return (await session.execute(others.limit(1))).first() is not None
