"""Raffles, the lots that are sold of them, and the entries of those who bought some."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from apps.core.db.database import Archivable, UUIDBase, enum_check, enum_type
from apps.core.db.states import Stateful
from apps.orders.models import Offer

LOT = "lot"
"""The kind of its offers."""


class Raffle(Archivable, UUIDBase):
    __tablename__ = "raffle"

    title: Mapped[str] = mapped_column(String(200))


class Lot(Offer):
    """What is sold of a raffle."""

    __tablename__ = "raffle_lot"
    __mapper_args__ = {"polymorphic_identity": LOT}

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    raffle_id: Mapped[UUID] = mapped_column(ForeignKey("raffle.id"))
    raffle: Mapped[Raffle] = relationship(lazy="raise_on_sql")


class EntryState(StrEnum):
    taking_part = "taking_part"
    withdrawn = "withdrawn"


class Entry(Stateful, UUIDBase):
    """One lot that was paid for."""

    __tablename__ = "raffle_entry"
    __table_args__ = (enum_check("state", EntryState), Index("ix_raffle_entry_order_id", "order_id"))
    TRANSITIONS = {
        EntryState.taking_part: frozenset({EntryState.withdrawn}),
        EntryState.withdrawn: frozenset(),
    }

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    order_line_id: Mapped[UUID] = mapped_column(ForeignKey("order_line.id"))
    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[EntryState] = mapped_column(enum_type(EntryState), default=EntryState.taking_part)
