"""Ticket types: what can be bought of a concert. Their titles, sale windows and `active` follow the concert."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.models import Concert, TicketType
from apps.concerts.repositories import ConcertRepository, TicketTypeRepository
from apps.concerts.services import is_selling
from apps.concerts.staff_schemas import TicketTypeIn
from apps.core.archive import archive, refuse_archived, restore
from apps.core.audit import SYSTEM, assign, record
from apps.core.errors import AppError, Invalid
from apps.core.i18n import lazy as _
from apps.core.moments import in_utc
from apps.orders.pools import refuse_archived_pools
from apps.orders.terms import errors_in_terms, set_terms, terms_of

MOST_TICKET_TYPES = 100
LONGEST_CONCERT = 175
"""Characters of the concert's title in an offer's, so that both fit into it."""


class TooManyTicketTypes(AppError):
    status = 409
    type = "too-many-ticket-types"
    message = _("A concert has at most {limit} ticket types.")


class LastTicketType(AppError):
    status = 409
    type = "last-ticket-type"
    message = _("The concert is on sale and has no other ticket type. Stop the sale first.")


async def add_ticket_type(
    session: AsyncSession, concert: Concert, wanted: TicketTypeIn, *, actor: str = SYSTEM
) -> TicketType:
    """It can be bought as soon as the concert is on sale. Raises Invalid, and InArchive for a concert that is there."""
    refuse_archived(concert)
    of_concert = select(func.count()).where(TicketType.concert_id == concert.id)
    if (await session.scalar(of_concert) or 0) >= MOST_TICKET_TYPES:
        raise TooManyTicketTypes(limit=MOST_TICKET_TYPES)
    facts = await _facts(session, concert, wanted)
    ticket_type = TicketType(id=uuid7(), concert_id=concert.id, active=is_selling(concert), **facts)
    set_terms(ticket_type, wanted.prices, wanted.recipe)
    session.add(ticket_type)
    await session.flush()
    record(session, "concerts.add_ticket_type", ticket_type, actor=actor, after=msgspec.to_builtins(wanted))
    return ticket_type


async def lock_ticket_type(session: AsyncSession, id: UUID) -> tuple[Concert, TicketType]:
    """With its concert, whose lock covers its ticket types. Raises NotFound."""
    found = await TicketTypeRepository(session=session).find(id)
    concert = await ConcertRepository(session=session).lock(found.concert_id)
    await session.refresh(found)
    await session.refresh(found, ["prices", "recipe"])
    return concert, found


async def change_ticket_type(
    session: AsyncSession, concert: Concert, ticket_type: TicketType, wanted: TicketTypeIn, *, actor: str
) -> None:
    """For carts and orders to come: what was ordered keeps the price and the units it was agreed for."""
    refuse_archived(concert)
    refuse_archived(ticket_type)
    old_terms = terms_of(ticket_type)
    before, after = assign(ticket_type, await _facts(session, concert, wanted))
    set_terms(ticket_type, wanted.prices, wanted.recipe)
    await session.flush()
    if (new_terms := terms_of(ticket_type)) != old_terms:
        before, after = before | old_terms, after | new_terms
    if after:
        record(session, "concerts.change_ticket_type", ticket_type, actor=actor, before=before, after=after)


async def archive_ticket_type(session: AsyncSession, concert: Concert, ticket_type: TicketType, *, actor: str) -> None:
    """Sold no more; tickets that were sold stay valid. Raises LastTicketType."""
    if is_selling(concert):
        await _refuse_last(session, ticket_type)
    await archive(session, ticket_type, action="concerts.archive_ticket_type", actor=actor)
    ticket_type.active = False


async def _refuse_last(session: AsyncSession, ticket_type: TicketType) -> None:
    of_concert = select(TicketType.id).where(TicketType.concert_id == ticket_type.concert_id)
    others = of_concert.where(TicketType.id != ticket_type.id, TicketType.archived_at.is_(None))
    if await session.scalar(others.limit(1)) is None:
        raise LastTicketType


async def restore_ticket_type(session: AsyncSession, concert: Concert, ticket_type: TicketType, *, actor: str) -> None:
    """Raises PoolArchived."""
    await refuse_archived_pools(session, ticket_type)
    await restore(session, ticket_type, action="concerts.restore_ticket_type", actor=actor)
    ticket_type.active = is_selling(concert)


async def retitle(session: AsyncSession, concert: Concert) -> None:
    """The concert's titles were changed: those of its ticket types follow. Orders keep what they were placed with."""
    for each in await session.scalars(select(TicketType).where(TicketType.concert_id == concert.id)):
        names = {locale: texts["name"] for locale, texts in each.translations.items() if "name" in texts}
        each.title, each.translations = _title(concert.title, each.name), _translations(concert, each.name, names)
    await session.flush()


async def _facts(session: AsyncSession, concert: Concert, wanted: TicketTypeIn) -> dict[str, Any]:
    window = in_utc(sale_from=wanted.sale_from, sale_until=wanted.sale_until or concert.starts_at)
    opens = (window["sale_from"], window["sale_until"])
    if errors := await errors_in_terms(session, wanted.prices, wanted.recipe, window=opens):
        raise Invalid(errors=errors)
    names = {locale: texts.name for locale, texts in wanted.translations.items()}
    return {
        "name": wanted.name,
        "title": _title(concert.title, wanted.name),
        "translations": _translations(concert, wanted.name, names),
        "position": wanted.position,
        "max_per_order": wanted.max_per_order,
        "max_per_customer": wanted.max_per_customer,
        **window,
    }


def _title(concert: str, name: str) -> str:
    return f"{concert[:LONGEST_CONCERT]} · {name}"


def _translations(concert: Concert, name: str, names: Mapping[str, str]) -> dict[str, Any]:
    """In every language that concert or ticket type has a name in; what one lacks is said in the main one."""
    titles = {locale: texts["title"] for locale, texts in concert.translations.items() if texts.get("title")}
    return {
        locale: {"title": _title(titles.get(locale, concert.title), names.get(locale, name))}
        | ({"name": names[locale]} if locale in names else {})
        for locale in sorted(titles.keys() | names)
    }
