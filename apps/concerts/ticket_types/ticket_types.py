"""Ticket types: what can be bought of a concert. Their titles, sale windows and `active` follow the concert."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.concerts.models import Concert, TicketType
from apps.concerts.repositories import ConcertRepository, TicketTypeRepository
from apps.concerts.scheduling.services import is_selling
from apps.concerts.staff_schemas import TicketTypeIn
from apps.core.audit import SYSTEM, record
from apps.core.db.archive import archive_all, refuse_archived, restore
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.text.datetimes import in_utc
from apps.core.text.i18n import lazy as _
from apps.orders.offers.pools import missing_pools, refuse_archived_pools
from apps.orders.offers.terms import errors_in_terms, member_facts, rewrite, set_terms

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
    message = _("The concert is on sale and has no other ticket type. Stop sales first.")


async def add_ticket_type(
    session: AsyncSession, concert: Concert, data: TicketTypeIn, *, actor: str = SYSTEM
) -> TicketType:
    """It can be bought as soon as the concert is on sale. Raises Invalid, InArchive, TooManyTicketTypes."""
    (ticket_type,) = await add_ticket_types(session, concert, [data], actor=actor)
    return ticket_type


async def add_ticket_types(
    session: AsyncSession, concert: Concert, data: Sequence[TicketTypeIn], *, actor: str
) -> Sequence[TicketType]:
    """The same for several: as many statements as for one."""
    refuse_archived(concert)
    await _refuse_wrong(session, concert, data)
    return await write_new(session, concert, data, actor=actor)


async def write_new(
    session: AsyncSession, concert: Concert, data: Sequence[TicketTypeIn], *, actor: str
) -> Sequence[TicketType]:
    """What `errors_in` finds nothing wrong with. Raises TooManyTicketTypes."""
    await _refuse_more(session, concert, len(data))
    added = [
        TicketType(id=uuid7(), concert_id=concert.id, active=is_selling(concert), **_facts(concert, each))
        for each in data
    ]
    for ticket_type, each in zip(added, data, strict=True):
        set_terms(ticket_type, each.prices, each.allocation)
    session.add_all(added)
    await session.flush()
    for ticket_type, each in zip(added, data, strict=True):
        record(session, "concerts.add_ticket_type", ticket_type, actor=actor, after=msgspec.to_builtins(each))
    return added


async def lock_ticket_type(session: AsyncSession, id: UUID) -> tuple[Concert, TicketType]:
    """With its concert, whose lock covers its ticket types. Raises NotFound."""
    found = await TicketTypeRepository(session=session).find(id)
    concert = await ConcertRepository(session=session).lock(found.concert_id)
    await session.refresh(found)
    await session.refresh(found, ["prices", "allocation"])
    return concert, found


async def change_ticket_type(
    session: AsyncSession, concert: Concert, ticket_type: TicketType, data: TicketTypeIn, *, actor: str
) -> None:
    """For carts and orders to come: what was ordered keeps the price and the units it was agreed for."""
    refuse_archived(concert)
    refuse_archived(ticket_type)
    await _refuse_wrong(session, concert, [data])
    await write_changes(session, concert, {ticket_type: data}, actor=actor)


async def write_changes(
    session: AsyncSession, concert: Concert, data: Mapping[TicketType, TicketTypeIn], *, actor: str
) -> None:
    """What `errors_in` finds nothing wrong with: as many statements for several as for one."""
    for ticket_type, each in data.items():
        before, after = rewrite(ticket_type, _facts(concert, each), each.prices, each.allocation)
        if after:
            record(session, "concerts.change_ticket_type", ticket_type, actor=actor, before=before, after=after)
    await session.flush()


async def archive_ticket_type(session: AsyncSession, concert: Concert, ticket_type: TicketType, *, actor: str) -> None:
    """Sold no more; tickets that were sold stay valid. Raises LastTicketType."""
    await archive_ticket_types(session, concert, [ticket_type], actor=actor)


async def archive_ticket_types(
    session: AsyncSession, concert: Concert, ticket_types: Sequence[TicketType], *, actor: str
) -> None:
    """The same for several: as many statements as for one."""
    if ticket_types and is_selling(concert):
        await _refuse_last(session, concert, ticket_types)
    await archive_all(session, ticket_types, action="concerts.archive_ticket_type", actor=actor)
    for each in ticket_types:
        each.active = False


async def _refuse_last(session: AsyncSession, concert: Concert, going: Sequence[TicketType]) -> None:
    of_concert = select(TicketType.id).where(TicketType.concert_id == concert.id, TicketType.archived_at.is_(None))
    others = of_concert.where(TicketType.id.not_in([each.id for each in going]))
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


async def errors_in(session: AsyncSession, concert: Concert, data: Sequence[TicketTypeIn]) -> list[list[FieldError]]:
    """Of each, all that is wrong with it. No pool of theirs is archived until the transaction ends."""
    missing = await missing_pools(session, {pool for each in data for pool in each.allocation})
    windows = [(each.sale_from, each.sale_until or concert.starts_at) for each in data]
    return [
        list(errors_in_terms(each.prices, each.allocation, missing=missing, window=window, members=each))
        for each, window in zip(data, windows, strict=True)
    ]


async def _refuse_wrong(session: AsyncSession, concert: Concert, data: Sequence[TicketTypeIn]) -> None:
    if errors := [error for each in await errors_in(session, concert, data) for error in each]:
        raise Invalid(errors=errors)


async def _refuse_more(session: AsyncSession, concert: Concert, more: int) -> None:
    of_concert = select(func.count()).where(TicketType.concert_id == concert.id)
    if more and (await session.scalar(of_concert) or 0) + more > MOST_TICKET_TYPES:
        raise TooManyTicketTypes(limit=MOST_TICKET_TYPES)


def _facts(concert: Concert, data: TicketTypeIn) -> dict[str, Any]:
    names = {locale: texts.name for locale, texts in data.translations.items()}
    return {
        "name": data.name,
        "title": _title(concert.title, data.name),
        "translations": _translations(concert, data.name, names),
        "position": data.position,
        "max_per_order": data.max_per_order,
        "max_per_customer": data.max_per_customer,
        **in_utc(sale_from=data.sale_from, sale_until=data.sale_until or concert.starts_at),
        **member_facts(data),
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
