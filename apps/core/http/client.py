"""The one HTTP client for calls to other services."""

import ssl
from functools import cache

import httpx


@cache
def tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes tens of milliseconds."""
    return ssl.create_default_context()


def http_client(base_url: str = "", *, connections: int = 100) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30)
    return httpx.AsyncClient(base_url=base_url, verify=tls(), timeout=10, limits=limits, trust_env=False)
