"""Where mail goes, by MAIL_URL: `console:`, `file:<folder>` (one .eml each), `smtp://user:password@host:port`, `smtps://…`."""

import asyncio
import sys
from contextlib import suppress
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

PATIENCE = 20.0
"""Seconds for each answer of a mail server."""
FRESH = 1.0
"""Seconds in which a connection is taken to be alive; should it have ended, the letter's job comes again."""


class Transport(Protocol):
    """Takes one letter after the other."""

    async def deliver(self, message: EmailMessage) -> None: ...

    async def close(self) -> None:
        """No letter follows for now."""


class Console(Transport):
    async def deliver(self, message: EmailMessage) -> None:
        await asyncio.to_thread(sys.stderr.write, f"{message}\n")

    async def close(self) -> None:
        """Nothing is open."""


class Folder(Transport):
    """The same mail again is the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def deliver(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._write, message)

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, message: EmailMessage) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.file_of(message["Message-ID"])
        draft = file.with_suffix(".tmp")
        draft.write_bytes(bytes(message))
        draft.replace(file)

    def file_of(self, message_id: str) -> Path:
        """Where the mail with this Message-ID is kept."""
        return self.path / f"{sha256(message_id.encode()).hexdigest()[:32]}.eml"


class Smtp(Transport):
    """Connects with the first letter."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.tls = parts.scheme == "smtps"
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or (465 if self.tls else 587)
        self.username = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None
        self._client: aiosmtplib.SMTP | None = None
        self._used_at = 0.0

    async def deliver(self, message: EmailMessage) -> None:
        client = await self._connected()
        await client.send_message(message)
        self._used_at = monotonic()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client and client.is_connected:
            try:
                await client.quit()
            finally:
                client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        """Servers end a connection after some letters, or some minutes."""
        if self._client and self._client.is_connected:
            if monotonic() - self._used_at < FRESH:
                return self._client
            with suppress(aiosmtplib.SMTPException):
                await self._client.noop()
                return self._client
            self._client.close()
        self._client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls,
            timeout=PATIENCE,
        )
        await self._client.connect()
        return self._client


def transport(url: str) -> Transport:
    scheme, _, rest = url.partition(":")
    if scheme == "console":
        return Console()
    if scheme == "file":
        return Folder(Path(rest.removeprefix("//")))
    return Smtp(url)
