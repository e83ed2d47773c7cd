"""A mail goes out once, whatever becomes of the job that sends it."""

import asyncio
from uuid import uuid4

import pytest

from apps.core.db.database import Database
from apps.mail import outbox
from apps.mail.services import Letter, compose, send
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio


class Post:
    """Takes mails; `broken` as long as it is not mended."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.broken = False

    async def deliver(self, message: object) -> None:
        if self.broken:
            raise ConnectionRefusedError
        self.taken.append(message["Message-ID"])

    async def close(self) -> None:
        pass


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setattr(outbox, "transport", lambda url: post)
    return post


def letter(key: str = "order-delivered:1") -> Letter:
    return Letter(key, uuid4(), "fan@example.org", "Your order", "text", "<p>html</p>")


async def test_the_same_mail_is_sent_once(db: Database, post: Post) -> None:
    for _ in range(3):
        await send(db, letter())
    await send(db, letter("order-delivered:2"))
    assert len(post.taken) == len(set(post.taken)) == 2


async def test_a_mail_that_could_not_be_sent_is_sent_by_the_next_try(db: Database, post: Post) -> None:
    post.broken = True
    with pytest.raises(ConnectionRefusedError):
        await send(db, letter())
    assert await sql(db, "SELECT sent_at FROM mail") == [(None,)]
    post.broken = False
    await send(db, letter())
    await send(db, letter())
    assert len(post.taken) == 1


async def test_a_crash_between_sending_and_noting_repeats_the_very_same_mail(db: Database, post: Post) -> None:
    await send(db, letter())
    await sql(db, "UPDATE mail SET sent_at = NULL, sending_since = now() - interval '2 minutes'")
    await send(db, letter())
    assert (len(post.taken), len(set(post.taken))) == (2, 1)


async def test_many_jobs_for_one_mail_note_it_once(db: Database, post: Post) -> None:
    await asyncio.gather(*(send(db, letter()) for _ in range(5)))
    assert len(post.taken) == 1
    assert len(await sql(db, "SELECT * FROM mail WHERE sent_at IS NOT NULL")) == 1


def test_a_mail_has_text_and_html_and_an_id_of_its_key() -> None:
    message = compose(letter())
    assert message["Message-ID"] == compose(letter())["Message-ID"] != compose(letter("other"))["Message-ID"]
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
