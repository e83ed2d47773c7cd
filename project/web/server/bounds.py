"""What one connection, one address and all connections together may cost a web process."""

import resource
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from project.settings import Settings

MOST_OPEN_FILES = 65_536
MOST_CONNECTIONS = 8192
"""Unless MAX_CONNECTIONS says otherwise: about 20 KB each."""
OWN_FILES = 128
"""Kept for the database's connections (beside the pool), files that are sent, logs."""
LINGERING = 4
"""One in so many files is kept for connections that are being refused."""
SHARE_OF_ONE_ADDRESS = 8
"""One in so many connections, unless MAX_CONNECTIONS_PER_ADDRESS says otherwise."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Times in seconds, sizes in bytes."""

    header_bytes: int = 64 * 1024
    header_seconds: float = 10
    body_seconds: float = 10
    send_seconds: float = 30
    keep_alive_seconds: float = 5
    slowest: int = 500
    """Bytes a second that a body, or the reading of an answer, must reach over its seconds."""
    small_chunks: int = 2000
    """Chunks of one body that may be small; after them they must have `chunk_bytes` on the average."""
    chunk_bytes: int = 256
    unwanted_bytes: int = 128 * 1024 * 1024
    """Of a body that are still read, and thrown away, when its request is answered: else who sends hears no answer."""
    pipelined: int = 16
    """Requests that may wait on one connection behind the one being answered."""
    connections: int = MOST_CONNECTIONS
    connections_per_address: int = MOST_CONNECTIONS // SHARE_OF_ONE_ADDRESS
    proxies: Sequence[IPv4Network | IPv6Network] = ()
    """Not counted by address: a proxy brings everybody's connections."""

    @property
    def lingering(self) -> int:
        """Refused connections that may still be waited for, so that they read why."""
        return self.connections // LINGERING


def bounds_from(settings: Settings) -> Bounds:
    """SystemExit when more connections are asked for than files may be open."""
    most = _connections_for(raise_open_files(), settings.database_pool_size)
    if settings.max_connections > most:
        raise SystemExit(f"MAX_CONNECTIONS: at most {most}, by the limit of open files (ulimit -n). See .env.example.")
    connections = settings.max_connections or min(most, MOST_CONNECTIONS)
    return Bounds(
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
        send_seconds=settings.send_seconds,
        keep_alive_seconds=settings.keep_alive_seconds,
        connections=connections,
        connections_per_address=settings.max_connections_per_address or max(1, connections // SHARE_OF_ONE_ADDRESS),
        proxies=tuple(map(ip_network, settings.trusted_proxies.split())),
    )


def raise_open_files() -> int:
    """As many files as this process may open at most; many systems start with 1,024 of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


def _connections_for(files: int, pool: int) -> int:
    return max(16, (files - OWN_FILES - pool) * (LINGERING - 1) // LINGERING)
