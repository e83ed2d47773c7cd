"""Idempotent POST requests: done once for each Idempotency-Key, with the response stored in the same transaction."""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, cast

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.http.idempotency import RequestKey, StoredResponse, replay, store_responses, stored_responses
from apps.core.http.preconditions import PRIVATE

Arguments = ParamSpec("Arguments")


class HeadersAndBody(msgspec.Struct):
    """An answer whose headers matter too, as it is kept."""

    headers: dict[str, str]
    body: msgspec.Raw


class Idempotent:
    """`await idempotent(create, session, data, actor=…)`: what `create` answers, or the first answer to the same key.

    A second request with the key waits for the first to commit; without a key every request is its own.
    """

    def __init__(self, session: AsyncSession, key: RequestKey | None) -> None:
        self.session = session
        self.key = key

    async def __call__(
        self,
        work: Callable[Arguments, Awaitable[Response[Any]]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Response[Any]:
        if self.key is None:
            return await work(*args, **kwargs)
        if kept := await self._kept(self.key):
            return _again(kept)
        response = await work(*args, **kwargs)
        await self.session.flush()
        await store_responses(await self.session.connection(), [(self.key, _kept(response))])
        return response

    async def _kept(self, key: RequestKey) -> StoredResponse | None:
        connection = await self.session.connection()
        await connection.execute(select(func.pg_advisory_xact_lock(key.id.int >> 65)))
        row = (await stored_responses(connection, [key.id])).get(key.id)
        return replay(key, row) if row else None


class IdempotentWithKey(Idempotent):
    """The same where a key has to be given."""

    key: RequestKey


IdempotentDep = NamedDependency[Idempotent]
IdempotentWithKeyDep = NamedDependency[IdempotentWithKey]


def _kept(response: Response[Any]) -> StoredResponse:
    kept = HeadersAndBody(
        {name: value for name, value in response.headers.items() if name in ("ETag", "Location")},
        msgspec.Raw(msgspec.json.encode(response.content)),
    )
    return StoredResponse(cast(int, response.status_code), msgspec.json.encode(kept))


def _again(answer: StoredResponse) -> Response[bytes]:
    kept = msgspec.json.decode(answer.body, type=HeadersAndBody)
    return Response(
        bytes(kept.body),
        status_code=answer.status,
        media_type="application/json",
        headers={**PRIVATE, **kept.headers},
    )
