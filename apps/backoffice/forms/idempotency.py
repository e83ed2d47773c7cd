"""Idempotency of forms: one that is submitted twice, by a second click or a retry, is saved once."""

from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request

from apps.backoffice.requests import current_user_of
from apps.core.http.idempotency import RequestKey, StoredResponse, request_key, store_responses, stored_responses

FIELD = "idempotency_key"
SEE_OTHER = 303


def key_of(request: Request, form: FormData) -> RequestKey:
    """The same form with other values is another one."""
    typed = msgspec.json.encode([(name, str(value)) for name, value in form.multi_items()])
    path, key = f"{request.url.path}?{request.url.query}", str(form.get(FIELD, "")) + typed.decode()
    return request_key(caller=str(current_user_of(request).id), method="POST", path=path, key=key, body=typed)


async def url_before(session: AsyncSession, key: RequestKey) -> str | None:
    """Where the first one led to, once it is committed."""
    await session.execute(select(func.pg_advisory_xact_lock(lock_id(key.id))))
    kept = (await stored_responses(await session.connection(), [key.id])).get(key.id)
    return kept.body.decode() if kept else None


async def keep_url(session: AsyncSession, key: RequestKey, url: str) -> None:
    await session.flush()
    await store_responses(await session.connection(), [(key, StoredResponse(SEE_OTHER, url.encode()))])


def lock_id(id: UUID) -> int:
    return id.int >> 65
