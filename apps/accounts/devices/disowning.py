"""“That was not me”: the end of all that somebody else may have opened, and a link to a new password."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.api_keys.revoking import revoke_keys_of
from apps.accounts.devices.known_devices import end_device
from apps.accounts.links.making import end_password_links, make_password_link
from apps.accounts.links.password_links import LinkOver
from apps.accounts.links.tokens import disowned_session, token_of
from apps.accounts.models import Credential, CredentialKind, LinkPurpose, User, UserSession
from apps.accounts.repositories import UserRepository
from apps.accounts.sessions.sessions import end_sessions
from apps.core.audit import record
from apps.core.db.database import now


async def disown_session(session: AsyncSession, token: str) -> str:
    """Ends all sessions and API keys of the user, the device, the password, and what was set up since to sign in with.

    The token of a link to set a new password with: who follows this one reads the user's mail. Raises LinkOver.
    """
    begun = await _session_of(session, token)
    user = await UserRepository(session=session).find_locked(begun.user_id)
    await session.refresh(begun)
    if begun.disowned_at is not None:
        raise LinkOver
    begun.disowned_at = await now(session)
    if begun.device:
        await end_device(session, begun.device)
    await end_sessions(session, user.id)
    await revoke_keys_of(session, user.id, actor=user.actor)
    await _end_credentials(session, user, begun)
    await end_password_links(session, user.id)
    link_id = await make_password_link(session, user.id, LinkPurpose.reset)
    record(session, "accounts.disown_session", user, actor=user.actor, after={"session": str(begun.id)})
    await session.flush()
    return token_of(link_id)


async def _session_of(session: AsyncSession, token: str) -> UserSession:
    id = disowned_session(token)
    begun = await session.get(UserSession, id) if id else None
    if begun is None:
        raise LinkOver
    return begun


async def _end_credentials(session: AsyncSession, user: User, begun: UserSession) -> None:
    mine = delete(Credential).where(Credential.user_id == user.id)
    is_password, is_later = Credential.kind == CredentialKind.password, Credential.created_at >= begun.created_at
    await session.execute(mine.where(is_password | is_later))
