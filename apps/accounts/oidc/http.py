"""Asking a provider: bounded in time and bytes, without following it elsewhere."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

import httpx
import msgspec

from apps.core.http.client import http_client

Kind = TypeVar("Kind")
PATIENCE = 10
"""Seconds for a whole answer."""
MOST = 512 * 1024
"""Bytes."""
HEADERS = {"User-Agent": "Backline", "Accept": "application/json", "Accept-Encoding": "identity"}


class NoAnswer(Exception):
    """None that can be used. The text says why, without anything secret: for the log."""


class Refusal(NoAnswer):
    """The provider understood, and said no."""


class Http:
    """One pool of connections for the process, made when it is first needed."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def ask(
        self, method: str, url: str, kind: type[Kind], *, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Kind:
        """The JSON of the answer. Raises NoAnswer, Refusal."""
        self._client = self._client or http_client()
        request = self._client.build_request(method, url, headers={**HEADERS, **(headers or {})}, content=body or None)
        try:
            async with asyncio.timeout(PATIENCE):
                return msgspec.json.decode(await _send(self._client, request), type=kind)
        except (TimeoutError, httpx.TimeoutException):
            raise NoAnswer("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NoAnswer(type(error).__name__) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NoAnswer("unreadable") from None

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()


async def _send(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    response = await client.send(request, stream=True)
    try:
        if response.is_client_error and response.status_code != httpx.codes.TOO_MANY_REQUESTS:
            raise Refusal(f"status {response.status_code}")
        if response.status_code != httpx.codes.OK:
            raise NoAnswer(f"status {response.status_code}")
        data = bytearray()
        async for part in response.aiter_raw():
            data += part
            if len(data) > MOST:
                raise NoAnswer("too large")
        return bytes(data)
    finally:
        await response.aclose()
