"""Nobody removes the last way by which they sign in."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.models import CredentialKind
from apps.accounts.repositories import CREDENTIALS
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _

ENOUGH_ALONE = (CredentialKind.password, CredentialKind.passkey, CredentialKind.oidc)
"""Each of these signs in by itself."""


class LastSignIn(AppError):
    status = 409
    type = "last-sign-in"
    message = _("You have no other way to sign in. Set a password or add a passkey first.")


async def refuse_last_sign_in(session: AsyncSession, user_id: UUID) -> None:
    """After one was removed; the user is locked. Raises LastSignIn."""
    left = select(CREDENTIALS.c.id).where(CREDENTIALS.c.user_id == user_id, CREDENTIALS.c.kind.in_(ENOUGH_ALONE))
    if (await session.execute(left.limit(1))).first() is None:
        raise LastSignIn
