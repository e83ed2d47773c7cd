"""POST that creates: with an Idempotency-Key it is done once and answered twice, all in the request's transaction."""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, cast

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.http.idempotency import KeptAnswer, RequestKey, keep_answers, kept_answers, replay
from apps.core.http.preconditions import PRIVATE

Arguments = ParamSpec("Arguments")


class KeptResponse(msgspec.Struct):
    """An answer whose headers matter too, as it is kept."""

    headers: dict[str, str]
    body: msgspec.Raw


class Once:
    """`await once(create, session, data, actor=…)`: what `create` answers, or the first answer to the same key.

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
        await keep_answers(await self.session.connection(), [(self.key, _kept(response))])
        return response

    async def _kept(self, key: RequestKey) -> KeptAnswer | None:
        connection = await self.session.connection()
        await connection.execute(select(func.pg_advisory_xact_lock(key.id.int >> 65)))
        row = (await kept_answers(connection, [key.id])).get(key.id)
        return replay(key, row) if row else None


class KeyedOnce(Once):
    """The same where a key has to be given."""

    key: RequestKey


OnceDep = NamedDependency[Once]
KeyedOnceDep = NamedDependency[KeyedOnce]


def _kept(response: Response[Any]) -> KeptAnswer:
    kept = KeptResponse(
        {name: value for name, value in response.headers.items() if name in ("ETag", "Location")},
        msgspec.Raw(msgspec.json.encode(response.content)),
    )
    return KeptAnswer(cast(int, response.status_code), msgspec.json.encode(kept))


def _again(answer: KeptAnswer) -> Response[bytes]:
    kept = msgspec.json.decode(answer.body, type=KeptResponse)
    return Response(
        bytes(kept.body),
        status_code=answer.status,
        media_type="application/json",
        headers={**PRIVATE, **kept.headers},
    )
