"""One file from the public web: bounded in time and bytes, and from no address that is ours or our network's."""

import asyncio

import httpx

from apps.core.security.public_web import (
    PORTS,
    Address,
    AddressNotPublic,
    CannotAsk,
    CheckedTransport,
    NotAnAddress,
    UnknownHost,
    is_public,
)
from apps.media.fetching.problems import (
    CannotFetch,
    FailedThere,
    FileTooLarge,
    NoAddress,
    NoSuchHost,
    NotPublic,
    Refused,
    TooManyRedirects,
    TooSlow,
    Unreachable,
)

PATIENCE = 30
"""Seconds for all of it, redirects included."""
CONNECT, READ = 5, 10
MOST_REDIRECTS = 5
PASSING = frozenset({408, 425, 429})
HEADERS = {"User-Agent": "Backline", "Accept": "image/*", "Accept-Encoding": "identity"}
MEANINGS: dict[type[CannotAsk], type[CannotFetch]] = {
    NotAnAddress: NoAddress,
    UnknownHost: NoSuchHost,
    AddressNotPublic: NotPublic,
}


async def download(url: str, *, most: int) -> bytes:
    """At most `most` bytes. Raises CannotFetch."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _download(url, most)
    except TimeoutError:
        raise TooSlow(PATIENCE) from None


async def _download(url: str, most: int) -> bytes:
    timeout = httpx.Timeout(READ, connect=CONNECT)
    transport = CheckedTransport(may_be_asked)
    async with httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False, headers=HEADERS) as client:
        try:
            return await _follow(client, client.build_request("GET", url), most)
        except CannotAsk as error:
            raise MEANINGS[type(error)](error.detail) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise NoAddress from None
        except httpx.TimeoutException:
            raise TooSlow(READ) from None
        except httpx.HTTPError as error:
            raise Unreachable(str(error) or type(error).__name__) from None


async def _follow(client: httpx.AsyncClient, request: httpx.Request, most: int) -> bytes:
    for _step in range(MOST_REDIRECTS + 1):
        response = await client.send(request, stream=True)
        try:
            if response.next_request is None:
                return await _body(response, most)
            request = response.next_request
        finally:
            await response.aclose()
    raise TooManyRedirects(MOST_REDIRECTS)


async def _body(response: httpx.Response, most: int) -> bytes:
    if response.status_code != httpx.codes.OK:
        may_pass = response.is_server_error or response.status_code in PASSING
        raise (FailedThere if may_pass else Refused)(response.status_code)
    data = bytearray()
    async for part in response.aiter_raw():
        data += part
        if len(data) > most:
            raise FileTooLarge(most // 1024**2)
    return bytes(data)


def may_be_asked(address: Address, port: int) -> bool:
    """The web's own ports, at an address that the whole world reaches."""
    return port in PORTS.values() and is_public(address)
