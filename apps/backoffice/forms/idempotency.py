"""A form that is sent twice, by a second click or a browser that tries again, is done once."""

from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request

from apps.backoffice.requests import person_of
from apps.core.http.idempotency import KeptAnswer, RequestKey, keep_answers, kept_answers, request_key

FIELD = "once"
SEE_OTHER = 303


def key_of(request: Request, form: FormData) -> RequestKey:
    """The same form with other values is another one."""
    typed = msgspec.json.encode([(name, str(value)) for name, value in form.multi_items()])
    path, key = f"{request.url.path}?{request.url.query}", str(form.get(FIELD, "")) + typed.decode()
    return request_key(caller=str(person_of(request).id), method="POST", path=path, key=key, body=typed)


async def url_before(session: AsyncSession, key: RequestKey) -> str | None:
    """Where the first one led to, once it is committed."""
    await session.execute(select(func.pg_advisory_xact_lock(lock_id(key.id))))
    kept = (await kept_answers(await session.connection(), [key.id])).get(key.id)
    return kept.body.decode() if kept else None


async def keep_url(session: AsyncSession, key: RequestKey, url: str) -> None:
    await session.flush()
    await keep_answers(await session.connection(), [(key, KeptAnswer(SEE_OTHER, url.encode()))])


def lock_id(id: UUID) -> int:
    return id.int >> 65
