"""What a provider says of itself (OpenID Connect Discovery 1.0), and its keys: kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Annotated, Any, Generic, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey
from msgspec import Meta, Struct

from apps.accounts.oidc.http import Http, NoAnswer
from project.settings import OidcProvider, settings

Kind = TypeVar("Kind")
PublicKey = RSAKey | ECKey | OKPKey
Url = Annotated[str, Meta(max_length=2000)]
HOUR = 3600.0
MINUTE = 60.0
MOST_KEYS = 100


class Metadata(Struct, frozen=True):
    """By the names of the document."""

    issuer: Url
    authorization_endpoint: Url
    token_endpoint: Url
    jwks_uri: Url
    userinfo_endpoint: Url = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class KeySet(Struct, frozen=True):
    keys: Annotated[list[dict[str, Any]], Meta(max_length=MOST_KEYS)]


class Kept(Generic[Kind]):
    """What is fetched for all who ask at once, and kept for who asks next."""

    def __init__(self, fetch: Callable[[], Awaitable[Kind]]) -> None:
        self._fetch = fetch
        self._fetched_at = 0.0
        self._value: Kind | None = None
        self._under_way: asyncio.Future[Kind] | None = None

    async def get(self, *, seconds: float) -> Kind:
        """Not older than that. Raises NoAnswer."""
        if self._value is not None and monotonic() - self._fetched_at < seconds:
            return self._value
        if self._under_way is None:
            self._under_way = asyncio.ensure_future(self._fetch())
            self._under_way.add_done_callback(self._keep)
        return await asyncio.shield(self._under_way)

    def _keep(self, done: asyncio.Future[Kind]) -> None:
        self._under_way = None
        if not done.cancelled() and done.exception() is None:
            self._value, self._fetched_at = done.result(), monotonic()


class Discovery:
    def __init__(self, provider: OidcProvider, http: Http) -> None:
        self._provider = provider
        self._http = http
        self._metadata = Kept(self._fetch_metadata)
        self._keys = Kept(self._fetch_keys)

    async def metadata(self) -> Metadata:
        """Raises NoAnswer."""
        return await self._metadata.get(seconds=HOUR)

    async def keys(self) -> Sequence[PublicKey]:
        """Raises NoAnswer."""
        return await self._keys.get(seconds=HOUR)

    async def newer_keys(self) -> Sequence[PublicKey]:
        """For a token whose key is unknown: asked for once a minute at most. Raises NoAnswer."""
        return await self._keys.get(seconds=MINUTE)

    async def _fetch_metadata(self) -> Metadata:
        url = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._http.ask("GET", url, Metadata)
        if found.issuer != self._provider.issuer:
            raise NoAnswer("the document names another issuer")
        endpoints = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint)
        if not all(settings.may_ask(each) for each in endpoints if each):
            raise NoAnswer("an endpoint is not https")
        return found

    async def _fetch_keys(self) -> Sequence[PublicKey]:
        found = await self._http.ask("GET", (await self.metadata()).jwks_uri, KeySet)
        return [key for each in found.keys if (key := _public_key(each))]


def _public_key(found: dict[str, Any]) -> PublicKey | None:
    """None for one that signs nothing, or that we do not understand."""
    if found.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(found)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None
