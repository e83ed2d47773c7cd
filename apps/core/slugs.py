"""Slugs: the part of a page's address that names a thing."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.errors import AppError
from apps.core.i18n import lazy as _
from apps.core.importing import slugify
from apps.core.texts import END, SENTENCE

LONGEST = 100
WORD = r"[a-z0-9\u00df-\uffff]+"  # letters of other scripts too: titles that are imported have them
Slug = Annotated[
    str,
    Meta(
        max_length=200,
        pattern=rf"^{WORD}(-{WORD})*{END}",
        description="Small letters and digits, with single hyphens between words; made of the title if not given.",
        examples=["night-crossing"],
        extra={SENTENCE: _("Small letters and digits, with single hyphens between words.")},
    ),
]


class SlugTaken(AppError):
    status = 409
    type = "slug-taken"
    message = _("This slug belongs to something else already.")


async def choose_slug(session: AsyncSession, row: Any, *, wanted: str | None, words: str) -> str:
    """`wanted`, else the slug `row` has, else one made of `words`. SlugTaken when another row has it."""
    slug = wanted or row.slug or slugify(words)[:LONGEST].strip("-") or row.id.hex
    name = f"{type(row).__name__} {slug}"  # two who want the same one at once, one after the other
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    other: UUID | None = await session.scalar(
        select(type(row).id).where(type(row).slug == slug, type(row).id != row.id)
    )
    if other is not None:
        raise SlugTaken
    return slug
