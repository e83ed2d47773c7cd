"""Fetching pictures that lie elsewhere: asked for in the transaction that names them, a few at a time, until given up.

The rows are the queue: a job takes a few that are due, leaves a mark on them until when it has them, and looks for the
next ones when it is done. So one job at a time fetches, whatever number of workers there is and whichever is killed.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from obstore.exceptions import BaseError
from sqlalchemy import Update, func, select, update

from apps.core.audit import record
from apps.core.db.database import Database, now
from apps.core.db.repositories import LockingRepository
from apps.core.errors import TooLarge
from apps.core.events import publish
from apps.media.fetching.download import download
from apps.media.fetching.events import PictureFetched
from apps.media.fetching.models import FetchState, PictureFetch
from apps.media.fetching.problems import CannotFetch, FileTooLarge, Interrupted, NoPicture, NotKept, PictureTooLarge
from apps.media.models import Image
from apps.media.pictures import MEGAPIXELS, NotAPicture, TooManyPixels
from apps.media.upload import LARGEST_FILE, take_upload
from apps.media.urls import address

ACTOR = "fetch-pictures"
FETCHES = PictureFetch.table()
AT_ONCE = 4
CLAIM = timedelta(minutes=3)
"""Longer than any fetch takes; whoever was killed leaves its pictures to others then."""
PAUSES = tuple(timedelta(minutes=each) for each in (1, 5, 30, 120, 480))
"""Before each further try; after the last one it is given up."""
MOST_TRIES = len(PAUSES) + 1
log = structlog.get_logger(__name__)


class PictureFetchRepository(LockingRepository[PictureFetch]):
    model_type = PictureFetch


async def fetch_some(db: Database) -> bool:
    """A few of those that are due. Whether there may be more."""
    claimed = await _claim(db)
    await asyncio.gather(*(_fetch(db, id, url) for id, url in claimed))
    return bool(claimed)


async def _claim(db: Database) -> Sequence[tuple[UUID, str]]:
    """None while another job has some."""
    moment = func.clock_timestamp()
    async with db.begin() as session:
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(ACTOR))))
        if await session.scalar(select(FETCHES.c.id).where(FETCHES.c.claimed_until > moment).limit(1)):
            return ()
        await session.execute(_give_up_interrupted())
        due = select(FETCHES.c.id).where(FETCHES.c.state == FetchState.waiting, FETCHES.c.try_at <= moment)
        some = due.order_by(FETCHES.c.try_at).limit(AT_ONCE).with_for_update(skip_locked=True)
        claim = (
            update(FETCHES)
            .where(FETCHES.c.id.in_(some))
            .values(claimed_until=moment + CLAIM, tries=FETCHES.c.tries + 1)
        )
        return (await session.execute(claim.returning(FETCHES.c.id, FETCHES.c.url))).tuples().all()


def _give_up_interrupted() -> Update:
    """Who fetched them was killed each time, perhaps by them."""
    is_over = (FETCHES.c.state == FetchState.waiting) & (FETCHES.c.claimed_until.is_not(None))
    given_up = {"state": FetchState.failed, "reason": Interrupted.reason, "claimed_until": None}
    return update(FETCHES).where(is_over, FETCHES.c.tries >= MOST_TRIES).values(given_up)


async def _fetch(db: Database, id: UUID, url: str) -> None:
    try:
        image = await _take(db, url)
    except CannotFetch as problem:
        await _note_problem(db, id, problem)
    else:
        await _note_picture(db, id, image)


async def _take(db: Database, url: str) -> Image:
    """Through the same doors as an upload; nothing is locked meanwhile. Raises CannotFetch."""
    data = await download(url, most=LARGEST_FILE)
    try:
        return await take_upload(db, data, actor=ACTOR)
    except NotAPicture:
        raise NoPicture from None
    except TooManyPixels:
        raise PictureTooLarge(MEGAPIXELS) from None
    except TooLarge:
        raise FileTooLarge(LARGEST_FILE // 1024**2) from None
    except (BaseError, OSError) as error:
        log.error("picture.not_kept", url=url, reason=repr(error))
        raise NotKept from None


async def _note_problem(db: Database, id: UUID, problem: CannotFetch) -> None:
    async with db.begin() as session:
        fetch = await PictureFetchRepository(session=session).lock(id)
        if fetch.state is not FetchState.waiting:
            return  # it took so long that another has fetched it, or given it up
        fetch.claimed_until, fetch.reason, fetch.detail = None, problem.reason, problem.detail
        if problem.may_pass and fetch.tries < MOST_TRIES:
            fetch.try_at = await now(session) + PAUSES[fetch.tries - 1]
        else:
            fetch.move(FetchState.failed)
            record(session, "media.give_up", fetch, actor=ACTOR, after={"url": fetch.url, "why": fetch.reason})


async def _note_picture(db: Database, id: UUID, image: Image) -> None:
    async with db.begin() as session:
        fetch = await PictureFetchRepository(session=session).lock(id)
        fetch.move(FetchState.fetched)
        fetch.claimed_until, fetch.reason, fetch.detail, fetch.hash = None, "", "", image.hash
        await publish(session, PictureFetched(fetch.url, address(image.hash)))
