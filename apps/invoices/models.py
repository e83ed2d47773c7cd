"""Series of numbers, the invoices and credit notes that have them, and orders that wait for one."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Base, Money, UUIDBase, enum_check, enum_type


class InvoiceSeries(Base):
    """`last`: the number that was taken last. Its row is locked last in a transaction, until that ends."""

    __tablename__ = "invoice_series"
    __table_args__ = (CheckConstraint("last >= 0", name="not_negative"),)

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    last: Mapped[int]


class InvoiceKind(StrEnum):
    """What is charged, or what is credited of it."""

    invoice = "invoice"
    credit_note = "credit_note"


class Invoice(UUIDBase):
    """What was charged for an order, or is credited of an invoice; all amounts are positive, in minor units.

    `created_at` is the time of issue. All that is printed stands in the row as it was then: `seller`, `buyer`, `lines`
    and `taxes` are `Seller`, `Buyer`, `Line` and `Tax` of contents.py. Triggers refuse every change but one: after
    `retained_until` the buyer may be emptied. `previous` refers to the number before, so that there are no gaps.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("series", "serial"),
        UniqueConstraint("number"),
        UniqueConstraint("refund_id"),
        ForeignKeyConstraint(["series", "previous"], ["invoice.series", "invoice.serial"]),
        enum_check("kind", InvoiceKind),
        CheckConstraint("serial > 0", name="counted_from_one"),
        CheckConstraint("total = net + tax AND net >= 0 AND tax >= 0 AND total > 0", name="sums_up"),
        CheckConstraint(
            "(kind = 'credit_note') = (refers_to IS NOT NULL) AND (kind = 'credit_note') = (refund_id IS NOT NULL)",
            name="credits_an_invoice",
        ),
        Index("uq_invoice_of_order", "order_id", unique=True, postgresql_where=text("kind = 'invoice'")),
        Index("ix_invoice_order_id", "order_id"),
        Index("ix_invoice_refers_to", "refers_to", postgresql_where=text("refers_to IS NOT NULL")),
        Index("ix_invoice_created_at", "created_at", "id"),
        Index("ix_invoice_retained_until", "retained_until", postgresql_where=text("buyer <> '{}'")),
    )

    series: Mapped[str] = mapped_column(ForeignKey("invoice_series.name"))
    serial: Mapped[int]
    previous: Mapped[int | None] = mapped_column(Computed("NULLIF(serial - 1, 0)", persisted=True))
    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[InvoiceKind] = mapped_column(enum_type(InvoiceKind))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    refers_to: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund.id"))
    order_number: Mapped[str] = mapped_column(String(12))
    paid_on: Mapped[date]
    retained_until: Mapped[date]
    locale: Mapped[str] = mapped_column(String(5))
    currency: Mapped[str] = mapped_column(String(3))
    net: Mapped[Money]
    tax: Mapped[Money]
    total: Mapped[Money]
    seller: Mapped[dict[str, Any]]
    buyer: Mapped[dict[str, Any]]
    lines: Mapped[list[dict[str, Any]]]
    taxes: Mapped[list[dict[str, Any]]]


class Problem(StrEnum):
    """Why nothing could be issued."""

    tax = "tax"


class InvoiceRequest(UUIDBase):
    """An order that waits for its invoice, or a refund of one that waits for its credit note; gone once it is issued.

    With a `problem` it is tried again after all others, until somebody has mended that.
    """

    __tablename__ = "invoice_request"
    __table_args__ = (enum_check("problem", Problem), Index("ix_invoice_request_order_id", "order_id"))

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refund.id"))
    problem: Mapped[Problem | None] = mapped_column(enum_type(Problem))
