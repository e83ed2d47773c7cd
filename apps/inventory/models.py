"""Pools of scarce units, holds of them, and stock movements."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import FOLDED, Archivable, Base, UUIDBase, enum_check, enum_type, folded


class Pool(Archivable, UUIDBase):
    """Anything scarce: 40 black shirts in L, 500 places in the hall, one seat.

    The statistics `pool_left` tell the planner how much is left in most of them, and cost a sale nothing.
    """

    __tablename__ = "pool"
    __table_args__ = (
        CheckConstraint("reserved BETWEEN 0 AND capacity", name="not_oversold"),
        Index("ix_pool_name", folded("name"), postgresql_using="gin", postgresql_ops=FOLDED),
    )

    name: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int]
    reserved: Mapped[int] = mapped_column(default=0, server_default="0")

    @hybrid_property
    def left(self) -> int:
        return self.capacity - self.reserved


class HoldState(StrEnum):
    held = "held"
    sold = "sold"


class Hold(Base):
    """Units of one pool taken for one item (a line) of one owner (a cart, an order).

    Held until `expires_at`; without one, until the owner lets go. A released hold is deleted. `network` is the keyed
    hash of where it was taken from, until it is sold; null where nobody's share is counted. The index `ix_hold_held`
    has what is not sold yet: few, however much was sold. Statements name the state as it does.
    """

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("units > 0", name="has_units"),
        enum_check("state", HoldState),
        CheckConstraint("state = 'held' OR expires_at IS NULL", name="sold_for_good"),
        CheckConstraint("state = 'held' OR network IS NULL", name="network_forgotten"),
        Index("ix_hold_owner_id", "owner_id"),
        Index("ix_hold_held", "pool_id", "expires_at", postgresql_where=text("state = 'held'")),
        Index("ix_hold_network", "network", "pool_id", postgresql_where=text("network IS NOT NULL")),
    )

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"), primary_key=True)
    owner_id: Mapped[UUID]
    units: Mapped[int]
    state: Mapped[HoldState] = mapped_column(enum_type(HoldState))
    expires_at: Mapped[datetime | None]
    network: Mapped[int | None] = mapped_column(BigInteger)


class MovementReason(StrEnum):
    """Why there are more or fewer pieces."""

    received = "received"
    counted = "counted"
    damaged = "damaged"
    returned = "returned"


class StockMovement(UUIDBase):
    """A change of a pool's capacity: kept for ever, so that stock is a sum and never a number typed over another."""

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint("delta <> 0", name="moves"),
        enum_check("reason", MovementReason),
        Index("ix_stock_movement_pool_id_created_at", "pool_id", "created_at"),
    )

    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    delta: Mapped[int]
    reason: Mapped[MovementReason] = mapped_column(enum_type(MovementReason))
    actor: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
