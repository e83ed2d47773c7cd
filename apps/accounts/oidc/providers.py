"""The providers of OIDC_PROVIDERS: where to send somebody, and who they are when they come back with a code."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote_plus

import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from apps.accounts.oidc.discovery import Discovery, Metadata
from apps.accounts.oidc.http import Http, NoAnswer, Refusal
from apps.accounts.oidc.id_tokens import read_id_token
from apps.accounts.oidc.identities import Identity, identity_of
from apps.accounts.oidc.refusals import ProviderDown, ProviderRefused, SignInCancelled
from apps.accounts.oidc.requests import AuthorizationRequest
from apps.core.errors import NotFound
from project.settings import OidcProvider, settings

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
log = structlog.get_logger(__name__)


class TokenAnswer(Struct):
    id_token: Annotated[str, Meta(max_length=32_768)]
    access_token: Annotated[str, Meta(max_length=32_768)] = ""


class Answer(Struct, frozen=True):
    """What the browser brings back from the provider."""

    code: str = ""
    error: str = ""
    issuer: str = ""


class Provider:
    def __init__(self, config: OidcProvider, http: Http) -> None:
        self.name = config.name
        self.title = config.title
        self._config = config
        self._http = http
        self._discovery = Discovery(config, http)

    async def authorization_url(self, request: AuthorizationRequest, *, locale: str) -> str:
        """Where its user signs in. Raises ProviderDown."""
        try:
            metadata = await self._discovery.metadata()
        except NoAnswer as reason:
            raise self._down(reason) from None
        url: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._config.client_id,
            "code",
            redirect_uri=self._return_url,
            scope=self._config.scopes,
            state=request.state,
            nonce=request.nonce,
            code_challenge=create_s256_code_challenge(request.verifier),
            code_challenge_method="S256",
            ui_locales=locale,
        )
        return url

    async def identify(self, request: AuthorizationRequest, answer: Answer, *, at: datetime) -> Identity:
        """Raises SignInCancelled, ProviderRefused, ProviderDown."""
        if answer.error == "access_denied":
            raise SignInCancelled(title=self.title)
        try:
            metadata = await self._discovery.metadata()
            _check_answer(answer, metadata)
            return identity_of(self._config.issuer, await self._claims(metadata, request, answer.code, at))
        except Refusal as reason:
            log.warning("oidc.refused", provider=self.name, reason=str(reason))
            raise ProviderRefused(title=self.title) from None
        except NoAnswer as reason:
            raise self._down(reason) from None

    async def _claims(
        self, metadata: Metadata, request: AuthorizationRequest, code: str, at: datetime
    ) -> Mapping[str, Any]:
        """Of the ID token; what of an address is not in it the userinfo endpoint may know."""
        url, headers, body = self._token_request(metadata, request, code)
        tokens = await self._http.ask("POST", url, TokenAnswer, headers=headers, body=body)
        claims = await read_id_token(
            tokens.id_token,
            self._discovery,
            issuer=self._config.issuer,
            client_id=self._config.client_id,
            nonce=request.nonce,
            at=at,
        )
        if "email" in claims or not (metadata.userinfo_endpoint and tokens.access_token.isascii()):
            return claims
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        more = await self._http.ask("GET", metadata.userinfo_endpoint, dict[str, Any], headers=headers)
        if more.get("sub") != claims["sub"]:
            raise Refusal("userinfo of another subject")
        return more

    def _token_request(
        self, metadata: Metadata, request: AuthorizationRequest, code: str
    ) -> tuple[str, dict[str, str], str]:
        """Address, headers and body."""
        body = prepare_token_request(
            "authorization_code", "", self._return_url, code=code, code_verifier=request.verifier
        )
        id, secret = self._config.client_id, self._config.client_secret
        method = "client_secret_basic" if secret else "none"
        if secret and "client_secret_basic" not in metadata.token_endpoint_auth_methods_supported:
            method = "client_secret_post"
        if method == "client_secret_basic":  # RFC 6749, 2.3.1; the library leaves it out
            id, secret = quote_plus(id), quote_plus(secret)
        made: tuple[str, dict[str, str], str] = ClientAuth(id, secret, method).prepare(
            "POST", metadata.token_endpoint, dict(FORM), body
        )
        return made

    def _down(self, reason: NoAnswer) -> ProviderDown:
        log.warning("oidc.no_answer", provider=self.name, reason=str(reason))
        return ProviderDown(title=self.title)

    @property
    def _return_url(self) -> str:
        return f"{settings.base_url}/account/oidc/{self.name}/return"


class Providers:
    def __init__(self, configs: Sequence[OidcProvider], http: Http) -> None:
        self._by_name = {each.name: Provider(each, http) for each in configs}

    def named(self, name: str) -> Provider:
        """Raises NotFound."""
        if name not in self._by_name:
            raise NotFound
        return self._by_name[name]


ProvidersDep = NamedDependency[Providers]


@asynccontextmanager
async def opened_providers() -> AsyncIterator[Providers]:
    http = Http()
    try:
        yield Providers(settings.oidc_providers, http)
    finally:
        await http.close()


def _check_answer(answer: Answer, metadata: Metadata) -> None:
    """Raises Refusal."""
    is_named = bool(answer.issuer) or metadata.authorization_response_iss_parameter_supported
    if is_named and answer.issuer != metadata.issuer:  # RFC 9207: it may be another provider's answer
        raise Refusal("answer of another issuer")
    if answer.error or not answer.code or not answer.code.isprintable():
        raise Refusal("no code")
