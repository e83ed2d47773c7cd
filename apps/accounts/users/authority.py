"""Rules against privilege escalation: nobody grants more than they have, and one full admin always remains."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser, refuse_api_key
from apps.accounts.models import ADMIN, Role, User, UserRole
from apps.accounts.permissions import all_permissions
from apps.accounts.repositories import HAS_PASSWORD, find_roles, permissions_in, roles_of
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.text.i18n import lazy as _


class BeyondYourPermissions(AppError):
    status = 403
    type = "beyond-your-permissions"
    message = _("This requires permissions that you do not have yourself.")


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


def refuse_beyond(current_user: CurrentUser, roles: Sequence[Role]) -> None:
    """What these roles may do together, the person must be allowed too."""
    if not current_user.may_all(permissions_in(roles)):
        raise BeyondYourPermissions


async def refuse_stronger(session: AsyncSession, current_user: CurrentUser, user: User) -> None:
    """Whoever may do more than the person is out of their reach, and for an API key its own user is."""
    refuse_own_by_key(current_user, user)
    refuse_beyond(current_user, await roles_of(session, user.id))


def refuse_own_by_key(current_user: CurrentUser, user: User) -> None:
    """No API key changes the account that it belongs to. Raises SessionNeeded."""
    if current_user.id == user.id:
        refuse_api_key(current_user)


def refuse_lasting_by_key(current_user: CurrentUser, permissions: Collection[str]) -> None:
    """Whoever gets permissions from an API key would have them still when it is revoked. Raises SessionNeeded."""
    if permissions:
        refuse_api_key(current_user)


async def refuse_last_admin(session: AsyncSession, user: User) -> None:
    """Before `user`, who is locked, stops being an admin: one at a time, so that two cannot depose each other."""
    theirs = select(Role).join(UserRole, UserRole.role_id == Role.id)
    mine = theirs.where(UserRole.user_id == user.id, Role.name == ADMIN)
    admin = await session.scalar(mine.with_for_update(key_share=True, of=Role))
    if admin and not await _has_others(session, admin, user.id):
        raise LastAdmin


async def _has_others(session: AsyncSession, role: Role, user_id: UUID) -> bool:
    able = select(User.id).join(UserRole, UserRole.user_id == User.id)
    others = able.where(
        UserRole.role_id == role.id,
        User.id != user_id,
        User.disabled_at.is_(None),
        HAS_PASSWORD,
    )
    return (await session.execute(others.limit(1))).first() is not None


def known_permissions(permissions: Iterable[str]) -> list[str]:
    """In order, each once. Raises Invalid for one that no app has."""
    sentence, names = _("There is no such permission."), list(permissions)
    errors = [
        FieldError(f"permissions[{n}]", sentence) for n, name in enumerate(names) if name not in all_permissions()
    ]
    if errors:
        raise Invalid(errors=errors)
    return sorted(set(names))
