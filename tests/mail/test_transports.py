"""Mail leaves by the way that MAIL_URL names: a real SMTP server, a folder, the console."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS, Lane, NotYet
from apps.mail import outbox, services
from apps.mail.services import Letter, compose, send
from apps.mail.transports import Console, transport
from project.settings import settings
from tests.conftest import free_port
from tests.core.unsteady import unsteady
from tests.journeys.customer import sql
from tests.kernel.processes import until
from tests.mail.sink import Sink, listening

pytestmark = pytest.mark.anyio


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


def letter() -> Letter:
    return Letter(f"test:{uuid4()}", uuid4(), "fan@example.org", "Ваш заказ", "Код: ABC", "<p>Код: ABC</p>")


async def test_by_smtp_once(sink: Sink, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "transport", lambda _: transport(sink.url))
    written = letter()
    await send(db, written)
    await send(db, written)
    (mail,) = sink.mails
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert (read["To"], read["Subject"]) == ("fan@example.org", "Ваш заказ")
    assert settings.band_name in read["From"]
    assert "Код: ABC" in read.get_body(("plain",)).get_content()


async def test_letters_that_follow_one_another_share_a_connection(
    sink: Sink, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "transport", lambda _: transport(sink.url))
    await asyncio.gather(*(send(db, letter()) for _ in range(20)))
    assert (len(sink.mails), sink.connections) == (20, 1)
    await send(db, letter())
    assert (len(sink.mails), sink.connections) == (21, 2)


async def test_a_connection_that_the_server_ended_is_made_anew(sink: Sink) -> None:
    smtp = transport(sink.url)
    await smtp.deliver(compose(letter()))
    smtp._client.transport.abort()
    await smtp.deliver(compose(letter()))
    await smtp.close()
    assert (len(sink.mails), sink.connections) == (2, 2)


class TestMarks:
    async def test_what_another_process_has_in_hand_is_left_to_it(
        self, sink: Sink, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(outbox, "transport", lambda _: transport(sink.url))
        written = letter()
        await send(db, written)
        await sql(db, "UPDATE mail SET sent_at = NULL")
        with pytest.raises(NotYet):
            await send(db, written)
        assert len(sink.mails) == 1
        await sql(db, "UPDATE mail SET sending_since = sending_since - interval '2 minutes'")
        await send(db, written)
        first, second = sink.mails
        assert first["Message-ID"] == second["Message-ID"]

    async def test_what_did_not_go_is_free_at_once(
        self, sink: Sink, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        written = letter()
        monkeypatch.setattr(outbox, "transport", lambda _: transport(f"smtp://127.0.0.1:{free_port()}"))
        with pytest.raises(OSError, match=r"refused|connect"):
            await send(db, written)
        monkeypatch.setattr(outbox, "transport", lambda _: transport(sink.url))
        await send(db, written)
        assert len(sink.mails) == 1

    async def test_what_went_is_marked_although_the_database_was_away(
        self, sink: Sink, database_url: str, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(services, "PAUSE", 0.01)
        monkeypatch.setattr(outbox, "transport", lambda _: transport(sink.url))
        sink.pause = 0.5
        async with unsteady(database_url) as way:
            far = Database(way.url)
            sending = asyncio.create_task(send(far, letter()))
            await until(lambda: has_come(sink))
            way.close()
            await asyncio.sleep(2 * sink.pause)
            assert not sending.done()
            await way.open()
            await sending
            await far.close()
        [(sent_at,)] = await sql(db, "SELECT sent_at FROM mail")
        assert sent_at is not None
        assert len(sink.mails) == 1


async def has_come(sink: Sink) -> bool:
    return bool(sink.mails)


def test_letters_wait_in_a_lane_of_their_own() -> None:
    named = {name: each.lane for name, each in JOBS.items() if ".mail" in name}
    assert len(named) > 5
    assert set(named.values()) == {Lane.mail}


async def test_a_server_that_is_away_is_an_error_for_the_job_to_repeat(db: Database, monkeypatch) -> None:
    monkeypatch.setattr(outbox, "transport", lambda _: transport(f"smtp://127.0.0.1:{free_port()}"))
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
@pytest.mark.parametrize("subject", ["{}", "“{}” is cancelled", "{}: заказ"])
def test_no_title_adds_to_the_headers(title: str, subject: str) -> None:
    plain, odd = letter(), replace(letter(), subject=subject.format(title))
    read = message_from_bytes(compose(odd).as_bytes(), policy=policy.default)
    assert read.keys() == message_from_bytes(compose(plain).as_bytes(), policy=policy.default).keys()
    assert "Код: ABC" in read.get_body(("plain",)).get_content()
