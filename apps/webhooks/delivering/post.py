"""One request to an endpoint: bounded in time and bytes, and to no address that is ours or our network's."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

import httpx

from apps.core.security.public_web import Address, AddressNotPublic, CannotAsk, CheckedTransport, UnknownHost, is_public
from project.settings import LOOPBACK_NAMES, settings

CONNECT, WHOLE = 5, 15
"""Seconds."""
MOST_KEPT = 4096
"""Bytes of the answer that are read, and kept."""
PORTS = frozenset({443, 8443})
PLAIN = re.compile(r"[!-~]+")
UNREACHABLE = "unreachable: "
ERRORS: Mapping[type[CannotAsk], str] = {UnknownHost: "unknown-host", AddressNotPublic: "not-public"}


@dataclass(frozen=True, slots=True)
class Answer:
    """`error` says why there is no `status`."""

    milliseconds: int
    status: int | None = None
    error: str = ""
    head: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == httpx.codes.GONE


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Whatever comes of it; redirects are not followed."""
    begun = monotonic()
    status, error, head = None, "", ""
    try:
        async with asyncio.timeout(WHOLE):
            status, head = await _post(url, body, headers)
    except TimeoutError:
        error = "too-slow"
    except CannotAsk as reason:
        error = ERRORS.get(type(reason), "not-an-address")
    except httpx.TimeoutException:
        error = "too-slow"
    except (httpx.HTTPError, httpx.InvalidURL) as reason:
        error = f"{UNREACHABLE}{reason or type(reason).__name__}"[:200]
    return Answer(round(1000 * (monotonic() - begun)), status, error, head)


async def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    timeout = httpx.Timeout(WHOLE, connect=CONNECT)
    async with (
        httpx.AsyncClient(transport=CheckedTransport(may_be_asked), timeout=timeout, trust_env=False) as client,
        client.stream("POST", url, content=body, headers=headers) as response,
    ):
        return response.status_code, await _head(response)


async def _head(response: httpx.Response) -> str:
    """What comes after it is not read: the connection is closed."""
    data = bytearray()
    async for part in response.aiter_raw(MOST_KEPT):
        data += part
        if len(data) >= MOST_KEPT:
            break
    return bytes(data[:MOST_KEPT]).decode(errors="replace").replace("\0", "\ufffd")


def may_be_asked(address: Address, port: int) -> bool:
    return (port in PORTS and is_public(address)) or (settings.webhook_loopback == "on" and address.is_loopback)


def may_be_told(url: str) -> bool:
    """Whether this can be an endpoint's address at all; where its name leads is asked at each connection."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if not PLAIN.fullmatch(url) or not parts.hostname or "@" in parts.netloc or parts.fragment:
        return False
    if settings.webhook_loopback == "on" and parts.hostname in LOOPBACK_NAMES:
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and (port or 443) in PORTS
