"""Asking to be erased, and changing one's mind."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser, refuse_impersonator
from apps.accounts.models import User
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.accounts.users.authority import refuse_last_admin, refuse_stronger
from apps.core.audit import record
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.jobs import enqueue
from apps.core.text.i18n import lazy as _
from apps.privacy.jobs import mail_erasure
from apps.privacy.letters import ErasureNews
from apps.privacy.models import ErasureRequest, ErasureState
from apps.privacy.repositories import ErasureRepository
from project.settings import settings


class ErasureAskedAlready(AppError):
    status = 409
    type = "erasure-asked-already"
    message = _("This account is to be deleted already.")


class NoErasure(AppError):
    status = 409
    type = "no-erasure"
    message = _("This account is not to be deleted.")


class ErasureUnderWay(AppError):
    status = 409
    type = "erasure-under-way"
    message = _("The account is being deleted: it is too late to cancel.")


class UnknownUser(AppError):
    status = 404
    type = "unknown-user"
    message = _("There is no account with this email address.")
    about = ("email",)


async def user_with_address(session: AsyncSession, email: str) -> User:
    """Locked. Raises UnknownUser."""
    user = await UserRepository(session=session).lock_one(User.email == email.lower())
    if user is None:
        raise UnknownUser
    return user


async def ask_for_own_erasure(session: AsyncSession, current_user: CurrentUser) -> ErasureRequest:
    """Raises ProofNeeded, ErasureAskedAlready, LastAdmin."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    return await _ask(session, user, actor=current_user.actor)


async def ask_for_erasure(session: AsyncSession, user: User, *, by: CurrentUser) -> ErasureRequest:
    """For somebody, who is locked. Raises BeyondYourPermissions, ErasureAskedAlready, LastAdmin."""
    await refuse_stronger(session, by, user)
    return await _ask(session, user, actor=by.actor)


async def cancel_own_erasure(session: AsyncSession, current_user: CurrentUser) -> ErasureRequest:
    """Raises NotAsSomebodyElse, NoErasure, ErasureUnderWay."""
    refuse_impersonator(current_user)
    await UserRepository(session=session).find_locked(current_user.id)
    return await _cancel(session, current_user.id, actor=current_user.actor)


async def cancel_erasure(session: AsyncSession, user: User, *, by: CurrentUser) -> ErasureRequest:
    """For somebody, who is locked. Raises BeyondYourPermissions, NoErasure, ErasureUnderWay."""
    await refuse_stronger(session, by, user)
    return await _cancel(session, user.id, actor=by.actor)


async def _ask(session: AsyncSession, user: User, *, actor: str) -> ErasureRequest:
    await refuse_last_admin(session, user)
    if await ErasureRepository(session=session).open_of(user.id):
        raise ErasureAskedAlready
    due_at = await now(session) + timedelta(days=settings.erasure_days)
    request = ErasureRequest(user_id=user.id, asked_by=actor, due_at=due_at, locale=user.locale)
    session.add(request)
    await session.flush()
    record(session, "privacy.ask_for_erasure", user, actor=actor, after={"due_at": due_at.isoformat()})
    await enqueue(session, mail_erasure.call(request_id=request.id, news=ErasureNews.asked))
    await session.flush()
    return request


async def _cancel(session: AsyncSession, user_id: UUID, *, actor: str) -> ErasureRequest:
    request = await ErasureRepository(session=session).open_of(user_id)
    if request is None:
        raise NoErasure
    if request.state is ErasureState.running:
        raise ErasureUnderWay
    request.move(ErasureState.cancelled)
    request.finished_at = await now(session)
    user = await session.get_one(User, user_id)
    record(session, "privacy.cancel_erasure", user, actor=actor)
    await enqueue(session, mail_erasure.call(request_id=request.id, news=ErasureNews.cancelled))
    await session.flush()
    return request
