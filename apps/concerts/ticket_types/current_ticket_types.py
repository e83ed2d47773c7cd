"""The current ticket types of a concert: their rows, and each as the input that would leave it unchanged."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from apps.concerts.models import TicketType
from apps.concerts.staff_schemas import NameTexts, TicketTypeIn
from apps.concerts.ticket_types.ticket_types import MOST_TICKET_TYPES
from apps.core.db.archive import ArchiveFilter
from apps.orders.offers.terms import allocation_of, prices_of

TERMS = (selectinload(TicketType.prices), selectinload(TicketType.allocation))
MADE = ("prices", "allocation", "translations")


async def ticket_types_of(
    session: AsyncSession, concert_id: UUID, archive_filter: ArchiveFilter
) -> Sequence[TicketType]:
    """In their order, with their terms: three queries."""
    found = select(TicketType).where(TicketType.concert_id == concert_id).order_by(TicketType.position, TicketType.id)
    loaded = found.options(*TERMS).limit(MOST_TICKET_TYPES)
    return (await session.scalars(archive_filter.of(loaded, TicketType.archived_at))).all()


async def ticket_types_in_use(session: AsyncSession, concert_id: UUID) -> Sequence[TicketType]:
    return await ticket_types_of(session, concert_id, ArchiveFilter.in_use)


def as_written(ticket_type: TicketType, **changes: Any) -> TicketTypeIn:
    """With these changes. It was loaded with its prices and allocation."""
    facts = {name: getattr(ticket_type, name) for name in TicketTypeIn.__struct_fields__ if name not in MADE}
    written = TicketTypeIn(
        **facts,
        prices=prices_of(ticket_type),
        allocation=allocation_of(ticket_type),
        translations=names_of(ticket_type),
    )
    return replace(written, **changes)


def names_of(ticket_type: TicketType) -> dict[str, NameTexts]:
    """By language, other than the main one."""
    named = {locale: texts for locale, texts in ticket_type.translations.items() if "name" in texts}
    return {locale: NameTexts(texts["name"]) for locale, texts in named.items()}
