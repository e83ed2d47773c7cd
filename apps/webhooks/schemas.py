"""Webhooks as staff see them."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import Text
from apps.webhooks.event_types import EventType
from apps.webhooks.models import DeliveryState, Disabled

Url = Annotated[str, Meta(min_length=1, max_length=2000, examples=["https://example.org/hooks/backline"])]


class WebhookIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """`events` are what it hears of; of all when there are none."""

    url: Url
    description: Text = ""
    events: Annotated[list[EventType], Meta(max_length=50)] = msgspec.field(default_factory=list)


class WebhookOut(Struct, kw_only=True):
    """`disabled`: why it hears nothing, null while it does. `failing_since`: null since the last success.

    `needs_new_secret`: it is signed by a key that the operators are about to take away, or have taken.
    """

    id: UUID
    url: str
    description: str
    events: list[EventType]
    disabled: Disabled | None
    failing_since: AwareDatetime | None
    needs_new_secret: bool
    created_at: AwareDatetime
    archived_at: AwareDatetime | None


class WebhookSecretOut(Struct, kw_only=True):
    """`secret` is told this once. `former_until`: until when the one before signs too."""

    id: UUID
    secret: str
    former_until: AwareDatetime | None


class NewWebhookOut(WebhookOut, kw_only=True):
    """`secret` is told this once."""

    secret: str


class WebhookDeliveryOut(Struct, kw_only=True):
    """One event for one webhook; `event` is what receivers know as `webhook-id`.

    `status` and `error` are those of the last attempt; `try_at` is when the next one is due, while it is waiting.
    """

    id: UUID
    webhook: UUID
    event: UUID
    type: str
    state: DeliveryState
    tries: int
    status: int | None
    error: str
    try_at: AwareDatetime
    created_at: AwareDatetime


class WebhookAttemptOut(Struct, kw_only=True):
    """One request; `answer` is the head of the answer's body, 4 KB at most."""

    at: AwareDatetime
    milliseconds: int
    status: int | None
    error: str
    answer: str


class WebhookDeliveryDetailsOut(WebhookDeliveryOut, kw_only=True):
    """With what is sent, and all attempts, the newest first."""

    payload: dict[str, Any]
    attempts: list[WebhookAttemptOut]


class WebhookReplayIn(Struct, forbid_unknown_fields=True):
    """All that was given up since then is sent again."""

    since: AwareDatetime


class WebhookReplayOut(Struct):
    """How many are sent again."""

    sent_again: int
