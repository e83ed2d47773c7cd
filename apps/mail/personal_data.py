"""What the log of mails holds about a person, and the letters that MAIL_URL keeps in a folder."""

import asyncio
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.privacy.holdings import Rows
from apps.core.privacy.person import NOBODY, Person
from apps.core.text.i18n import lazy as _
from apps.mail.models import Mail
from apps.mail.services import message_id
from apps.mail.transports import Folder, transport
from project.settings import settings

MAILS = Mail.table()


class MailRows(Rows):
    """A row stays, as it keeps its mail from being sent twice."""

    async def erase(self, connection: AsyncConnection, person: Person) -> None:
        keys = (await connection.execute(select(MAILS.c.key).where(self.theirs(person)))).scalars().all()
        kept_in = transport(settings.mail_url)
        if isinstance(kept_in, Folder):
            await asyncio.to_thread(_remove, [kept_in.file_of(message_id(key)) for key in keys])
        await super().erase(connection, person)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _theirs(person: Person) -> ColumnElement[bool]:
    return or_(person.has(MAILS.c.owner_id), person.has_address(MAILS.c.recipient))


HELD = (
    MailRows(
        table=MAILS,
        title=_("Mails sent to you"),
        theirs=_theirs,
        erased={"recipient": NOBODY, "subject": ""},
        kept={"key": "names the mail by an id, so that it is not sent twice"},
    ),
)
