"""Concerts: where, when, who plays; ticket types (the offers); a ticket for every place sold."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from apps.core.db.database import Archivable, Changing, Translated, UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful
from apps.imports.models import FileImport
from apps.orders.models import Offer

TICKET = "ticket"
"""The kind of its offers."""


class Venue(Archivable, UUIDBase):
    """`time_zone` is an IANA name; local times of its concerts are shown in it."""

    __tablename__ = "venue"
    __table_args__ = (
        UniqueConstraint("name", "city", "region", "country"),
        Index("ix_venue_latitude_longitude", "latitude", "longitude"),
    )

    name: Mapped[str] = mapped_column(String(255))
    city: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(120), default="", server_default="")
    country: Mapped[str] = mapped_column(String(120), default="", server_default="")
    latitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    longitude: Mapped[float | None] = mapped_column(Numeric(9, 6, asdecimal=False))
    time_zone: Mapped[str] = mapped_column(String(64))

    @hybrid_property
    def place(self) -> str:
        """What it is called beside others."""
        return self.name + ", " + self.city


class Tour(Archivable, Translated, UUIDBase):
    """Concerts that belong together."""

    __tablename__ = "tour"

    slug: Mapped[str] = mapped_column(String(200), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, default="", server_default="")


class ConcertState(StrEnum):
    """Fans see it from `announced` on, and can buy while it is `on_sale`."""

    draft = "draft"
    announced = "announced"
    on_sale = "on_sale"
    postponed = "postponed"
    cancelled = "cancelled"


TAKES_PLACE = (ConcertState.announced, ConcertState.on_sale)
"""At its date: what is cancelled or postponed does not."""


class Concert(Stateful, Archivable, Changing, Translated, UUIDBase):
    """Sold out is computed from the pools, never stored. `lineup` are the support acts in order.

    `tickets_elsewhere` are `apps.concerts.schemas.TicketLink`: fans see them until tickets are on sale here.
    """

    __tablename__ = "concert"
    __table_args__ = (
        enum_check("state", ConcertState),
        Index("ix_concert_starts_at", "starts_at", "id"),
        Index("ix_concert_updated_at", "updated_at", "id"),
        Index("ix_concert_tour_id", "tour_id", "starts_at", "id"),
        Index("ix_concert_venue_id", "venue_id"),
    )
    TRANSITIONS = {
        ConcertState.draft: frozenset({ConcertState.announced, ConcertState.cancelled}),
        ConcertState.announced: frozenset({ConcertState.on_sale, ConcertState.postponed, ConcertState.cancelled}),
        ConcertState.on_sale: frozenset({ConcertState.announced, ConcertState.postponed, ConcertState.cancelled}),
        ConcertState.postponed: frozenset({ConcertState.announced, ConcertState.on_sale, ConcertState.cancelled}),
        ConcertState.cancelled: frozenset(),
    }

    slug: Mapped[str] = mapped_column(String(200), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    venue_id: Mapped[UUID] = mapped_column(ForeignKey("venue.id"))
    tour_id: Mapped[UUID | None] = mapped_column(ForeignKey("tour.id"))
    starts_at: Mapped[datetime]
    on_sale_at: Mapped[datetime | None]
    state: Mapped[ConcertState] = mapped_column(enum_type(ConcertState))
    lineup: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    tickets_elsewhere: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=text("'[]'"))
    venue: Mapped[Venue] = relationship(lazy="raise_on_sql")
    tour: Mapped[Tour | None] = relationship(lazy="raise_on_sql")
    ticket_types: Mapped[list["TicketType"]] = relationship(
        back_populates="concert", order_by="TicketType.position", lazy="raise_on_sql"
    )


class ConcertNews(StrEnum):
    """What holders of tickets are told. `back`: it takes place after all, as it was planned."""

    moved = "moved"
    postponed = "postponed"
    back = "back"
    cancelled = "cancelled"


class ConcertNotice(UUIDBase):
    """What holders of tickets knew of the concert, and what they are told; one that is not told yet waits for more.

    `before` and `after` are `apps.concerts.scheduling.notices.Arrangement`.
    """

    __tablename__ = "concert_notice"
    __table_args__ = (
        enum_check("news", ConcertNews),
        CheckConstraint("num_nulls(after, news, told_at) IN (0, 3)", name="told_whole"),
        Index("ix_concert_notice_concert_id", "concert_id"),
        Index("uq_concert_notice_one_open", "concert_id", unique=True, postgresql_where=text("told_at IS NULL")),
    )

    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concert.id", ondelete="CASCADE"))
    before: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    news: Mapped[ConcertNews | None] = mapped_column(enum_type(ConcertNews))
    told_at: Mapped[datetime | None]


class ConcertImport(FileImport):
    """A file of concerts."""

    __tablename__ = None  # type: ignore[assignment]
    __mapper_args__ = {"polymorphic_identity": "concerts"}


class TicketType(Offer):
    """A way into the concert: standing, VIP, student. Several may share one pool."""

    __tablename__ = "ticket_type"
    __table_args__ = (Index("ix_ticket_type_concert_id_position", "concert_id", "position"),)
    __mapper_args__ = {"polymorphic_identity": TICKET}

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concert.id"))
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    concert: Mapped[Concert] = relationship(back_populates="ticket_types", lazy="raise_on_sql")


class TicketState(StrEnum):
    valid = "valid"
    cancelled = "cancelled"
    resold = "resold"


class Ticket(Stateful, UUIDBase):
    """One place. Its code is signed from id and nonce, so it can be made again; a new nonce revokes the old code."""

    __tablename__ = "ticket"
    __table_args__ = (
        enum_check("state", TicketState),
        UniqueConstraint("order_line_id", "ordinal"),
        CheckConstraint("ordinal > 0", name="ordinal"),
        Index("ix_ticket_order_id", "order_id"),
        Index("ix_ticket_concert_id", "concert_id"),
    )
    TRANSITIONS = {
        TicketState.valid: frozenset({TicketState.cancelled, TicketState.resold}),
        TicketState.cancelled: frozenset(),
        TicketState.resold: frozenset(),
    }

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"))
    ticket_type_id: Mapped[UUID] = mapped_column(ForeignKey("ticket_type.offer_id"))
    concert_id: Mapped[UUID] = mapped_column(ForeignKey("concert.id"))
    ordinal: Mapped[int]
    nonce: Mapped[bytes] = mapped_column(LargeBinary(8))
    state: Mapped[TicketState] = mapped_column(enum_type(TicketState), default=TicketState.valid)
