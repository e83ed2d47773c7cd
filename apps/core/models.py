"""Tables of core: idempotency records, rate counts, processes, audit log, former slugs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger, String, func
from sqlalchemy.orm import Mapped, mapped_column

from apps.core.db.database import Base, UUIDBase


class IdempotencyRecord(Base):
    """The first answer to a request that may be repeated (Idempotency-Key).

    `id` hashes caller, method, path and key; `request` hashes the body. Without a `body` yet, the request is in flight
    until `lease_until`.
    """

    __tablename__ = "idempotency_record"
    __table_args__ = (Index("ix_idempotency_record_created_at", "created_at", postgresql_using="brin"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int | None] = mapped_column(SmallInteger)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class RateCount(Base):
    """How often `key` (a hash of limit and caller) came in its window. Unlogged: a crash forgets them."""

    __tablename__ = "rate_count"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    key: Mapped[UUID] = mapped_column(primary_key=True)
    hits: Mapped[int]
    window_ends_at: Mapped[datetime]


class Process(Base):
    """A running process and when it last wrote to the database; `kind` is "web" or "worker"."""

    __tablename__ = "process"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    seen_at: Mapped[datetime]


class AuditEntry(UUIDBase):
    """Who changed what: written in the change's own transaction, never edited. `name` is what it was called then."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject_id_created_at", "subject_id", "created_at"),)

    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(300), default="", server_default="")
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]


class FormerSlug(Base):
    """What a thing was called in addresses before: links to it lead to what it is called now.

    `kind` is the table of `row_id`. One that belongs to a thing is given to no other of its kind.
    """

    __tablename__ = "former_slug"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    slug: Mapped[str] = mapped_column(String(200), primary_key=True)
    row_id: Mapped[UUID]
