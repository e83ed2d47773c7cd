"""Taking a picture from outside."""

from hashlib import sha256
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db.database import Database
from apps.core.errors import TooLarge
from apps.core.jobs import enqueue
from apps.media.jobs import render_image
from apps.media.models import Image, ImageState
from apps.media.pictures import Header, in_turn, read_header
from apps.media.repositories import ImageRepository
from apps.media.storage import keep_original

LARGEST_FILE = 15 * 1024 * 1024


async def take_upload(db: Database, data: bytes, *, actor: str) -> Image:
    """The picture with its address; a job makes the versions that fans see. The same file again is the same image.

    The row comes first, which keeps the files from being swept; nothing is locked while the store answers.
    Raises TooLarge, NotAPicture, TooManyPixels.
    """
    if len(data) > LARGEST_FILE:
        raise TooLarge
    header, digest = await in_turn(lambda: (read_header(data), sha256(data).digest()))
    id = await _note(db, header, digest=digest, size=len(data))
    is_new = await keep_original(digest, data)
    async with db.begin() as session:
        image = await ImageRepository(session=session).lock(id)
        if is_new:
            _record(session, image, actor=actor)
        if is_new or image.state is ImageState.failed:
            image.move(ImageState.waiting)
        if image.state is ImageState.waiting:
            await enqueue(session, render_image.call(image_id=id, dedupe_key=f"{render_image.name}:{id}"))
    return image


async def _note(db: Database, header: Header, *, digest: bytes, size: int) -> UUID:
    """A new row, or the one that there is. It waits for a sweep of this very picture, and comes after it."""
    facts = {"media_type": header.media_type, "width": header.width, "height": header.height}
    new = insert(Image).values(id=uuid7(), hash=digest, size=size, state=ImageState.waiting, **facts)
    sent = new.on_conflict_do_update(index_elements=["hash"], set_={"used_at": func.clock_timestamp()})
    async with db.begin() as session:
        return (await session.scalars(sent.returning(Image.id))).one()


def _record(session: AsyncSession, image: Image, *, actor: str) -> None:
    facts = {name: getattr(image, name) for name in ("size", "media_type", "width", "height")}
    record(session, "media.take_upload", image, actor=actor, after={"hash": image.hash.hex(), **facts})
