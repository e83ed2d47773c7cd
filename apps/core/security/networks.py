"""Which network a request comes from: an IPv4 address, or of IPv6 the /64, which is one household.

Behind a proxy the address is what TRUSTED_PROXIES say it is. Networks are kept only as keyed hashes.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any

from litestar.connection import ASGIConnection

from apps.core.security.signing import derived_secret

AnyConnection = ASGIConnection[Any, Any, Any, Any]
KEY = derived_secret("networks")
IPV4_IN_IPV6 = bytes(10) + b"\xff\xff"
asking_network: ContextVar[bytes] = ContextVar("asking_network", default=b"")
"""That of the request which is being answered, for what is shared among networks; empty in jobs and commands."""


def network_of(connection: AnyConnection) -> bytes:
    return network_in(connection.scope)


def network_in(scope: Mapping[str, Any]) -> bytes:
    return _network(_host(scope))


def network_key(connection: AnyConnection) -> int:
    """64 bits that name the network without telling which one it is."""
    return _key(_host(connection.scope))


def address_of(connection: AnyConnection) -> str:
    """The client's IP address in its usual spelling; empty where there is none, as by a Unix socket."""
    try:
        address = ip_address(_host(connection.scope).partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


def _host(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return client[0] if client else ""


@lru_cache(maxsize=4096)
def _network(host: str) -> bytes:
    try:
        packed = inet_pton(AF_INET6, host.partition("%")[0]) if ":" in host else inet_pton(AF_INET, host)
    except OSError:  # a name, or nothing: by a Unix socket
        return host.encode()
    return packed[12:] if packed.startswith(IPV4_IN_IPV6) else packed[:8]


@lru_cache(maxsize=4096)
def _key(host: str) -> int:
    return int.from_bytes(blake2b(_network(host), key=KEY, digest_size=8).digest(), signed=True)
