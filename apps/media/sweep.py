"""Removing the pictures that nothing shows."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from obstore.exceptions import BaseError
from sqlalchemy import exists, func, select

from apps.core.audit import record
from apps.core.db.database import Database
from apps.media.models import Image
from apps.media.storage import remove
from apps.media.usage import shown_pictures

KEPT = timedelta(weeks=1)
IS_OLD = Image.used_at < func.now() - KEPT
MOST = 1000
PATIENCE = 2
"""Seconds that the store has for one picture: who waits for its row has more patience (IN_REQUESTS)."""
log = structlog.get_logger(__name__)


async def sweep(db: Database) -> None:
    """Removes the pictures that nothing shows and nobody used in a week, MOST of them at once, with their files."""
    for id in await _find_unused(db):
        try:
            await _remove(db, id)
        except (TimeoutError, BaseError) as error:
            log.error("picture.not_removed", image=str(id), reason=repr(error))


async def _find_unused(db: Database) -> Sequence[UUID]:
    """All texts are read for this: once a night, and while nothing is locked."""
    shown = shown_pictures()
    is_shown = exists().where(shown.c.hash == Image.hash)
    async with db.begin() as session:
        return (await session.scalars(select(Image.id).where(IS_OLD, ~is_shown).order_by(Image.id).limit(MOST))).all()


async def _remove(db: Database, id: UUID) -> None:
    """Unless somebody uses it meanwhile (`hold_pictures`, `take_upload`): then it is held, or old no more.

    It stays locked while the store answers, so that who sends or shows it then comes after it. What is interrupted has
    lost its original first: sent again, it is made anew.
    """
    still_unused = select(Image).where(Image.id == id, IS_OLD).with_for_update(skip_locked=True)
    async with db.begin() as session:
        image = await session.scalar(still_unused)
        if image is None:
            return
        async with asyncio.timeout(PATIENCE):
            await remove(image.hash)
        record(session, "media.delete_image", image, before={"hash": image.hash.hex(), "size": image.size})
        await session.delete(image)
