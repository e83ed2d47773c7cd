"""What was really mailed."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256

from apps.core.db.database import Database
from apps.core.jobs import drain
from tests.journeys.customer import MAILS, sql


async def newest_letter(db: Database) -> EmailMessage:
    """After the work that is due was done."""
    await drain(db)
    (newest,) = await sql(db, "SELECT key FROM mail ORDER BY id DESC LIMIT 1")
    name = sha256(newest.key.encode()).hexdigest()[:32]
    letters = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in MAILS.glob("*.eml"))
    return next(each for each in letters if name in each["Message-ID"])


async def letters_to(db: Database, address: str, *, subject: str) -> list[EmailMessage]:
    """Whose subject begins so, after the work that is due was done."""
    await drain(db)
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in MAILS.glob("*.eml")]
    return [each for each in letters if each["To"] == address and each["Subject"].startswith(subject)]


async def was_told(db: Database, words: str) -> bool:
    """Whether a letter says so, after the work that is due was done; those of one moment are sent in any order."""
    await drain(db)
    letters = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in MAILS.glob("*.eml"))
    return any(words in text_of(each) for each in letters)


def text_of(letter: EmailMessage) -> str:
    return str(letter.get_body(("plain",)).get_content())


def token_in(letter: EmailMessage) -> str:
    """Of the link in it."""
    return re.search(r"[?&]token=([\w.-]+)", text_of(letter))[1]
