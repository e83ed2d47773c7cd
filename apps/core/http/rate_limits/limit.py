"""Limits of handlers, and what answers tell of them (draft-ietf-httpapi-ratelimit-headers)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from math import ceil
from typing import Any, Protocol
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from apps.core.errors import AppError
from apps.core.security.networks import network_of
from apps.core.security.signing import derived_secret
from apps.core.text.i18n import lazy as _

STANDINGS = "rate_limits"
KEY = derived_secret("rate limits")
AnyConnection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Count:
    """Which hit of its window this is, and how long the window still lasts."""

    hits: int
    seconds_left: float


class Counts(Protocol):
    async def count(self, id: UUID, window: timedelta) -> Count:
        """One more hit for `id`; its first begins a window."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in `per`; as the `limit=` of a handler it counts each request that the guards let in.

    A caller is the person or the API key that a guard let in; where signing in is optional, always the network.
    """

    name: str
    most: int
    per: timedelta

    async def count(self, connection: AnyConnection) -> None:
        """One more of this caller's; for a handler that limits only some of its requests."""
        limits: Limits = connection.app.state.limits
        if standing := await limits.hit(self, caller(connection)):
            connection.scope["state"].setdefault(STANDINGS, []).append(standing)

    @property
    def policy(self) -> str:
        return f'"{self.name}";q={self.most};w={ceil(self.per.total_seconds())}'


def limited(name: str, most: int, *, per: timedelta) -> Limit:
    return Limit(name, most, per)


def limit_of(handler: BaseRouteHandler) -> Limit | None:
    """Its `limit=`, which is no guard because Litestar copies a handler for each guard of each request."""
    limit: Limit | None = handler.opt.get("limit")
    return limit


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with a limit."""

    limit: Limit
    count: Count

    @property
    def is_over(self) -> bool:
        return self.count.hits > self.limit.most

    @property
    def seconds(self) -> int:
        return max(1, ceil(self.count.seconds_left))

    def __str__(self) -> str:
        return f'"{self.limit.name}";r={max(0, self.limit.most - self.count.hits)};t={self.seconds}'


class TooManyRequests(AppError):
    """`seconds`: how long to wait."""

    status = 429
    type = "too-many-requests"
    message = _("Too many requests. Please try again in {seconds} seconds.")

    def __init__(self, standing: Standing) -> None:
        super().__init__(seconds=standing.seconds)
        self._standing = standing

    @property
    def is_first(self) -> bool:
        """Of those that are refused in this window."""
        return self._standing.count.hits == self._standing.limit.most + 1

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "Retry-After": str(self._standing.seconds),
            "RateLimit-Policy": self._standing.limit.policy,
            "RateLimit": str(self._standing),
        }


class Limits:
    """`app.state.limits`, and `limits` for handlers. Without counts (RATE_LIMITS=off) nothing is refused."""

    def __init__(self, counts: Counts | None) -> None:
        self._counts = counts

    async def hit(self, limit: Limit, key: str) -> Standing | None:
        """Counts one hit of `key`; raises TooManyRequests when that is one too many."""
        if self._counts is None:
            return None
        standing = Standing(limit, await self._counts.count(_id(limit.name, key), limit.per))
        if standing.is_over:
            raise TooManyRequests(standing)
        return standing

    async def close(self) -> None:
        if self._counts:
            await self._counts.close()


LimitsDependency = NamedDependency[Limits]
"""`limits`: for what is counted by something else than its caller."""


def caller(connection: AnyConnection) -> str:
    if (current_user := connection.scope["state"].get("current_user")) is not None:
        return str(current_user.caller)
    return f"network {network_of(connection).hex()}"


def header_lines(scope: Scope) -> list[tuple[bytes, bytes]]:
    """RateLimit and RateLimit-Policy for the limits that this request passed."""
    standings: list[Standing] = scope["state"].get(STANDINGS, [])
    return [
        line
        for each in standings
        for line in ((b"ratelimit-policy", each.limit.policy.encode()), (b"ratelimit", str(each).encode()))
    ]


@lru_cache(maxsize=4096)
def _id(limit: str, key: str) -> UUID:
    """Addresses and accounts are not kept, only this hash of them, under a key of ours."""
    return UUID(bytes=blake2b(f"{limit}\0{key}".encode(), key=KEY, digest_size=16).digest())
