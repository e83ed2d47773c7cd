"""Taking a picture from outside."""

from hashlib import sha256
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.errors import TooLarge
from apps.core.jobs import enqueue
from apps.media.jobs import render_image
from apps.media.models import Image, ImageState
from apps.media.pictures import Header, in_turn, read_header
from apps.media.repositories import ImageRepository
from apps.media.storage import keep_original

LARGEST_FILE = 15 * 1024 * 1024


async def take_upload(session: AsyncSession, data: bytes, *, actor: str) -> Image:
    """The picture with its address; a job makes the versions that fans see. The same file again is the same image.

    Call it before anything is locked: the file is stored first. Raises TooLarge, NotAPicture, TooManyPixels.
    """
    if len(data) > LARGEST_FILE:
        raise TooLarge
    header, digest = await in_turn(lambda: (read_header(data), sha256(data).digest()))
    await keep_original(digest, data)
    image = await _image(session, header, digest=digest, size=len(data), actor=actor)
    if image.state is ImageState.failed:
        image.move(ImageState.waiting)
    if image.state is ImageState.waiting:
        await enqueue(session, render_image.call(image_id=image.id, once=f"{render_image.name}:{image.id}"))
    await session.flush()
    return image


async def _image(session: AsyncSession, header: Header, *, digest: bytes, size: int, actor: str) -> Image:
    """A new row, or the one that there is, locked."""
    facts: dict[str, Any] = {"media_type": header.media_type, "width": header.width, "height": header.height}
    new = insert(Image).values(hash=digest, size=size, state=ImageState.waiting, **facts)
    added = await session.scalars(new.on_conflict_do_nothing(index_elements=["hash"]).returning(Image))
    if image := added.one_or_none():
        record(session, "media.take_upload", image, actor=actor, after={"hash": digest.hex(), "size": size, **facts})
        return image
    known = await ImageRepository(session=session).lock_one(Image.hash == digest)
    if known is None:
        raise LookupError(f"image {digest.hex()}")
    return known
