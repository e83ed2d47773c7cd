"""Mail leaves by the way that MAIL_URL names: a real SMTP server, a folder, the console."""

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from apps.core.db import Database
from apps.mail import services
from apps.mail.services import Letter, compose, send
from apps.mail.transports import Console, transport
from project.settings import settings
from tests.conftest import free_port

pytestmark = pytest.mark.anyio


class Sink(Message):
    """An SMTP server's other end: keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list = []

    def handle_message(self, message: object) -> None:
        self.mails.append(message)


@pytest.fixture
def sink():
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.url = f"smtp://127.0.0.1:{controller.port}"
    yield handler
    controller.stop()


def letter() -> Letter:
    return Letter(f"test:{uuid4()}", uuid4(), "fan@example.org", "Ваш заказ", "Код: ABC", "<p>Код: ABC</p>")


async def test_by_smtp_once(sink: Sink, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "transport", lambda _: transport(sink.url))
    written = letter()
    await send(db, written)
    await send(db, written)
    (mail,) = sink.mails
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert (read["To"], read["Subject"]) == ("fan@example.org", "Ваш заказ")
    assert settings.band_name in read["From"]
    assert "Код: ABC" in read.get_body(("plain",)).get_content()


async def test_a_server_that_is_away_is_an_error_for_the_job_to_repeat(db: Database, monkeypatch) -> None:
    monkeypatch.setattr(services, "transport", lambda _: transport(f"smtp://127.0.0.1:{free_port()}"))
    with pytest.raises(OSError, match=r"refused|connect"):
        await send(db, letter())


async def test_into_a_folder_once(tmp_path: Path) -> None:
    message = compose(letter())
    for _ in range(2):
        await transport(f"file:{tmp_path}/mails").deliver(message)
    (path,) = (tmp_path / "mails").iterdir()
    assert path.suffix == ".eml"


async def test_onto_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(transport("console:"), Console)
    await transport("console:").deliver(compose(letter()))
    assert "To: fan@example.org" in capsys.readouterr().err


@pytest.mark.parametrize(
    "title",
    [
        f"a =?utf-8?q?=0ABcc:_v@example.org?={' b' * 30}",
        f"a =?utf-8?q?=0AReply-To:_v@example.org=0A=0AClick?={' b' * 30}",
        "a =?x-unknown?q?=ff?= b",
        "a =?utf-8?q?=ED=A0=80?= b",
        "a\x85\u2028Bcc: v@example.org",
    ],
)
@pytest.mark.parametrize("subject", ["{}", "“{}” is called off", "{}: заказ"])
def test_no_title_adds_to_the_headers(title: str, subject: str) -> None:
    plain, odd = letter(), replace(letter(), subject=subject.format(title))
    read = message_from_bytes(compose(odd).as_bytes(), policy=policy.default)
    assert read.keys() == message_from_bytes(compose(plain).as_bytes(), policy=policy.default).keys()
    assert "Код: ABC" in read.get_body(("plain",)).get_content()
