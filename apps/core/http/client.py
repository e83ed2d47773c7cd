"""The one HTTP client for calls to other services."""

import ssl
from functools import cache

import httpx


@cache
def tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes tens of milliseconds."""
    return ssl.create_default_context()


def http_client(base_url: str = "") -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base_url, verify=tls(), timeout=10, trust_env=False)
