"""Sending mail: logged before it goes out and after, so that a repeated job sends it again only if it never went."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from apps.core.db import Database, now
from apps.mail.models import Mail
from apps.mail.transports import transport
from project.settings import settings


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
    """Between the provider's "taken" and our note of it a crash sends a mail again, with the same Message-ID."""
    async with db.begin() as session:
        values = {
            "id": uuid7(),
            "key": letter.key,
            "owner_id": letter.owner_id,
            "recipient": letter.to,
            "subject": letter.subject,
        }
        await session.execute(insert(Mail).values(values).on_conflict_do_nothing())
        sent_at = (await session.execute(select(Mail.sent_at).where(Mail.key == letter.key))).scalar_one()
        moment = await now(session)
    if sent_at is not None:
        return
    message = compose(letter)
    message["Date"] = format_datetime(moment)
    await transport(settings.mail_url).deliver(message)
    async with db.begin() as session:
        await session.execute(update(Mail).where(Mail.key == letter.key).values(sent_at=func.clock_timestamp()))


def compose(letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"] = formataddr((settings.band_name, settings.mail_from))
    message["To"] = letter.to
    message["Subject"] = _one_line(letter.subject)
    message["Message-ID"] = f"<{sha256(letter.key.encode()).hexdigest()[:32]}@{settings.mail_from.partition('@')[2]}>"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _one_line(subject: str) -> str:
    """Titles may hold what ends a line, also as an encoded word (RFC 2047), which `email` decodes and writes raw."""
    return " ".join(subject.split()).replace("=?", "= ?")
