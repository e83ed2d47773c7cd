"""Staff who see the site as a fan sees it: for an hour, shown on every page, and without what needs a fresh proof."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import SessionKind, SignInMethod, User
from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import UserRepository, permissions_in, roles_of
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.accounts.sessions.sessions import Opened, begin_session
from apps.core.audit import record
from apps.core.errors import AppError, NotFound
from apps.core.text.i18n import lazy as _

LASTS = timedelta(hours=1)


class NotAFan(AppError):
    status = 409
    type = "not-a-fan"
    message = _("Only accounts without permissions that are not deactivated can be looked at this way.")


async def impersonate(session: AsyncSession, user_id: UUID, origin: Origin, *, by: CurrentUser) -> Opened:
    """A session as this user. Raises NotFound for who may not, or nobody; ProofNeeded, NotAFan."""
    if PeoplePermission.USERS_IMPERSONATE not in by.permissions:
        raise NotFound
    refuse_stale_proof(by)
    user = await UserRepository(session=session).lock_one(User.id == user_id)
    if user is None:
        raise NotFound
    if user.disabled_at is not None or permissions_in(await roles_of(session, user.id)):
        raise NotAFan
    opened = await begin_session(
        session, user, SessionKind.browser, origin, method=SignInMethod.staff, impersonator_id=by.id, lasts=LASTS
    )
    record(session, "accounts.impersonate", user, actor=by.actor)
    await session.flush()
    return opened
