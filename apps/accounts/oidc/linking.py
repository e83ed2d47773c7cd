"""Identities elsewhere that sign in to an account here: found, linked and unlinked."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.current_user import CurrentUser
from apps.accounts.models import CredentialKind, User
from apps.accounts.notices import Notice
from apps.accounts.oidc.identities import Identity
from apps.accounts.oidc.providers import Provider
from apps.accounts.oidc.refusals import IdentityTaken, OfferOver, TooManyLinks
from apps.accounts.oidc.requests import LinkOffer, use_offer
from apps.accounts.repositories import CREDENTIALS, UserRepository
from apps.accounts.second_factor.changes import note_change
from apps.accounts.sessions.proof import refuse_stale_proof
from apps.accounts.users.last_sign_in import refuse_last_sign_in

OIDC = CredentialKind.oidc
MOST = 10


async def find_linked(session: AsyncSession, identity: Identity) -> UUID | None:
    """Whose it is. Who locks that user then asks once more."""
    found = select(CREDENTIALS.c.user_id).where(*_is(identity))
    return await session.scalar(found)


async def note_use(session: AsyncSession, user: User, identity: Identity) -> bool:
    """Whether it is still linked to this user, who is locked."""
    mine = update(CREDENTIALS).where(*_is(identity), CREDENTIALS.c.user_id == user.id)
    used = mine.values(used_at=func.clock_timestamp()).returning(CREDENTIALS.c.id)
    return (await session.execute(used)).first() is not None


async def keep_identity(session: AsyncSession, user: User, identity: Identity) -> bool:
    """Whether it is linked to nobody yet, and is from now on to this user."""
    new = insert(CREDENTIALS).values(
        id=uuid7(), user_id=user.id, kind=OIDC, external_id=identity.external_id, name=identity.email[:200]
    )
    kept = new.on_conflict_do_nothing(index_elements=["kind", "external_id"]).returning(CREDENTIALS.c.id)
    return (await session.execute(kept)).first() is not None


async def link(session: AsyncSession, current_user: CurrentUser, provider: Provider, identity: Identity) -> None:
    """Nothing where it is linked to this user already. Raises ProofNeeded, IdentityTaken, TooManyLinks."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    if await find_linked(session, identity) == user.id:
        return
    await _refuse_one_too_many(session, user.id)
    if not await keep_identity(session, user, identity):
        raise IdentityTaken(title=provider.title)
    await note_change(session, user, "accounts.link_sign_in", Notice.sign_in_linked, actor=current_user.actor)


async def link_offered(session: AsyncSession, current_user: CurrentUser, provider: Provider, offer: LinkOffer) -> None:
    """To the account that has the identity's address, by who has signed in to it.

    Raises OfferOver, ProofNeeded, IdentityTaken, TooManyLinks.
    """
    if offer.identity.email != current_user.email:
        raise OfferOver
    refuse_stale_proof(current_user)
    await use_offer(session, offer)
    await link(session, current_user, provider, offer.identity)


async def unlink(session: AsyncSession, current_user: CurrentUser, id: UUID) -> None:
    """One of the user's own; nothing where it is none. Raises ProofNeeded, LastSignIn."""
    refuse_stale_proof(current_user)
    user = await UserRepository(session=session).find_locked(current_user.id)
    removed = delete(CREDENTIALS).where(*_of(user.id), CREDENTIALS.c.id == id).returning(CREDENTIALS.c.id)
    if (await session.execute(removed)).first() is None:
        return
    await refuse_last_sign_in(session, user.id)
    await note_change(session, user, "accounts.unlink_sign_in", Notice.sign_in_unlinked, actor=current_user.actor)


async def _refuse_one_too_many(session: AsyncSession, user_id: UUID) -> None:
    found = await session.execute(select(func.count()).select_from(CREDENTIALS).where(*_of(user_id)))
    if found.scalar_one() >= MOST:
        raise TooManyLinks


def _is(identity: Identity) -> tuple[ColumnElement[bool], ...]:
    return CREDENTIALS.c.kind == OIDC, CREDENTIALS.c.external_id == identity.external_id


def _of(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return CREDENTIALS.c.user_id == user_id, CREDENTIALS.c.kind == OIDC
