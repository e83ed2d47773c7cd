"""Settings: read once, typed, and a bad one stops the start with its name."""

import re

import pytest

from apps.payments.paypal.settings import PayPalSettings
from apps.payments.stripe.settings import StripeSettings
from project.settings import ROOT, Environment, InvoiceSettings, Settings, SettingsError, load
from project.settings.check import settings_problems

KEY = "k" * 40


class TestLoading:
    def test_defaults_need_only_a_key(self) -> None:
        settings = load({"SECRET_KEY": KEY})
        assert (settings.port, settings.environment) == (8000, Environment.development)

    def test_a_missing_key_is_named(self) -> None:
        with pytest.raises(SettingsError, match="SECRET_KEY"):
            load({})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PORT", "many"),
            ("PORT", "70000"),
            ("SECRET_KEY", "short"),
            ("SECRET_KEY_FALLBACKS", "short"),
            ("BASE_URL", "http://host/path"),
            ("CURRENCY", "EURO"),
            ("CURRENCY", "ZZZ"),
            ("DB_HOST", "without DB_NAME"),
            ("JWT_SECRET_KEY", "short"),
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "600"),
            ("HELD_PER_BUYER", "20"),
            ("TIME_ZONE", "Europe/Nowhere"),
            ("TIME_ZONE", "localtime"),
            ("ENVIRONMENT", "staging"),
            ("HOLD_CEILING_MINUTES", "5"),
            ("MAIL_URL", "carrier-pigeon:"),
            ("MEDIA_URL", "ftp://host/folder"),
            ("MEDIA_S3_SECRET", "without its key"),
            ("REDIS_URL", "memcached://host"),
            ("RATE_LIMITS", "some"),
            ("TRUSTED_PROXIES", "10.0.0.1 everybody"),
            ("CORS_ORIGINS", "https://example.org/path"),
        ],
    )
    def test_a_bad_value_is_named(self, name: str, value: str) -> None:
        with pytest.raises(SettingsError, match=f"^{name}:"):
            load({"SECRET_KEY": KEY, name: value})

    def test_a_database_is_named_in_parts_or_by_its_url(self) -> None:
        parts = {"DB_HOST": "db", "DB_USER": "band", "DB_PASS": "p@ss/word", "DB_NAME": "shop"}
        by_parts = load({"SECRET_KEY": KEY, **parts}).database_url
        assert by_parts == "postgresql+asyncpg://band:p%40ss%2Fword@db:5432/shop"
        url = "postgresql+asyncpg://other@elsewhere/shop"
        assert load({"SECRET_KEY": KEY, **parts, "DATABASE_URL": url}).database_url == url

    def test_the_demo_makes_a_key_once_and_keeps_it_to_itself(self, tmp_path) -> None:
        environ = {"ENVIRONMENT": "demo", "DATA_DIR": str(tmp_path)}
        assert load(environ).secret_key == load(environ).secret_key
        assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600

    def test_the_example_names_every_variable(self) -> None:
        named = re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        fields = {field.upper() for field in Settings.__struct_fields__} - {"PROVIDER_VARIABLES", "INVOICES"}
        assert sorted(named) == sorted(fields)

    def test_the_example_names_every_variable_of_invoices(self) -> None:
        named = re.findall(r"^# INVOICE_([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        assert sorted(named) == sorted(map(str.upper, InvoiceSettings.__struct_fields__))


class TestInvoices:
    SELLER = {
        "INVOICE_SELLER_NAME": "The Band GbR",
        "INVOICE_SELLER_STREET": "Hafenstraße 12",
        "INVOICE_SELLER_CITY": "Hamburg",
        "INVOICE_SELLER_COUNTRY": "DE",
        "INVOICE_SELLER_TAX_NUMBER": "22/123/45678",
    }

    def test_without_a_seller_there_are_none(self) -> None:
        assert load({"SECRET_KEY": KEY}).invoices is None
        assert load({"SECRET_KEY": KEY, **self.SELLER}).invoices is not None

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ({"INVOICE_SELLER_CITY": ""}, "INVOICE_SELLER_CITY: goes with INVOICE_SELLER_NAME"),
            ({"INVOICE_SELLER_TAX_NUMBER": ""}, "INVOICE_SELLER_VAT_ID: invoices need it"),
            ({"INVOICE_SELLER_COUNTRY": "Germany"}, "INVOICE_SELLER_COUNTRY"),
            ({"INVOICE_CREDIT_NOTE_PREFIX": "INV-"}, "INVOICE_CREDIT_NOTE_PREFIX: must differ"),
            ({"INVOICE_UNTAXED": "O", "TAX_PERCENT": "19"}, "INVOICE_UNTAXED: O"),
        ],
    )
    def test_a_bad_one_is_named(self, given: dict[str, str], sentence: str) -> None:
        with pytest.raises(SettingsError, match=sentence):
            load({"SECRET_KEY": KEY, **self.SELLER, **given})


class TestProviders:
    GIVEN = {
        "SECRET_KEY": KEY,
        "OIDC_PROVIDERS": "google home",
        "OIDC_GOOGLE_ISSUER": "https://accounts.google.com",
        "OIDC_GOOGLE_CLIENT_ID": "an-id",
        "OIDC_GOOGLE_CLIENT_SECRET": "a secret",
        "OIDC_GOOGLE_TITLE": "Google",
        "OIDC_HOME_ISSUER": "http://127.0.0.1:8080/realms/band",
        "OIDC_HOME_CLIENT_ID": "band",
        "OIDC_HOME_TITLE": "Home",
        "OIDC_HOME_SCOPES": "openid email",
    }

    def test_each_has_variables_of_its_own(self) -> None:
        google, home = load(self.GIVEN).oidc_providers
        assert (google.name, google.title, google.client_secret) == ("google", "Google", "a secret")
        assert (google.scopes, home.scopes, home.client_secret) == ("openid email profile", "openid email", "")
        assert (google.origin, home.origin) == ("https://accounts.google.com", "http://127.0.0.1:8080")

    def test_without_any_there_are_none(self) -> None:
        assert load({"SECRET_KEY": KEY, "OIDC_GOOGLE_TITLE": "left over"}).oidc_providers == ()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("OIDC_PROVIDERS", "google google"),
            ("OIDC_PROVIDERS", "Google"),
            ("OIDC_PROVIDERS", "../google"),
            ("OIDC_GOOGLE_ISSUER", ""),
            ("OIDC_GOOGLE_ISSUER", "accounts.google.com"),
            ("OIDC_GOOGLE_ISSUER", "http://accounts.google.com"),
            ("OIDC_GOOGLE_ISSUER", "https://accounts.google.com/?a=query"),
            ("OIDC_GOOGLE_ISSUER", "https://user:password@accounts.google.com"),
            ("OIDC_GOOGLE_CLIENT_ID", ""),
            ("OIDC_GOOGLE_TITLE", ""),
            ("OIDC_GOOGLE_TITLE", "x" * 41),
            ("OIDC_GOOGLE_SCOPES", "email"),
        ],
    )
    def test_a_bad_or_missing_value_is_named(self, name: str, value: str) -> None:
        with pytest.raises(SettingsError, match=f"^{name}:"):
            load({**self.GIVEN, name: value})

    def test_http_is_for_this_machine_and_never_in_production(self) -> None:
        with pytest.raises(SettingsError, match=r"^OIDC_HOME_ISSUER:"):
            load({**self.GIVEN, "ENVIRONMENT": "production"})


class TestPaymentProviders:
    GIVEN = {"SECRET_KEY": KEY, "PAYMENT_PROVIDERS": "demo stripe"}
    KEYS = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRETS": "whsec_1 whsec_2"}

    def test_each_has_variables_of_its_own(self) -> None:
        stripe = load({**self.GIVEN, **self.KEYS, "STRIPE_API_URL": ""}).of_provider("stripe", StripeSettings)
        assert (stripe.secret_key, stripe.api_url) == ("sk_test_1", "https://api.stripe.com")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("STRIPE_SECRET_KEY", ""),
            ("STRIPE_SECRET_KEY", "pk_test_1"),
            ("STRIPE_WEBHOOK_SECRETS", ""),
            ("STRIPE_WEBHOOK_SECRETS", "whsec_1,whsec_2 x"),
            ("STRIPE_API_URL", "http://api.stripe.com"),
            ("STRIPE_PAGE_ORIGINS", "https://pay.example.org; script-src *"),
        ],
    )
    def test_a_bad_or_missing_value_is_named(self, name: str, value: str) -> None:
        with pytest.raises(SettingsError, match=f"^{name}:"):
            load({**self.GIVEN, **self.KEYS, name: value}).of_provider("stripe", StripeSettings)

    @pytest.mark.parametrize("missing", ["PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID"])
    def test_what_paypal_lacks_is_named(self, missing: str) -> None:
        keys = {"PAYPAL_CLIENT_ID": "AbC-1", "PAYPAL_CLIENT_SECRET": "EF_g", "PAYPAL_WEBHOOK_ID": "1JE4291016473214C"}
        offered = {"SECRET_KEY": KEY, "PAYMENT_PROVIDERS": "paypal", **keys}
        paypal = load(offered).of_provider("paypal", PayPalSettings)
        assert (paypal.api_url, paypal.page_origins) == ("https://api-m.paypal.com", "https://www.paypal.com")
        with pytest.raises(SettingsError, match=f"^{missing}:"):
            load({**offered, missing: ""}).of_provider("paypal", PayPalSettings)

    def test_one_that_is_not_offered_needs_nothing(self) -> None:
        not_offered = {"SECRET_KEY": KEY, "PAYMENT_PROVIDERS": "demo"}
        assert load(not_offered).of_provider("stripe", StripeSettings) is None
        assert load({**not_offered, **self.KEYS}).of_provider("stripe", StripeSettings) is not None


class TestHostNames:
    def test_in_production_they_are_those_that_are_set(self) -> None:
        hosts = {"BASE_URL": "https://Band.example.org:8443", "ALLOWED_HOSTS": "www.Band.example.org"}
        settings = load({"SECRET_KEY": KEY, "ENVIRONMENT": "production", **hosts})
        assert settings.host_names == {"band.example.org", "www.band.example.org"}

    def test_elsewhere_this_machine_is_one_too(self) -> None:
        assert load({"SECRET_KEY": KEY}).host_names == {"127.0.0.1", "localhost", "::1"}


class TestProduction:
    def test_refuses_what_only_a_demo_may_do(self) -> None:
        settings = load({"SECRET_KEY": KEY, "ENVIRONMENT": "production"})
        named = {problem.partition(":")[0] for problem in settings_problems(settings)}
        assert named == {"PAYMENT_PROVIDERS", "BASE_URL", "MAIL_URL", "MAIL_FROM"}

    def test_says_nothing_of_a_sound_one(self) -> None:
        environ = {
            "SECRET_KEY": KEY,
            "ENVIRONMENT": "production",
            "PAYMENT_PROVIDERS": "stripe",
            "BASE_URL": "https://band.example.org",
            "MAIL_URL": "smtp://mail.example.org:587",
            "MAIL_FROM": "shop@band.example.org",
        }
        assert settings_problems(load(environ)) == []
