"""Every setting of Backline, read once from the environment and `.env`.

This module is the only reader of the environment. A bad value stops the start with the variable's name.
"""

import os
import re
import secrets
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit
from zoneinfo import available_timezones

import msgspec
from babel.numbers import list_currencies
from msgspec import Meta

from project.environment import read_dotenv
from project.settings.invoices import InvoiceSettings as InvoiceSettings
from project.settings.invoices import is_invoice_variable, read_invoice_settings
from project.settings.networks import is_network
from project.settings.oidc import OidcProvider as OidcProvider
from project.settings.oidc import SettingsError as SettingsError
from project.settings.oidc import is_variable, may_be_asked, read_providers, sentence_of
from project.settings.payments import IN, Kind, provider_variables, read_provider

ROOT = Path(__file__).resolve().parents[2]
DATA_DIR = ROOT / ".data"

INSTALLED_APPS = (
    "apps.core",
    "apps.mail",
    "apps.accounts",
    "apps.backoffice",
    "apps.backoffice.exports",
    "apps.media",
    "apps.media.fetching",
    "apps.jobs",
    "apps.imports",
    "apps.privacy",
    "apps.payments",
    "apps.payments.books",
    "apps.payments.reconciliation",
    "apps.payments.demo",
    "apps.payments.bank_transfer",
    "apps.payments.cash",
    "apps.payments.stripe",
    "apps.payments.paypal",
    "apps.payments.yookassa",
    "apps.inventory",
    "apps.orders",
    "apps.checkout",
    "apps.invoices",
    "apps.shop",
    "apps.shop.withdrawals",
    "apps.concerts",
    "apps.box_office",
    "apps.webhooks",
    "apps.reports",
    "apps.site",
    "apps.site.front_page",
    "apps.site.concerts",
    "apps.site.shop",
    "apps.site.cart",
    "apps.site.checkout",
    "apps.site.orders",
    "apps.site.withdrawals",
    "apps.site.account",
)


class Environment(StrEnum):
    demo = "demo"
    development = "development"
    production = "production"


Seconds = Annotated[float, Meta(gt=0, le=600)]
Minutes = Annotated[int, Meta(ge=1, le=1440)]
Units = Annotated[int, Meta(ge=0, le=1_000_000)]
TIME_ZONES = frozenset(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
"""Those of a place: no abbreviations, which places do not keep to, and no names of a machine's own (localtime)."""
RENAMED = {
    "ANSWER_CACHE_MB": "RESPONSE_CACHE_MB",
    "HELD_PER_BUYER": "HELD_PER_CUSTOMER",
    "HELD_PER_BUYER_IN_ALL": "HELD_PER_CUSTOMER_IN_ALL",
}
"""What an .env of before may still say: left alone, a limit would be gone without a word."""
LOOPBACK_NAMES = frozenset(("127.0.0.1", "localhost", "::1"))
ORIGIN = re.compile(r"\*|https?://[^/\s?#@]+")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings; each field is the environment variable of the same name in capitals.

    `oidc_providers` are what OIDC_PROVIDERS names, with the variables of each; `invoices` those of INVOICE_…, if any;
    `provider_variables` are those of all payment providers, and `of_provider` reads them.
    """

    environment: Environment = Environment.development
    secret_key: Annotated[str, Meta(min_length=32)]
    secret_key_fallbacks: str = ""
    jwt_secret_key: Annotated[str, Meta(pattern=r"^(.{32,})?$")] = ""
    access_token_expire_minutes: Annotated[int, Meta(ge=1, le=60)] = 15
    oidc_providers: tuple[OidcProvider, ...] = ()
    staff_second_factor: Annotated[str, Meta(pattern="^(|required|optional)$")] = ""
    sign_in_history_days: Annotated[int, Meta(ge=1, le=3650)] = 90
    data_export_days: Annotated[int, Meta(ge=1, le=30)] = 7
    list_export_days: Annotated[int, Meta(ge=1, le=30)] = 7
    erasure_days: Annotated[int, Meta(ge=1, le=30)] = 7
    audit_days: Annotated[int, Meta(ge=30, le=3650)] = 730
    cart_days: Annotated[int, Meta(ge=2, le=365)] = 30
    mail_days: Annotated[int, Meta(ge=30, le=3650)] = 365
    data_dir: Path = DATA_DIR
    database_url: str = ""
    db_host: str = ""
    db_port: Annotated[int, Meta(ge=1, le=65535)] = 5432
    db_user: str = ""
    db_pass: str = ""
    db_name: str = ""
    database_pool_size: Annotated[int, Meta(ge=2, le=200)] = 10
    postgres_bin: Path | None = None
    base_url: Annotated[str, Meta(pattern=r"^https?://[^/]+$")] = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    log_format: Annotated[str, Meta(pattern="^(console|json)$")] = "console"
    band_name: str = "The Band"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    locale: Annotated[str, Meta(pattern="^(en|ru)$")] = "en"
    time_zone: str = "UTC"
    tax_percent: Annotated[str, Meta(pattern=r"^\d{1,2}(\.\d{1,2})?$")] = "0"
    invoices: InvoiceSettings | None = None
    shipping_price: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    withdrawal_days: Annotated[int, Meta(ge=0, le=365)] = 14
    withdrawal_countries: Annotated[str, Meta(pattern=r"^([A-Z]{2}( |$(?!\n)))*$")] = ""
    hold_minutes: Minutes = 15
    hold_ceiling_minutes: Minutes = 45
    pay_minutes: Minutes = 30
    held_per_network: Units = 40
    held_per_network_in_all: Units = 200
    held_per_customer: Units = 20
    held_per_customer_in_all: Units = 60
    payment_providers: str = "demo"
    provider_variables: Mapping[str, str] = {}
    mail_url: Annotated[str, Meta(pattern=r"^(console:|file:.*|smtps?://.+)$")] = "console:"
    mail_from: str = "shop@example.com"
    media_url: Annotated[str, Meta(pattern=r"^(|file:.+|s3://[a-z0-9][a-z0-9.-]+(/.*)?)$")] = ""
    media_s3_endpoint: Annotated[str, Meta(pattern=r"^(https?://[^/]+)?$")] = ""
    media_s3_region: Annotated[str, Meta(pattern="^[a-z0-9-]+$")] = "us-east-1"
    media_s3_key: str = ""
    media_s3_secret: str = ""
    response_cache_mb: Annotated[int, Meta(ge=0, le=4096)] = 32
    redis_url: Annotated[str, Meta(pattern=r"^((rediss?|unix)://.+)?$")] = ""
    webhook_loopback: Annotated[str, Meta(pattern="^(on|off)$")] = "off"
    webhook_days: Annotated[int, Meta(ge=4, le=365)] = 30
    rate_limits: Annotated[str, Meta(pattern="^(on|off)$")] = "on"
    trusted_proxies: str = ""
    cors_origins: str = ""
    allowed_hosts: str = ""
    header_seconds: Seconds = 10
    body_seconds: Seconds = 10
    send_seconds: Seconds = 30
    keep_alive_seconds: Seconds = 5
    max_connections: Annotated[int, Meta(ge=0, le=60_000)] = 0
    max_connections_per_address: Annotated[int, Meta(ge=0, le=60_000)] = 0
    extra_apps: Annotated[str, Meta(pattern=r"^[\w. ]*$")] = ""

    def __post_init__(self) -> None:
        rules = {
            "TIME_ZONE: no such IANA time zone.": self.time_zone not in TIME_ZONES,
            "CURRENCY: no such ISO 4217 currency.": self.currency not in list_currencies(),
            "DB_HOST: goes with DB_NAME, one not without the other.": bool(self.db_host) != bool(self.db_name),
            "HOLD_CEILING_MINUTES: must not be less than HOLD_MINUTES.": self.hold_ceiling_minutes < self.hold_minutes,
            "SECRET_KEY_FALLBACKS: each key has 32 characters or more.": any(len(key) < 32 for key in self.secret_keys),
            "WEBHOOK_LOOPBACK: not in production.": self.webhook_loopback == "on" and self.is_production,
            "MEDIA_S3_SECRET: goes with MEDIA_S3_KEY, one not without the other.": bool(self.media_s3_key)
            != bool(self.media_s3_secret),
            "TRUSTED_PROXIES: addresses and networks, separated by spaces.": not all(
                map(is_network, self.trusted_proxies.split())
            ),
            "CORS_ORIGINS: * or origins like https://example.org, separated by spaces.": not all(
                map(ORIGIN.fullmatch, self.cors_origins.split())
            ),
        }
        for sentence, broken in rules.items():
            if broken:
                raise SettingsError(f"{sentence} See .env.example.")

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The signing keys, the current one first."""
        return (self.secret_key, *self.secret_key_fallbacks.split())

    @property
    def provider_names(self) -> tuple[str, ...]:
        """Those whom fans may pay by."""
        return tuple(dict.fromkeys(self.payment_providers.replace(",", " ").split()))

    def of_provider(self, name: str, kind: type[Kind]) -> Kind | None:
        """The settings of a payment provider; None where it is not set up. One that fans may pay by must be."""
        return read_provider(name, kind, self.provider_variables, is_offered=name in self.provider_names)

    @property
    def host_names(self) -> frozenset[str]:
        """The names, without ports, under which the site is answered; outside production this machine's own, too."""
        own = {urlsplit(self.base_url).hostname or "", *map(str.lower, self.allowed_hosts.split())}
        return frozenset(own) if self.is_production else LOOPBACK_NAMES | own

    @property
    def staff_need_second_factor(self) -> bool:
        """In production, unless STAFF_SECOND_FACTOR says otherwise."""
        return self.staff_second_factor == "required" or (self.is_production and self.staff_second_factor == "")

    def may_ask(self, url: str) -> bool:
        """Whether a provider of identities may be asked there: by https, outside production on this machine, too."""
        return may_be_asked(url, is_production=self.is_production)

    @property
    def is_demo(self) -> bool:
        return self.environment is Environment.demo

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.production


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (the process's own and `.env` when not given)."""
    values = given() if environ is None else environ
    for old in RENAMED.keys() & values.keys():
        raise SettingsError(f"{old}: is called {RENAMED[old]} now. See .env.example.")
    fields: dict[str, Any] = {
        name: values[name.upper()] for name in Settings.__struct_fields__ if values.get(name.upper())
    }
    fields["invoices"] = read_invoice_settings(values)
    fields["provider_variables"] = provider_variables(values, _payment_apps(values))
    if "oidc_providers" in fields:
        is_production = fields.get("environment") == Environment.production
        fields["oidc_providers"] = read_providers(values, is_production=is_production)
    if "secret_key" not in fields and fields.get("environment") == Environment.demo:
        fields["secret_key"] = _kept_secret(Path(fields.get("data_dir", DATA_DIR)))
    if "database_url" not in fields and "db_host" in fields:
        fields["database_url"] = _database_url(fields)
    return _convert(fields)


def given() -> dict[str, str]:
    """What the environment says of settings, and `.env`: that is a real band's, so the demo never reads it."""
    is_demo = os.environ.get("ENVIRONMENT") == Environment.demo
    values = {**({} if is_demo else read_dotenv()), **os.environ}
    known = (*map(str.upper, Settings.__struct_fields__), *RENAMED)
    of_providers = provider_variables(values, _payment_apps(values))
    is_ours = (is_variable, is_invoice_variable, known.__contains__, of_providers.__contains__)
    return {name: value for name, value in values.items() if any(each(name) for each in is_ours)}


def _payment_apps(values: Mapping[str, str]) -> tuple[str, ...]:
    return (*(app for app in INSTALLED_APPS if app.startswith(IN)), *values.get("EXTRA_APPS", "").split())


def _database_url(fields: Mapping[str, Any]) -> str:
    """Of its parts: DB_HOST, DB_PORT, DB_USER, DB_PASS, DB_NAME."""
    user, password, name = (quote(fields.get(part, ""), safe="") for part in ("db_user", "db_pass", "db_name"))
    who = f"{user}:{password}@" if password else f"{user}@" if user else ""
    return f"postgresql+asyncpg://{who}{fields['db_host']}:{fields.get('db_port', 5432)}/{name}"


def _kept_secret(data_dir: Path) -> str:
    """The demo's own key: made once, kept in its data folder."""
    path = data_dir / "secret_key"
    try:
        if not path.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {error.filename}: {error.strerror}. Choose a folder that is yours.") from None


def _convert(fields: dict[str, Any]) -> Settings:
    if "secret_key" not in fields:
        raise SettingsError(
            "SECRET_KEY is not set. Put a random text of 32 characters or more into .env (see .env.example)."
        )
    try:
        return msgspec.convert(fields, Settings, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        raise SettingsError(sentence_of(error)) from None


settings = load()
