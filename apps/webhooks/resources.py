"""What staff look after of webhooks."""

from typing import Any
from uuid import UUID

from apps.accounts.resources.resource import Resource, ResourcePermissions
from apps.core.db.keyset import Keyset
from apps.webhooks.delivering.signing import needs_new_secret
from apps.webhooks.endpoints import add_endpoint, archive_endpoint, change_endpoint, restore_endpoint
from apps.webhooks.event_types import EventType
from apps.webhooks.permissions import WebhookPermission as P
from apps.webhooks.repositories import ENDPOINTS, EndpointRepository
from apps.webhooks.schemas import WebhookIn, WebhookOut


def webhook_out(endpoint: Any) -> WebhookOut:
    """From a row or the model."""
    own: dict[str, Any] = {
        "events": [EventType(each) for each in endpoint.events],
        "needs_new_secret": needs_new_secret(endpoint),
    }
    return WebhookOut(
        **own, **{name: getattr(endpoint, name) for name in WebhookOut.__struct_fields__ if name not in own}
    )


WEBHOOK = Resource(
    path="/api/v1/staff/webhooks",
    permissions=ResourcePermissions(view=P.WEBHOOKS_VIEW, edit=P.WEBHOOKS_EDIT, archive=P.WEBHOOKS_EDIT),
    repository=EndpointRepository,
    schema=WebhookIn,
    out_schema=WebhookOut,
    out=webhook_out,
    live=("disabled", "failing_since", "needs_new_secret"),
    keyset=Keyset((ENDPOINTS.c.id,), (UUID,), is_descending=True),
    searched=(ENDPOINTS.c.url, ENDPOINTS.c.description),
    add=add_endpoint,
    change=change_endpoint,
    archive=archive_endpoint,
    restore=restore_endpoint,
)
