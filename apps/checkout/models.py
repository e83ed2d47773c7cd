"""Bank statements that staff upload, and the rows of them that were accepted."""

from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import UUIDBase
from apps.imports.models import FileImport


class BankStatement(FileImport):
    """A bank's CSV."""

    __tablename__ = None  # type: ignore[assignment]
    __mapper_args__ = {"polymorphic_identity": "bank_statement"}


class AcceptedRow(UUIDBase):
    """A row of a statement by which a payment was received; `digest` is SHA-256 of it, so that it counts once."""

    __tablename__ = "bank_statement_row"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"))
