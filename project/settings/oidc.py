"""The providers of OpenID Connect that people may sign in with: each has variables of its own."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

NAMES = "OIDC_PROVIDERS"
SEE = " See .env.example."
NAME = re.compile(r"[a-z][a-z0-9]{0,19}")
ISSUER = r"^https?://[^\s?#@/]+(/[^\s?#]*)?$"
LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))


class SettingsError(SystemExit):
    """A missing or bad setting: one line that names the variable."""


class OidcProvider(msgspec.Struct, frozen=True, kw_only=True):
    """`name` stands in addresses, `title` on the button; the others as the provider gave them.

    `client_secret` is empty for a public client, which has PKCE alone. `scopes` are separated by spaces.
    """

    name: str
    issuer: Annotated[str, Meta(pattern=ISSUER, max_length=500)]
    client_id: Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$", max_length=500)]
    client_secret: Annotated[str, Meta(pattern=r"^[\x20-\x7e]*$", max_length=500)] = ""
    title: Annotated[str, Meta(min_length=1, max_length=40)]
    scopes: Annotated[str, Meta(pattern=r"^(.* )?openid( .*)?$", max_length=500)] = "openid email profile"

    @property
    def origin(self) -> str:
        """`https://accounts.example.org`"""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


def read_providers(values: Mapping[str, str], *, is_production: bool) -> tuple[OidcProvider, ...]:
    """`values` are variables of the environment. Raises SettingsError."""
    names = values.get(NAMES, "").split()
    if len(set(names)) != len(names) or not all(map(NAME.fullmatch, names)):
        raise SettingsError(f"{NAMES}: different names of small letters and digits, separated by spaces.{SEE}")
    return tuple(_provider(name, values, is_production=is_production) for name in names)


def is_variable(name: str) -> bool:
    return name.startswith("OIDC_")


def _provider(name: str, values: Mapping[str, str], *, is_production: bool) -> OidcProvider:
    prefix = f"OIDC_{name.upper()}_"
    fields = {each: values.get(prefix + each.upper(), "") for each in OidcProvider.__struct_fields__ if each != "name"}
    given = {each: value for each, value in fields.items() if value}
    for each in ("issuer", "client_id", "title"):
        if each not in given:
            raise SettingsError(f"{prefix}{each.upper()}: is missing for a provider named in {NAMES}.{SEE}")
    try:
        provider = msgspec.convert({"name": name, **given}, OidcProvider)
    except msgspec.ValidationError as error:
        raise SettingsError(sentence_of(error, prefix)) from None
    if not may_be_asked(provider.issuer, is_production=is_production):
        raise SettingsError(f"{prefix}ISSUER: must begin with https://.{SEE}")
    return provider


def may_be_asked(url: str, *, is_production: bool) -> bool:
    """https; outside production also http on this machine itself."""
    try:
        parts = urlsplit(url)
        is_loopback = parts.scheme == "http" and parts.hostname in LOOPBACK and not is_production
    except ValueError:
        return False
    return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or is_loopback)


def sentence_of(error: msgspec.ValidationError, prefix: str = "") -> str:
    """`Expected int - at $.port` → `PORT: expected int.`"""
    reason, _, path = str(error).partition(" - at `$.")
    return f"{prefix}{path.rstrip('`').upper()}: {reason[0].lower()}{reason[1:]}.{SEE}"
