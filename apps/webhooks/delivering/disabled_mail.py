"""A webhook that was disabled because its receiver does not answer is mailed to all who can enable it again."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.models import User
from apps.accounts.repositories import users_who_may
from apps.backoffice.urls import details_url
from apps.core.db.database import Database
from apps.core.jobs import Lane, enqueue, job
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import render
from apps.mail.services import Letter, send
from apps.webhooks.models import Disabled, WebhookEndpoint
from apps.webhooks.permissions import WebhookPermission
from project.settings import settings

SUBJECT = _("A webhook of {band} is disabled")
REASONS: Mapping[Disabled | None, Lazy] = {
    Disabled.gone: _("It answered that it is gone for good (410)."),
    Disabled.failing: _("It has not answered as it should for three days."),
}


async def tell_staff(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """Once of each time that it is disabled: the key stands in the jobs."""
    key = uuid7()
    found = await users_who_may(session, WebhookPermission.WEBHOOKS_EDIT)
    await enqueue(session, *(mail_disabled.call(endpoint_id=endpoint.id, user_id=user.id, key=key) for user in found))


@job("webhooks.mail_disabled", lane=Lane.mail)
async def mail_disabled(db: Database, *, endpoint_id: UUID, user_id: UUID, key: UUID) -> None:
    """Nothing where staff have enabled it meanwhile, or it is in the archive."""
    async with db.begin() as session:
        user, endpoint = await session.get(User, user_id), await session.get(WebhookEndpoint, endpoint_id)
    if user and endpoint and endpoint.archived_at is None and endpoint.disabled in REASONS:
        await send(db, _letter(user, endpoint, REASONS[endpoint.disabled], key))


def _letter(user: User, endpoint: WebhookEndpoint, reason: Lazy, key: UUID) -> Letter:
    words = {
        "name": user.name or user.email,
        "endpoint": endpoint.url,
        "reason": reason.in_locale(user.locale),
        "band": settings.band_name,
        "url": settings.base_url + details_url("webhook-endpoint", endpoint.id, lang=user.locale),
    }
    return Letter(
        key=f"webhook-disabled:{key}:{user.id}",
        owner_id=user.id,
        to=user.email,
        subject=SUBJECT.in_locale(user.locale).format(band=settings.band_name),
        text=render("webhooks/mail/disabled.txt", user.locale, words),
        html=render("webhooks/mail/disabled.html", user.locale, words),
    )
