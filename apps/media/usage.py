"""Which pictures anything shows: asked of all columns that say so (`SHOWS_PICTURES`), whatever app they are of."""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import ARRAY, Column, LargeBinary, Select, Subquery, Text, cast, func, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.db.database import Base
from apps.media.models import Image
from apps.media.urls import FOLDER, hashes_in


async def hold_pictures(session: AsyncSession | AsyncConnection, texts: Iterable[str]) -> set[bytes]:
    """Keeps the pictures that the texts name from being swept until the transaction ends, and for a week from now.

    Returns the hashes that no picture has.
    """
    named = hashes_in(texts)
    if not named:
        return set()
    held = select(Image.id).where(Image.hash.in_(named)).order_by(Image.id).with_for_update(key_share=True)
    used = update(Image).where(Image.id.in_(held)).values(used_at=func.clock_timestamp()).returning(Image.hash)
    found = await session.execute(used, execution_options={"synchronize_session": False})
    return named.difference(found.scalars())


@cache
def shown_pictures() -> Subquery:
    """The `hash` of every picture, as often as it is shown."""
    tables = Base.metadata.sorted_tables
    columns = [column for table in tables for column in table.columns if "shows_pictures" in column.info]
    return union_all(*map(_named_in, columns)).subquery("shown")


def _named_in(column: Column[str]) -> Select[tuple[bytes]]:
    said = cast(column, Text)
    digits = func.regexp_matches(said, FOLDER, "g", type_=ARRAY(Text))[1]
    return select(func.decode(digits, "hex", type_=LargeBinary).label("hash")).where(said.contains("/media/"))
