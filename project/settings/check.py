"""What is wrong with the settings of a production server, beyond what cannot be read at all."""

from project.settings import Settings


def settings_problems(settings: Settings) -> list[str]:
    """Sentences that start with the variable's name; none outside production."""
    if not settings.is_production:
        return []
    rules = {
        "PAYMENT_PROVIDERS: the demo provider takes no money; name a real one.": "demo" in settings.provider_names,
        "BASE_URL: must begin with https://.": not settings.base_url.startswith("https://"),
        "MAIL_URL: mail must go to an SMTP server (smtp:// or smtps://).": not settings.mail_url.startswith("smtp"),
        "MAIL_FROM: example.com is nobody's address.": settings.mail_from.endswith("@example.com"),
        "SECRET_KEY: this is the key of .env.example, which everybody knows.": settings.secret_key.startswith(
            "only-for-development"
        ),
    }
    return [sentence for sentence, broken in rules.items() if broken]
