"""One file from the public web: bounded in time and bytes, and from no address that is ours or our network's.

Each name is looked up once, all its addresses are checked, and the connection goes to one of those very addresses: a
name that means something else a moment later (DNS rebinding) is not asked again. Each redirect is a new request.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

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

Address = IPv4Address | IPv6Address
PATIENCE = 30
"""Seconds for all of it, redirects included."""
CONNECT, READ = 5, 10
MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
PASSING = frozenset({408, 425, 429})
HEADERS = {"User-Agent": "Backline", "Accept": "image/*", "Accept-Encoding": "identity"}
NAT64 = IPv6Network("64:ff9b::/96")
NOT_FOR_US = (IPv4Network("168.63.129.16/32"), IPv4Network("192.88.99.0/24"), IPv6Network("3fff::/20"))
"""A cloud's services on each of its machines, what led to 6to4, addresses for documents: Python calls them global."""


async def download(url: str, *, most: int) -> bytes:
    """At most `most` bytes. Raises CannotFetch."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _download(url, most)
    except TimeoutError:
        raise TooSlow(PATIENCE) from None


async def _download(url: str, most: int) -> bytes:
    timeout = httpx.Timeout(READ, connect=CONNECT)
    # A connection that is kept would serve another name at the same address, unchecked.
    transport = PublicTransport(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)
    async with httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False, headers=HEADERS) as client:
        try:
            return await _follow(client, client.build_request("GET", url), most)
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


class PublicTransport(httpx.AsyncHTTPTransport):
    """Connects to the addresses that were checked; Host and the certificate stay those of the name."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        addresses = await public_addresses(request.url)
        for address in addresses[:-1]:
            try:
                return await super().handle_async_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await super().handle_async_request(_to(addresses[-1], request))


def _to(address: Address, request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


async def public_addresses(url: httpx.URL) -> Sequence[Address]:
    """Of the address's host, all of them public. Raises CannotFetch."""
    port = url.port or PORTS.get(url.scheme)
    if port is None or not url.host or url.userinfo:
        raise NoAddress
    addresses = await look_up(url.raw_host.decode("ascii"), port)
    if not all(may_be_asked(address, port) for address in addresses):
        raise NotPublic(url.host if url.port is None else f"{url.host}:{port}")
    return addresses


async def look_up(host: str, port: int) -> Sequence[Address]:
    """Raises NoSuchHost."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(at[0]).partition("%")[0]) for *_rest, at in found]
    except (OSError, UnicodeError, ValueError):
        raise NoSuchHost(host) from None
    if not addresses:
        raise NoSuchHost(host)
    return list(dict.fromkeys(addresses))


def may_be_asked(address: Address, port: int) -> bool:
    """The web's own ports, at an address that the whole world reaches."""
    return port in PORTS.values() and is_public(address)


def is_public(address: Address) -> bool:
    """Whether the whole world reaches it; of an IPv6 address that stands for an IPv4 one, whether it reaches that."""
    inner = _stands_for(address)
    if inner is not None:
        return address in NAT64 and is_public(inner)
    is_special = address.is_multicast or address.is_reserved or address.is_loopback or address.is_link_local
    is_ours = any(address in network for network in NOT_FOR_US)
    return address.is_global and not is_special and not is_ours and not getattr(address, "is_site_local", False)


def _stands_for(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


__all__ = ["CannotFetch", "download"]
