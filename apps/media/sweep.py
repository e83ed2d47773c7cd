"""Removing the pictures that nothing shows."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record
from apps.core.db import Database
from apps.media.models import Image
from apps.media.shown import shown_pictures
from apps.media.storage import remove

AT_ONCE = 20
KEPT = timedelta(weeks=1)
PATIENCE = 30
"""Seconds; the database ends a transaction that is idle for a minute, and with it the locks."""


async def sweep(db: Database) -> int:
    """Removes AT_ONCE pictures at most, and their files, which nothing shows and nobody sent in a week; how many.

    They stay locked while the store answers, so that who sends or shows one of them meanwhile comes after it. Nothing
    else waits for a picture that nothing shows. What is interrupted has lost its original first: sent again, it is
    made anew.
    """
    async with db.begin() as session:
        images = await _lock_unused(session)
        async with asyncio.timeout(PATIENCE):
            for image in images:
                await remove(image.hash)
        for image in images:
            record(session, "media.delete_image", image, before={"hash": image.hash.hex(), "size": image.size})
            await session.delete(image)
    return len(images)


async def _lock_unused(session: AsyncSession) -> Sequence[Image]:
    """A second statement sees what put one to use (`hold_pictures`) and was committed just before our lock."""
    shown = shown_pictures()
    is_shown = exists().where(shown.c.hash == Image.hash)
    unused = select(Image).where(Image.sent_at < func.now() - KEPT, ~is_shown).order_by(Image.id).limit(AT_ONCE)
    images = (await session.scalars(unused.with_for_update(of=Image, skip_locked=True))).all()
    hashes = [image.hash for image in images]
    used = set(await session.scalars(select(shown.c.hash).where(shown.c.hash.in_(hashes))))
    return [image for image in images if image.hash not in used]
