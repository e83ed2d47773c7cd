"""What manage.py sets before the settings are read: the demo's own, and a key for commands that sign nothing."""

import os
from collections.abc import Sequence
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "only-for-development-and-known-to-everybody"
SIGNING = ("run", "worker", "shell")


def prepare(arguments: Sequence[str]) -> None:
    """The demo never takes its settings from `.env`, so that it cannot touch a real band's data."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    if command == "demo":
        os.environ.update(demo_settings(arguments))
    elif command not in SIGNING or {"-h", "--help"} & set(arguments):
        _lend_a_key()


def demo_settings(arguments: Sequence[str]) -> dict[str, str]:
    port = _option(arguments, "--port") or "8000"
    data = ROOT / ".data" / "demo"
    return {
        "ENVIRONMENT": "demo",
        "DATA_DIR": os.environ.get("DATA_DIR", str(data)),
        "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        "BASE_URL": os.environ.get("BASE_URL", f"http://127.0.0.1:{port}"),
        "MAIL_URL": f"file:{os.environ.get('DATA_DIR', data)}/mail",
        "MEDIA_URL": "",
        "BAND_NAME": "The Slow Ferries",
        "PAYMENT_PROVIDERS": "demo",
    }


def _option(arguments: Sequence[str], name: str) -> str | None:
    """`--name value` or `--name=value`."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def _lend_a_key() -> None:
    given = {**dotenv_values(ROOT / ".env"), **os.environ}
    if not given.get("SECRET_KEY") and given.get("ENVIRONMENT") != "production":
        os.environ["SECRET_KEY"] = DEVELOPMENT_KEY
