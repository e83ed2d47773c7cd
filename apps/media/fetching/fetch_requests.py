"""Requests to fetch remote pictures, made in the transaction that names them, and their state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db.bulk import among
from apps.core.db.database import now
from apps.core.jobs import enqueue
from apps.media.fetching.fetches import FETCHES
from apps.media.fetching.jobs import fetch_pictures
from apps.media.fetching.models import FetchState, PictureFetch
from apps.media.models import Image
from apps.media.urls import address


@dataclass(frozen=True, slots=True)
class KnownFetch:
    """`address` is that of our picture, once it is fetched and still kept."""

    state: FetchState
    address: str | None


def is_elsewhere(url: str) -> bool:
    """Whether it is to be fetched; all other addresses are paths of this site."""
    return url.startswith(("http://", "https://"))


async def known_fetches(connection: AsyncConnection | AsyncSession, urls: Iterable[str]) -> Mapping[str, KnownFetch]:
    """What has become of those that were asked for before: one query."""
    asked = [url for url in set(urls) if is_elsewhere(url)]
    if not asked:
        return {}
    found = select(FETCHES.c.url, FETCHES.c.state, Image.hash).outerjoin(Image, Image.hash == FETCHES.c.hash)
    rows = await connection.execute(found.where(among(FETCHES.c.url, asked)))
    return {row.url: KnownFetch(row.state, address(row.hash) if row.hash else None) for row in rows}


async def ask_for(connection: AsyncConnection | AsyncSession, urls: Iterable[str]) -> None:
    """Those that lie elsewhere are fetched once this is committed. What was fetched before is fetched anew."""
    asked = sorted({url for url in urls if is_elsewhere(url)})
    if not asked:
        return
    new = insert(FETCHES).values([{"id": uuid7(), "url": url} for url in asked])
    fresh = {"state": FetchState.waiting, "tries": 0, "try_at": func.clock_timestamp(), "reason": "", "detail": ""}
    was_fetched = FETCHES.c.state == FetchState.fetched
    await connection.execute(new.on_conflict_do_update(index_elements=["url"], set_=fresh, where=was_fetched))
    await enqueue(connection, fetch_pictures.call(dedupe_key=fetch_pictures.name))


async def try_again(session: AsyncSession, fetch: PictureFetch, *, actor: str) -> None:
    """At once, and as often as at first. The row is locked."""
    if fetch.state is FetchState.fetched:
        return
    fetch.move(FetchState.waiting)
    fetch.tries, fetch.try_at = 0, await now(session)
    record(session, "media.retry", fetch, actor=actor, after={"url": fetch.url})
    await enqueue(session, fetch_pictures.call(dedupe_key=fetch_pictures.name))
