"""Requests to addresses that people typed, and to none that is ours or our network's.

Each name is looked up once, all its addresses are checked, and the connection goes to one of those very addresses: a
name that means something else a moment later (DNS rebinding) is not asked again. Each redirect is a new request.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

from apps.core.http.client import tls

Address = IPv4Address | IPv6Address
MayBeAsked = Callable[[Address, int], bool]
PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")
NOT_FOR_US = (IPv4Network("168.63.129.16/32"), IPv4Network("192.88.99.0/24"), IPv6Network("3fff::/20"))
"""A cloud's services on each of its machines, what led to 6to4, addresses for documents: Python calls them global."""


class CannotAsk(Exception):
    """`detail` is the host, where there is one."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class NotAnAddress(CannotAsk):
    """Of no known scheme, without a host, or with a password in it."""


class UnknownHost(CannotAsk):
    pass


class AddressNotPublic(CannotAsk):
    pass


class CheckedTransport(httpx.AsyncHTTPTransport):
    """Connects to addresses that `may_be_asked`; Host and the certificate stay those of the name. Raises CannotAsk."""

    def __init__(self, may_be_asked: MayBeAsked) -> None:
        # A connection that is kept would serve another name at the same address, unchecked.
        super().__init__(verify=tls(), limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)
        self._may_be_asked = may_be_asked

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        addresses = await _checked_addresses(request.url, self._may_be_asked)
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


async def _checked_addresses(url: httpx.URL, may_be_asked: MayBeAsked) -> Sequence[Address]:
    port = url.port or PORTS.get(url.scheme)
    if port is None or not url.host or url.userinfo:
        raise NotAnAddress
    addresses = await look_up(url.raw_host.decode("ascii"), port)
    if not all(may_be_asked(address, port) for address in addresses):
        raise AddressNotPublic(url.host if url.port is None else f"{url.host}:{port}")
    return addresses


async def look_up(host: str, port: int) -> Sequence[Address]:
    """Raises UnknownHost."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(at[0]).partition("%")[0]) for *_rest, at in found]
    except (OSError, UnicodeError, ValueError):
        raise UnknownHost(host) from None
    if not addresses:
        raise UnknownHost(host)
    return list(dict.fromkeys(addresses))


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
