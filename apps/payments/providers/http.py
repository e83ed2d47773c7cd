"""Asking a payment provider: one pool of connections for the process, bounded in number, time and bytes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx
import msgspec

from apps.core.http.client import http_client
from apps.payments.providers.errors import ProviderDown, ProviderRefused

Kind = TypeVar("Kind")
PATIENCE = 10.0
"""Seconds for a whole answer."""
CONNECTIONS = 20
LARGEST_ANSWER = 1024 * 1024
LATER = frozenset((401, 408, 425, 429))
"""Statuses that say nothing about what was asked; a key that is not right may be mended, too."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class ProviderHttp:
    """Its client is made when it is first needed."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self, method: str, path: str, kind: type[Kind], *, headers: Mapping[str, str], content: bytes = b""
    ) -> Kind:
        """The JSON of the answer. Raises ProviderDown, ProviderRefused."""
        answer = await self.send(method, path, headers=headers, content=content)
        if answer.status in LATER or answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderDown(reason=f"status {answer.status}")
        if not httpx.codes.is_success(answer.status):
            raise ProviderRefused(reason=f"status {answer.status}: {answer.body[:200].decode(errors='replace')}")
        try:
            return msgspec.json.decode(answer.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProviderDown(reason=type(error).__name__) from error

    async def send(self, method: str, path: str, *, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Whatever the answer is. Raises ProviderDown where there is none."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._send(method, path, headers, content)
        except (TimeoutError, httpx.HTTPError) as error:
            raise ProviderDown(reason=type(error).__name__) from error

    async def _send(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Answer:
        if self._client is None:
            self._client = http_client(self._base_url, connections=CONNECTIONS)
        async with self._client.stream(method, path, headers=headers, content=content or None) as response:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise ProviderDown(reason="too large")
            return Answer(response.status_code, response.headers, bytes(body))

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
