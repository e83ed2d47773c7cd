"""Who hears of what happens here, what they are to hear, and each attempt to tell them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, String, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from apps.core.db.database import Archivable, UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful


class Disabled(StrEnum):
    """Why an endpoint hears nothing: staff said so, it answered 410, or it failed for three days."""

    by_staff = "by_staff"
    gone = "gone"
    failing = "failing"


class WebhookEndpoint(Archivable, UUIDBase):
    """An address that hears of `events`, or of all when it names none.

    Its secret is derived from SECRET_KEY, its id and `nonce`; `key_id` says from which SECRET_KEY. Until `former_until`
    what is sent is signed by the one before, too. `failing_since` is the first failure after the last success.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        enum_check("disabled", Disabled),
        Index("uq_webhook_endpoint_url", "url", unique=True, postgresql_where=text("archived_at IS NULL")),
    )

    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200), default="", server_default="")
    events: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    disabled: Mapped[Disabled | None] = mapped_column(enum_type(Disabled))
    nonce: Mapped[bytes] = mapped_column(LargeBinary(16))
    key_id: Mapped[bytes] = mapped_column(LargeBinary(8))
    secret_made_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    former_nonce: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    former_key_id: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    former_until: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]

    @property
    def title(self) -> str:
        return self.description or self.url

    @property
    def enabled(self) -> bool:
        return self.disabled is None


class WebhookMessage(UUIDBase):
    """An event: what happened to `thing`, an order or a concert. `body` is what is sent, byte for byte."""

    __tablename__ = "webhook_message"

    type: Mapped[str] = mapped_column(String(40))
    thing: Mapped[UUID]
    body: Mapped[str] = mapped_column(Text)


class DeliveryState(StrEnum):
    """`failed`: given up, until somebody sends it again."""

    waiting = "waiting"
    delivered = "delivered"
    failed = "failed"


class WebhookDelivery(Stateful, UUIDBase):
    """One event for one endpoint. It is due at `try_at`; whoever sends it has it until `claimed_until`.

    Of one thing an endpoint hears in the order of `position`. `status` and `error` are those of the last attempt.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        enum_check("state", DeliveryState),
        UniqueConstraint("message_id", "endpoint_id"),
        Index(
            "ix_webhook_delivery_due", "endpoint_id", "try_at", "position", postgresql_where=text("state = 'waiting'")
        ),
        Index(
            "ix_webhook_delivery_order", "endpoint_id", "thing", "position", postgresql_where=text("state = 'waiting'")
        ),
        Index(
            "ix_webhook_delivery_claimed",
            "endpoint_id",
            "claimed_until",
            postgresql_where=text("state = 'waiting' AND claimed_until IS NOT NULL"),
        ),
        Index("ix_webhook_delivery_endpoint_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_state", "state", "id"),
        Index("ix_webhook_delivery_type", "type", "id"),
    )
    TRANSITIONS: ClassVar[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
        DeliveryState.waiting: frozenset({DeliveryState.delivered, DeliveryState.failed}),
        DeliveryState.delivered: frozenset({DeliveryState.waiting}),
        DeliveryState.failed: frozenset({DeliveryState.waiting, DeliveryState.delivered}),
    }

    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_message.id", ondelete="CASCADE"))
    type: Mapped[str] = mapped_column(String(40))
    thing: Mapped[UUID]
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    state: Mapped[DeliveryState] = mapped_column(
        enum_type(DeliveryState), default=DeliveryState.waiting, server_default=DeliveryState.waiting
    )
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    first_try_at: Mapped[datetime | None]
    try_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    claimed_until: Mapped[datetime | None]
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(200), default="", server_default="")
    endpoint: Mapped[WebhookEndpoint] = relationship(lazy="raise_on_sql")
    message: Mapped[WebhookMessage] = relationship(lazy="raise_on_sql")


class WebhookAttempt(UUIDBase):
    """One request: the answer's `status` and the head of its body, or the `error` why there was none."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_delivery_id", "delivery_id", "id"),)

    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"))
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(200), default="", server_default="")
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
