"""Who may connect: counts the connections of one web process, in all and by address."""

import socket
from collections import Counter
from functools import lru_cache
from ipaddress import ip_address

import structlog

from project.web.server.bounds import Bounds

log = structlog.get_logger("web_server")


class Gate:
    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.open = 0
        self.lingering = 0
        self.refused: Counter[int] = Counter()
        """How often, by status, since the last line in the log."""
        self._by_address: Counter[str | bytes] = Counter()
        self._counted_as = lru_cache(maxsize=4096)(self._key)

    def enter(self, address: str | None) -> bool:
        """False when there are too many already. Who came in leaves by `leave`."""
        key = self._counted_as(address) if address else None
        if self.open >= self.bounds.connections:
            return False
        if key is not None and self._by_address[key] >= self.bounds.connections_per_address:
            return False
        self.open += 1
        if key is not None:
            self._by_address[key] += 1
        return True

    def leave(self, address: str | None) -> None:
        self.open -= 1
        key = self._counted_as(address) if address else None
        if key is not None:
            self._by_address[key] -= 1
            if not self._by_address[key]:
                del self._by_address[key]

    def tell(self) -> None:
        """One line for all that were refused since the last: a flood must not fill the log."""
        if self.refused:
            log.warning("refused", **{str(status): times for status, times in self.refused.items()}, open=self.open)
            self.refused.clear()

    def _key(self, address: str) -> str | bytes | None:
        """None for a proxy of ours. A network of IPv6 (/64) is one customer's."""
        ip = ip_address(address.partition("%")[0])
        if ip.version == 6 and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        if any(ip in network for network in self.bounds.proxies):
            return None
        return str(ip) if ip.version == 4 else socket.inet_pton(socket.AF_INET6, str(ip))[:8]
