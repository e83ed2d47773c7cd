"""Signing in with an identity from elsewhere, which opens an account the first time."""

from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.models import CUSTOMER, SessionKind, SignInMethod, SignInResult, User
from apps.accounts.oidc.identities import Identity
from apps.accounts.oidc.linking import find_linked, keep_identity, note_use
from apps.accounts.oidc.providers import Answer, Provider
from apps.accounts.oidc.refusals import AccountDisabled, AccountExists, EmailNotVerified, RequestOver
from apps.accounts.oidc.requests import AuthorizationRequest, use_request
from apps.accounts.registration.registration import end_registrations
from apps.accounts.repositories import UserRepository, find_roles
from apps.accounts.services import EmailTaken, create_user
from apps.accounts.sessions.history import Attempt, record_attempt
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.sessions import Opened
from apps.accounts.sessions.signing_in import open_or_ask
from apps.core.db.database import Database, now
from apps.core.errors import AppError

OIDC = SignInMethod.oidc


async def identify(db: Database, provider: Provider, request: AuthorizationRequest, answer: Answer) -> Identity:
    """Who has come back. The request is used up first, whatever the provider says then, and no lock is held meanwhile.

    Raises RequestOver, SignInCancelled, ProviderRefused, ProviderDown.
    """
    async with db.begin() as session:
        await use_request(session, request)
        moment = await now(session)
    return await provider.identify(request, answer, at=moment)


async def sign_in_with_identity(
    db: Database, kind: SessionKind, origin: Origin, provider: Provider, identity: Identity, *, locale: str
) -> Opened:
    """A session of its own. `locale` is the language of a new account.

    Raises SecondFactorNeeded, AccountDisabled, AccountExists, EmailNotVerified, RequestOver.
    """
    async with db.begin() as session:
        user = await _user_of(session, identity) or await _new_account(session, provider, identity, locale)
        opened: Opened | AppError
        if user.disabled_at:
            refused = Attempt(kind, OIDC, SignInResult.refused, origin, provider.name)
            await record_attempt(await session.connection(), refused, user_id=user.id)
            opened = AccountDisabled()
        else:
            opened = await open_or_ask(session, user, kind, origin, method=OIDC, provider=provider.name)
    if isinstance(opened, AppError):  # only now, so that what was written stays
        raise opened
    return opened


async def _user_of(session: AsyncSession, identity: Identity) -> User | None:
    """Locked, as everywhere before what belongs to them. Raises RequestOver: unlinked at this moment."""
    user_id = await find_linked(session, identity)
    if user_id is None:
        return None
    user = await UserRepository(session=session).find_locked(user_id)
    if not await note_use(session, user, identity):
        raise RequestOver
    return user


async def _new_account(session: AsyncSession, provider: Provider, identity: Identity, locale: str) -> User:
    """A customer's. An address that has an account, confirmed or not, is left to who signs in to that."""
    if not identity.email:
        raise EmailNotVerified(title=provider.title)
    try:
        user = await create_user(
            session,
            email=identity.email,
            name=identity.name,
            locale=locale,
            password_hash=None,
            roles=await find_roles(session, [CUSTOMER]),
            actor="registration",
        )
    except EmailTaken:
        raise AccountExists(title=provider.title, email=identity.email) from None
    user.email_confirmed_at = await now(session)
    await end_registrations(session, user.email)
    if not await keep_identity(session, user, identity):
        raise RequestOver
    await session.flush()
    return user
