"""What staff do with endpoints. Callers hold the endpoint's lock."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import assign, record
from apps.core.db.archive import archive, refuse_archived, restore
from apps.core.db.database import now
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.text.i18n import lazy as _
from apps.webhooks.delivering import delivery
from apps.webhooks.delivering.post import may_be_told
from apps.webhooks.delivering.signing import BOTH_SIGN, CURRENT, new_nonce
from apps.webhooks.event_types import PING, EventType
from apps.webhooks.models import Disabled, WebhookEndpoint
from apps.webhooks.recording.payloads import PingData
from apps.webhooks.recording.record import Listener, NewEvent, expect_listeners, record_events
from apps.webhooks.schemas import WebhookIn

NOT_AN_ADDRESS = _("Must be an https:// URL at port 443 or 8443, without a user name, password or #fragment.")


class UrlTaken(AppError):
    status = 409
    type = "webhook-url-taken"
    message = _("There is a webhook with this URL already.")
    about = ("url",)


async def add_endpoint(session: AsyncSession, data: WebhookIn, *, actor: str) -> WebhookEndpoint:
    """With a secret of its own. Raises Invalid, UrlTaken."""
    endpoint = WebhookEndpoint(id=uuid7(), nonce=new_nonce(), key_id=CURRENT, secret_made_at=await now(session))
    _before, facts = assign(endpoint, await _facts(session, endpoint, data))
    session.add(endpoint)
    await session.flush()
    record(session, "webhooks.add", endpoint, actor=actor, after=facts)
    expect_listeners()
    return endpoint


async def change_endpoint(session: AsyncSession, endpoint: WebhookEndpoint, data: WebhookIn, *, actor: str) -> None:
    """What is waiting goes to the new address. Raises InArchive, Invalid, UrlTaken."""
    refuse_archived(endpoint)
    before, after = assign(endpoint, await _facts(session, endpoint, data))
    await session.flush()
    if after:
        record(session, "webhooks.change", endpoint, actor=actor, before=before, after=after)


async def _facts(session: AsyncSession, endpoint: WebhookEndpoint, data: WebhookIn) -> dict[str, Any]:
    if not may_be_told(data.url):
        raise Invalid(errors=[FieldError("url", NOT_AN_ADDRESS)])
    await _refuse_taken(session, endpoint, data.url)
    events = [each.value for each in EventType if each in data.events]
    return {"url": data.url, "description": data.description, "events": events}


async def _refuse_taken(session: AsyncSession, endpoint: WebhookEndpoint, url: str) -> None:
    others = select(WebhookEndpoint.id).where(
        WebhookEndpoint.url == url, WebhookEndpoint.archived_at.is_(None), WebhookEndpoint.id != endpoint.id
    )
    with session.no_autoflush:
        if await session.scalar(others.limit(1)) is not None:
            raise UrlTaken


async def enable_endpoint(session: AsyncSession, endpoint: WebhookEndpoint, *, actor: str) -> None:
    """It hears of what happens from now on. A second time changes nothing. Raises InArchive."""
    refuse_archived(endpoint)
    if endpoint.disabled is None:
        return
    before = {"disabled": endpoint.disabled}
    endpoint.disabled = endpoint.failing_since = None
    await session.flush()
    record(session, "webhooks.enable", endpoint, actor=actor, before=before)
    expect_listeners()


async def disable_endpoint(session: AsyncSession, endpoint: WebhookEndpoint, *, actor: str) -> None:
    """What waits for it is given up. A second time changes nothing."""
    await delivery.disable(session, endpoint, Disabled.by_staff, actor=actor)


async def archive_endpoint(session: AsyncSession, endpoint: WebhookEndpoint, *, actor: str) -> None:
    """It hears nothing any more; what was sent to it stays on record for its time."""
    await delivery.give_up_waiting(session, endpoint)
    await archive(session, endpoint, action="webhooks.archive", actor=actor)


async def restore_endpoint(session: AsyncSession, endpoint: WebhookEndpoint, *, actor: str) -> None:
    """Raises UrlTaken."""
    await _refuse_taken(session, endpoint, endpoint.url)
    await restore(session, endpoint, action="webhooks.restore", actor=actor)
    expect_listeners()


async def rotate_secret(session: AsyncSession, endpoint: WebhookEndpoint, *, actor: str) -> None:
    """A new secret; the one before signs too for a day. Raises InArchive."""
    refuse_archived(endpoint)
    moment = await now(session)
    endpoint.former_nonce, endpoint.former_key_id = endpoint.nonce, endpoint.key_id
    endpoint.former_until = moment + BOTH_SIGN
    endpoint.nonce, endpoint.key_id, endpoint.secret_made_at = new_nonce(), CURRENT, moment
    await session.flush()
    record(session, "webhooks.rotate_secret", endpoint, actor=actor)


async def send_test(session: AsyncSession, endpoint: WebhookEndpoint, *, actor: str) -> None:
    """A `ping`, whatever it listens to; it waits for no other. Raises InArchive, WebhookDisabled."""
    delivery.refuse_disabled(endpoint)
    ping = NewEvent(type=PING, thing=uuid7(), data=PingData(webhook=endpoint.id))
    await record_events(await session.connection(), [ping], [Listener(endpoint.id, ())])
    record(session, "webhooks.send_test", endpoint, actor=actor)
