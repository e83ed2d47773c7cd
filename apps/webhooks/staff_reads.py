"""Deliveries as staff see them."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.keyset import Keyset, page_by_key
from apps.core.errors import NotFound
from apps.core.http.pagination import Page
from apps.webhooks.models import DeliveryState
from apps.webhooks.repositories import ATTEMPTS, DELIVERIES, MESSAGES
from apps.webhooks.schemas import WebhookAttemptOut, WebhookDeliveryDetailsOut, WebhookDeliveryOut

NEWEST = Keyset((DELIVERIES.c.id,), (UUID,), is_descending=True)
SHOWN = (
    *(DELIVERIES.c[name] for name in ("id", "type", "state", "tries", "status", "error", "try_at", "created_at")),
    DELIVERIES.c.endpoint_id.label("webhook"),
    DELIVERIES.c.message_id.label("event"),
)


class DeliveryQuery(Struct, frozen=True, kw_only=True):
    webhook: UUID | None
    state: DeliveryState | None
    type: str | None


async def list_deliveries(
    connection: AsyncConnection, query: DeliveryQuery, *, limit: int, after: str | None
) -> Page[WebhookDeliveryOut]:
    """The newest first: one query."""
    wanted = {"endpoint_id": query.webhook, "state": query.state, "type": query.type}
    found = select(*SHOWN).where(*(DELIVERIES.c[name] == value for name, value in wanted.items() if value is not None))
    return await page_by_key(connection, found, NEWEST, _listed, query=query, limit=limit, after=after)


def _listed(row: Row[Any]) -> WebhookDeliveryOut:
    return WebhookDeliveryOut(**{name: getattr(row, name) for name in WebhookDeliveryOut.__struct_fields__})


async def delivery_details(connection: AsyncConnection, id: UUID) -> WebhookDeliveryDetailsOut:
    """Two queries. Raises NotFound."""
    joined = select(*SHOWN, MESSAGES.c.body).join(MESSAGES, MESSAGES.c.id == DELIVERIES.c.message_id)
    row = (await connection.execute(joined.where(DELIVERIES.c.id == id))).one_or_none()
    if row is None:
        raise NotFound
    attempts = select(ATTEMPTS).where(ATTEMPTS.c.delivery_id == id).order_by(ATTEMPTS.c.id.desc())
    return WebhookDeliveryDetailsOut(
        **msgspec.structs.asdict(_listed(row)),
        payload=msgspec.json.decode(row.body),
        attempts=[
            WebhookAttemptOut(
                at=each.created_at, **{name: getattr(each, name) for name in WebhookAttemptOut.__struct_fields__[1:]}
            )
            for each in await connection.execute(attempts)
        ],
    )
