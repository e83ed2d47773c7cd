"""What is wrong with the settings of a production server, beyond what cannot be read at all."""

from collections.abc import Mapping

from project.settings import Settings


def settings_problems(settings: Settings) -> list[str]:
    """Sentences that start with the variable's name; none outside production."""
    return _production_problems(settings) if settings.is_production else []


def deployment_problems(settings: Settings) -> list[str]:
    """The same whatever ENVIRONMENT says, and what a server for the public has besides."""
    rules = {
        "ENVIRONMENT: must be production.": not settings.is_production,
        "TRUSTED_PROXIES: https ends at a proxy; without its address here all visitors count as one.": (
            not settings.trusted_proxies
        ),
    }
    return [*_broken(rules), *_production_problems(settings)]


def _production_problems(settings: Settings) -> list[str]:
    rules = {
        "PAYMENT_PROVIDERS: the demo provider takes no money; name a real one.": "demo" in settings.provider_names,
        "BASE_URL: must begin with https://.": not settings.base_url.startswith("https://"),
        "MAIL_URL: mail must go to an SMTP server (smtp:// or smtps://).": not settings.mail_url.startswith("smtp"),
        "MAIL_FROM: example.com is nobody's address.": settings.mail_from.endswith("@example.com"),
        "SECRET_KEY: this is the key of .env.example, which everybody knows.": settings.secret_key.startswith(
            "only-for-development"
        ),
    }
    return _broken(rules)


def _broken(rules: Mapping[str, bool]) -> list[str]:
    return [sentence for sentence, broken in rules.items() if broken]
