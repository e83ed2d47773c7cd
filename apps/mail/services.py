"""Sending mail: marked before it goes out and after, so that a repeated job sends it again only if it never went."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import cache
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import Dialect, Executable, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from apps.core.db.database import Database
from apps.core.db.errors import is_away
from apps.core.jobs import NotYet
from apps.core.privacy.person import NOBODY
from apps.mail.models import Mail
from apps.mail.outbox import outbox
from project.settings import settings

LONGEST_DELIVERY = timedelta(seconds=40)
ABANDONED = timedelta(seconds=60)
"""Longer than a delivery takes, and the note that it went."""
PAUSE = 1.0
MAILS = Mail.table()
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """`key` names the mail for ever; `owner_id` is what it is about."""

    key: str
    owner_id: UUID
    to: str
    subject: str
    text: str
    html: str


async def send(db: Database, letter: Letter) -> None:
    """Once, and never to somebody who was erased.

    It is marked before the mail server has it, and after; between the two a kill leaves one such letter. Raises NotYet
    while another process may have it in hand. Why, and what may still come twice: docs/decisions/mail.md.
    """
    if letter.to == NOBODY:
        return
    message = await asyncio.to_thread(compose, letter)
    async with outbox().turn() as transport:
        moment = await _mark_as_being_sent(db, letter)
        if moment is None:
            return
        message["Date"] = format_datetime(moment)
        try:
            async with asyncio.timeout(LONGEST_DELIVERY.total_seconds()):
                await transport.deliver(message)
        except Exception:
            await _unmark(db, letter)
            raise
        await _mark_as_sent(db, letter)


async def _mark_as_being_sent(db: Database, letter: Letter) -> datetime | None:
    """When, or None for one that was sent. A mark that is older than any delivery was left by the dead."""
    given = {
        "given_id": uuid7(),
        "given_key": letter.key,
        "given_owner": letter.owner_id,
        "given_recipient": letter.to,
        "given_subject": letter.subject,
    }
    async with db.statements() as connection:
        if row := (await connection.execute(_mark(connection.dialect), given)).first():
            return cast(datetime, row.sending_since)
        found = select(Mail.sent_at).where(Mail.key == letter.key)
        if (await connection.execute(found)).scalar_one() is None:
            raise NotYet(ABANDONED, "another process may be sending it")
    return None


@cache
def _mark(dialect: Dialect) -> Executable:
    """Compiled once: SQLAlchemy 2.0 compiles every ON CONFLICT anew."""
    new = insert(Mail).values(
        id=bindparam("given_id", type_=MAILS.c.id.type),
        key=bindparam("given_key", type_=MAILS.c.key.type),
        owner_id=bindparam("given_owner", type_=MAILS.c.owner_id.type),
        recipient=bindparam("given_recipient", type_=MAILS.c.recipient.type),
        subject=bindparam("given_subject", type_=MAILS.c.subject.type),
        sending_since=func.clock_timestamp(),
    )
    is_free = Mail.sending_since.is_(None) | (Mail.sending_since < func.clock_timestamp() - ABANDONED)
    mine = new.on_conflict_do_update(
        index_elements=["key"],
        set_={"sending_since": func.clock_timestamp()},
        where=Mail.sent_at.is_(None) & is_free,
    )
    return cast(Executable, mine.returning(Mail.sending_since).compile(dialect=dialect))


async def _unmark(db: Database, letter: Letter) -> None:
    """It did not go, as far as anybody can say. What cannot be written runs out by itself."""
    try:
        await _write(db, letter, sending_since=None)
    except Exception as error:
        log.warning("mail.still_marked", key=letter.key, reason=repr(error))


async def _mark_as_sent(db: Database, letter: Letter) -> None:
    """Until it is written: a letter that went must not go again because the database was away at that moment."""
    while True:
        try:
            await _write(db, letter, sent_at=func.clock_timestamp())
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("mail.not_marked_yet", key=letter.key, reason=repr(error))
            await asyncio.sleep(PAUSE)
        else:
            return


async def _write(db: Database, letter: Letter, **values: Any) -> None:
    async with db.statements() as connection:
        await connection.execute(update(Mail).where(Mail.key == letter.key).values(values))


def compose(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = formataddr((settings.band_name, settings.mail_from))
    message["To"] = letter.to
    message["Subject"] = _one_line(letter.subject)
    message["Message-ID"] = message_id(letter.key)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def message_id(key: str) -> str:
    """Of the mail with this key."""
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{settings.mail_from.partition('@')[2]}>"


def _one_line(subject: str) -> str:
    """Titles may hold what ends a line, also as an encoded word (RFC 2047), which `email` decodes and writes raw."""
    return " ".join(subject.split()).replace("=?", "= ?")
