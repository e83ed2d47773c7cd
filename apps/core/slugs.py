"""Slugs: the part of a page's address that names a thing."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.bulk import among
from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.core.importing import slugify
from apps.core.texts import END, SENTENCE

LONGEST = 100
MOST_NAMESAKES = 100
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
    message = _("This slug belongs to something else already.")


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
    return slug


async def _made_up(session: AsyncSession, row: Any, words: str) -> str:
    slug = slugify(words)[:LONGEST].strip("-") or row.id.hex
    await _lock(session, row, slug)
    numbers = [*map(str, range(2, MOST_NAMESAKES + 1)), row.id.hex]
    names = [slug, *(f"{slug}-{number}" for number in numbers)]
    taken = await _taken(session, row, names)
    return next(name for name in names if name not in taken)


async def _lock(session: AsyncSession, row: Any, slug: str) -> None:
    """Two who want the same one at once, one after the other."""
    name = f"{type(row).__name__} {slug}"
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def _taken(session: AsyncSession, row: Any, slugs: Sequence[str]) -> set[str]:
    kind = type(row)
    return set(await session.scalars(select(kind.slug).where(among(kind.slug, slugs), kind.id != row.id)))
