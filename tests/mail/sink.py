"""The other end of SMTP: a real server on loopback that keeps what it is given."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Mail

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.conftest import free_port


class Sink(Message):
    """`pause`: seconds that it thinks about a mail which it has already kept, before it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []
        self.connections = 0
        self.pause = 0.0
        self.url = ""

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str) -> str:
        self.connections += 1
        session.host_name = hostname
        return "250 HELP"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.pause)
        return answer

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)

    @property
    def times(self) -> Counter[str]:
        """How often each letter came."""
        return Counter(str(each["Message-ID"]) for each in self.mails)


@contextmanager
def listening() -> Iterator[Sink]:
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield handler
    finally:
        controller.stop()
