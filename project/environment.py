"""What manage.py sets before the settings are read: the demo's own, and a key for commands that sign nothing."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from dotenv import dotenv_values

from project.demo.running import running_demo

ROOT = Path(__file__).resolve().parent.parent
DEMO_DATA = ROOT / ".data" / "demo"
DEVELOPMENT_KEY = "only-for-development-and-known-to-everybody"
SIGNING = ("run", "worker", "shell")
WITHOUT_DATABASE = ("test", "check", "bench", "pictures", "routes", "openapi")
OWN = ("DATABASE_URL", "DATA_DIR", "ENVIRONMENT")
"""Who sets one of these has said which database is meant."""
OF_DEMO = ("BAND_NAME", "ENVIRONMENT", "MAIL_URL", "MEDIA_URL", "PAYMENT_PROVIDERS")
"""What the demo is, whatever the environment says."""
DEMO_SELLER = {
    "INVOICE_SELLER_NAME": "The Slow Ferries GbR",
    "INVOICE_SELLER_STREET": "Musterkai 12",
    "INVOICE_SELLER_POSTCODE": "20999",
    "INVOICE_SELLER_CITY": "Hamburg",
    "INVOICE_SELLER_COUNTRY": "DE",
    "INVOICE_SELLER_VAT_ID": "DE999999999",
    "INVOICE_SELLER_EMAIL": "office@example.org",
    "INVOICE_UNTAXED_REASON": "Small business, no VAT is charged (§ 19 UStG)",
    "INVOICE_FOOTER": "The Slow Ferries are made up, and so is this invoice.",
}
"""Who its invoices are from: nobody who exists."""
IN_DEMO = "The demo runs here: {command} works on its data."
BESIDE_DEMO = "The demo runs here, too. This is your own database; for the demo's: python3 manage.py --demo {command}"


def prepare(arguments: Sequence[str]) -> None:
    """Which database is meant, and with which settings."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    only_explains = not command or bool({"-h", "--help"} & set(arguments))
    if command == "demo":
        os.environ.update(demo_settings(arguments))
    elif _wants_demo(arguments, command):
        os.environ.update(running_demo(_demo_data()) or demo_settings(arguments))
    elif not only_explains and command not in WITHOUT_DATABASE:
        _find_demo(command)
    if os.environ.get("ENVIRONMENT") != "demo" and (only_explains or command not in SIGNING):
        _lend_a_key()


def _wants_demo(arguments: Sequence[str], command: str) -> bool:
    """`manage.py --demo COMMAND`, or by the environment."""
    before = arguments[: arguments.index(command)] if command else arguments
    return "--demo" in before or os.environ.get("ENVIRONMENT") == "demo"


def _find_demo(command: str) -> None:
    """Where the demo runs and nothing of one's own is set up, or DATA_DIR names the demo's, its database is meant."""
    demo = running_demo(_demo_data())
    if demo is None:
        return
    if os.environ.get("DATA_DIR") or not _has_own_database():
        os.environ.update(demo)
        click.echo(IN_DEMO.format(command=command), err=True)
    else:
        click.echo(BESIDE_DEMO.format(command=command), err=True)


def _has_own_database() -> bool:
    given = {**read_dotenv(), **os.environ}
    return any(given.get(name) for name in OWN) or any((ROOT / ".data").glob("postgres*"))


def _demo_data() -> Path:
    return Path(os.environ.get("DATA_DIR") or DEMO_DATA)


def demo_settings(arguments: Sequence[str]) -> dict[str, str]:
    """Whatever else the environment says counts for the demo, too."""
    port = _option(arguments, "--port") or os.environ.get("PORT") or "8000"
    data = _demo_data().absolute()
    return {
        "ENVIRONMENT": "demo",
        "DATA_DIR": str(data),
        "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        "BASE_URL": os.environ.get("BASE_URL", f"http://127.0.0.1:{port}"),
        "MAIL_URL": f"file:{data}/mail",
        "MEDIA_URL": "",
        "BAND_NAME": "The Slow Ferries",
        "PAYMENT_PROVIDERS": "demo",
        **{name: os.environ.get(name, value) for name, value in DEMO_SELLER.items()},
    }


def read_dotenv() -> Mapping[str, str]:
    """The settings in `.env`. Stops with one line where it cannot be read."""
    try:
        return {name: value for name, value in dotenv_values(ROOT / ".env").items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f".env cannot be read: {error}") from None


def _option(arguments: Sequence[str], name: str) -> str | None:
    """`--name value` or `--name=value`."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def _lend_a_key() -> None:
    given = {**read_dotenv(), **os.environ}
    if not given.get("SECRET_KEY") and given.get("ENVIRONMENT") != "production":
        os.environ["SECRET_KEY"] = DEVELOPMENT_KEY
