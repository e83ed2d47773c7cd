"""Reading the mails that MAIL_URL keeps in a folder (`file:`)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from apps.core.errors import NotFound
from apps.mail.transports import Folder

PAGE = 25


@dataclass(frozen=True, slots=True)
class KeptMail:
    id: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    html: str


def mails_of_page(folder: Folder, number: int) -> tuple[list[KeptMail], bool]:
    """Of the newest first, those of the page `number` (from 1), and whether older ones follow. Blocks: reads files."""
    paths = sorted(folder.path.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    end = number * PAGE
    return [_read(path) for path in paths[end - PAGE : end]], len(paths) > end


def mail_by_id(folder: Folder, id: str) -> KeptMail:
    """`id`: the file's name without its ending, already known to be hex. Blocks."""
    path = folder.path / f"{id}.eml"
    if not path.is_file():
        raise NotFound
    return _read(path)


def _read(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    return KeptMail(
        id=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        sent_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
