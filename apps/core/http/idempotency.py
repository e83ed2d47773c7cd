"""Idempotency keys and the responses that are stored for them: a repeated request gets the first response.

Bound to caller, method, path and key; the body's hash goes with it. Answers are kept for a day. A refusal changes
nothing and is not kept: the same request may succeed later. (IETF draft "The Idempotency-Key HTTP Header Field".)
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import HeaderParameter
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.db.bulk import among_ids, insert_rows
from apps.core.db.database import Database
from apps.core.errors import AppError
from apps.core.models import IdempotencyRecord
from apps.core.text.i18n import lazy as _

RECORDS = IdempotencyRecord.table()
STORED_RESPONSES = select(RECORDS.c.id, RECORDS.c.request, RECORDS.c.status, RECORDS.c.body).where(
    among_ids(RECORDS.c.id)
)
LEASE = timedelta(seconds=60)
IdempotencyKey = Annotated[
    str | None, HeaderParameter(name="Idempotency-Key", min_length=16, max_length=255, required=False)
]
RequiredIdempotencyKey = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=16, max_length=255)]
"""Where doing it twice would be dear."""


class KeyReused(AppError):
    status = 422
    type = "idempotency-key-reused"
    message = _("This Idempotency-Key was used for another request.")


class StillRunning(AppError):
    status = 409
    type = "request-in-flight"
    message = _("The same request is still being worked on.")


class RequestKey(msgspec.Struct, frozen=True):
    """`id` names the request, `body_hash` its content."""

    id: UUID
    body_hash: bytes


class StoredResponse(msgspec.Struct, frozen=True):
    status: int
    body: bytes


def request_key(*, caller: str, method: str, path: str, key: str | None, body: bytes) -> RequestKey:
    """Without a key of the client's the request is its own: only our retries repeat it."""
    if key is None:
        return RequestKey(uuid7(), b"")
    named = sha256("\0".join((caller, method, path, key)).encode()).digest()
    return RequestKey(UUID(bytes=named[:16]), sha256(body).digest())


async def stored_responses(connection: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    return {row.id: row for row in await connection.execute(STORED_RESPONSES, {"ids": list(ids)})}


def replay(key: RequestKey, row: Row[Any]) -> StoredResponse:
    """The first answer; KeyReused when it was given to another body."""
    if row.request != key.body_hash:
        raise KeyReused
    return StoredResponse(row.status, row.body)


async def store_responses(connection: AsyncConnection, answers: Sequence[tuple[RequestKey, StoredResponse]]) -> None:
    """In the transaction of what was done. A second writer of the same key fails here, and with it all it did."""
    await insert_rows(connection, RECORDS, [_row(key, answer) for key, answer in answers])


def _row(key: RequestKey, answer: StoredResponse) -> Mapping[str, Any]:
    return {"id": key.id, "request": key.body_hash, "status": answer.status, "body": answer.body}


async def claim(db: Database, key: RequestKey) -> StoredResponse | None:
    """For work that spans transactions: the kept answer, or None and a lease of 60 s to do it now.

    Raises StillRunning while another holds the lease, KeyReused for another body.
    """
    async with db.transaction() as connection:
        lease = func.clock_timestamp() + LEASE
        mine = insert(RECORDS).values(id=key.id, request=key.body_hash, lease_until=lease)
        lapsed = (RECORDS.c.body.is_(None)) & (RECORDS.c.lease_until < func.clock_timestamp())
        take_over = mine.on_conflict_do_update(
            index_elements=["id"], set_={"lease_until": lease}, where=lapsed & (RECORDS.c.request == key.body_hash)
        )
        if (await connection.execute(take_over.returning(RECORDS.c.id))).first():
            return None
        row = (await stored_responses(connection, [key.id]))[key.id]  # locked by the conflict: nobody gives it back now
    answer = replay(key, row)
    if row.body is None:
        raise StillRunning
    return answer


async def settle_claim(db: Database, key: RequestKey, answer: StoredResponse | None) -> None:
    """Keep the answer, or with None give the claim back so that a repeat is a new try."""
    mine = (RECORDS.c.id == key.id) & RECORDS.c.body.is_(None)
    async with db.transaction() as connection:
        if answer is None:
            await connection.execute(delete(RECORDS).where(mine))
        else:
            await connection.execute(update(RECORDS).where(mine).values(status=answer.status, body=answer.body))
