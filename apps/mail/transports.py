"""Where mail goes, by MAIL_URL: `console:`, `file:<folder>` (one .eml each), `smtp://user:password@host:port`, `smtps://…`."""

import asyncio
import sys
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib


class Transport(Protocol):
    async def deliver(self, message: EmailMessage) -> None: ...


class Console:
    async def deliver(self, message: EmailMessage) -> None:
        await asyncio.to_thread(sys.stderr.write, f"{message}\n")


class Folder:
    """The same mail again is the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def deliver(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = sha256(message["Message-ID"].encode()).hexdigest()[:32]
        draft = self.path / f"{name}.tmp"
        draft.write_bytes(bytes(message))
        draft.replace(self.path / f"{name}.eml")


class Smtp:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.tls = parts.scheme == "smtps"
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or (465 if self.tls else 587)
        self.username = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None

    async def deliver(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls,
            timeout=20,
        )


def transport(url: str) -> Transport:
    scheme, _, rest = url.partition(":")
    if scheme == "console":
        return Console()
    if scheme == "file":
        return Folder(Path(rest.removeprefix("//")))
    return Smtp(url)
