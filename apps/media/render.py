"""Making the versions of a picture that fans see."""

from uuid import UUID

import structlog

from apps.core.db.database import Database
from apps.media.models import ImageState
from apps.media.pictures import NotAPicture, in_turn, versions
from apps.media.repositories import ImageRepository
from apps.media.storage import keep_version, read_original

log = structlog.get_logger(__name__)


async def render(db: Database, image_id: UUID) -> None:
    """No transaction is open meanwhile; done twice, the same files are written twice."""
    async with db.begin() as session:
        image = await ImageRepository(session=session).get_one_or_none(id=image_id)
    if image is None or image.state is not ImageState.waiting:
        return
    try:
        await in_turn(_write_versions, image.hash)
        state = ImageState.ready
    except NotAPicture as error:
        log.warning("picture.unreadable", image=str(image_id), reason=repr(error.__cause__))
        state = ImageState.failed
    async with db.begin() as session:
        image = await ImageRepository(session=session).lock(image_id)
        image.move(state)


def _write_versions(digest: bytes) -> None:
    for width, data in versions(read_original(digest)):
        keep_version(digest, width, data)
