"""Slugs: the part of a page's address that names a thing. One that it had before still leads to it."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta
from sqlalchemy import Table, delete, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.bulk import among, upsert_rows
from apps.core.errors import AppError, NotFound
from apps.core.importing import slugify
from apps.core.models import FormerSlug
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import END, SENTENCE

LONGEST = 100
MOST_NAMESAKES = 100
FORMER = FormerSlug.table()
WORD = r"[a-z0-9\u00df-\uffff]+"  # letters of other scripts too: titles that are imported have them
Slug = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=rf"^{WORD}(-{WORD})*{END}",
        description="Small letters and digits, with single hyphens between words; made up if not given.",
        examples=["night-crossing"],
        extra={SENTENCE: _("Small letters and digits, with single hyphens between words.")},
    ),
]


class SlugTaken(AppError):
    status = 409
    type = "slug-taken"
    message = _("This URL is already in use.")
    about = ("slug",)


async def choose_slug(session: AsyncSession, row: Any, *, wanted: str | None, words: str) -> str:
    """`wanted`, else the slug `row` has, else one made of `words`, numbered when others have it too.

    Raises SlugTaken when another row has the one that is wanted.
    """
    if not (wanted or row.slug):
        return await _made_up(session, row, words)
    slug: str = wanted or row.slug
    await _lock(session, row, slug)
    if await _taken(session, row, [slug]):
        raise SlugTaken
    await _remember(session, row, slug)
    return slug


async def follow_words(session: AsyncSession, row: Any, *, was: str, words: str) -> str:
    """The slug `row` has; where it was made of `was`, another one made of `words`."""
    stem = _stem(was)
    is_made_up = row.slug == stem or row.slug.startswith(f"{stem}-")
    if not is_made_up or _stem(words) == stem:
        return str(row.slug)
    slug = await _made_up(session, row, words)
    await _remember(session, row, slug)
    return slug


async def present_slug(connection: AsyncConnection, table: Table, slug: str) -> str:
    """Of what was called `slug` before. Raises NotFound."""
    found = select(table.c.slug).join(FORMER, FORMER.c.row_id == table.c.id)
    former = found.where(FORMER.c.kind == table.name, FORMER.c.slug == slug)
    present: str | None = (await connection.execute(former)).scalar()
    if present is None:
        raise NotFound
    return present


async def taken_slugs(session: AsyncSession, kind: Any, slugs: Sequence[str], *, but_of: Any = None) -> set[str]:
    """Those that rows of `kind` have, or have had; not counting the row with the id `but_of`."""
    had = select(FORMER.c.slug).join(kind, kind.id == FORMER.c.row_id)
    had = had.where(FORMER.c.kind == kind.__tablename__, among(FORMER.c.slug, slugs))
    have = select(kind.slug).where(among(kind.slug, slugs))
    if but_of is not None:
        had, have = had.where(FORMER.c.row_id != but_of), have.where(kind.id != but_of)
    return set(await session.scalars(union_all(have, had)))


def _stem(words: str) -> str:
    return slugify(words)[:LONGEST].strip("-")


async def _made_up(session: AsyncSession, row: Any, words: str) -> str:
    slug = _stem(words) or row.id.hex
    await _lock(session, row, slug)
    numbers = [*map(str, range(2, MOST_NAMESAKES + 1)), row.id.hex]
    names = [slug, *(f"{slug}-{number}" for number in numbers)]
    taken = await _taken(session, row, names)
    return next(name for name in names if name not in taken)


async def _remember(session: AsyncSession, row: Any, slug: str) -> None:
    """The slug that `row` gives up for `slug`."""
    if not row.slug or row.slug == slug:
        return
    kind = type(row).__tablename__
    connection = await session.connection()
    await connection.execute(delete(FORMER).where(FORMER.c.kind == kind, FORMER.c.slug == slug))
    await upsert_rows(connection, FORMER, [{"kind": kind, "slug": row.slug, "row_id": row.id}])


async def _lock(session: AsyncSession, row: Any, slug: str) -> None:
    """Two who want the same one at once, one after the other."""
    name = f"{type(row).__name__} {slug}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def _taken(session: AsyncSession, row: Any, slugs: Sequence[str]) -> set[str]:
    return await taken_slugs(session, type(row), slugs, but_of=row.id)
