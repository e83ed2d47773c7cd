"""Panels of a concert's page: what is sold, held and left."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.formats import NO, NOTHING, clock, link_of
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import row_url
from apps.concerts.admin.capacity_bar import capacity_bar
from apps.concerts.models import Concert, ConcertState, TicketType
from apps.concerts.sales import sold_by_type
from apps.concerts.ticket_types.concert_pools import ConcertPool, ConcertPools, count
from apps.concerts.ticket_types.current_ticket_types import ticket_types_in_use
from apps.core.db.database import now
from apps.core.text.i18n import lazy as _
from apps.inventory.levels import Level
from apps.orders.admin.prices import prices_text
from apps.orders.held_units import held_quantities, held_units

SOLD, HELD, LEFT = _("Sold"), _("Reserved"), _("Available")
UNTIL_THE_CONCERT = _("until the concert")


async def panels_of(session: AsyncSession, concert: Any, request: Request) -> Sequence[Panel]:
    """The concert was completed with its `pools`."""
    return [
        await _ticket_types(session, concert, request),
        await _pools(session, concert.pools, request),
    ]


async def _ticket_types(session: AsyncSession, concert: Any, request: Request) -> Panel:
    types = await ticket_types_in_use(session, concert.id)
    sold, held = await sold_by_type(session, concert.id), await held_quantities(session, concert.pools.pools)
    is_ended = concert.state is ConcertState.cancelled or concert.starts_at <= await now(session)
    return Panel(
        title=_("Ticket types"),
        columns=[_("Title"), _("Price"), _("On sale"), SOLD, HELD, LEFT],
        rows=[
            [
                _link("ticket-type", each, each.name, request),
                prices_text(each, locale_of(request), zone=concert.venue.time_zone),
                NO if is_ended else _window(each, concert, request),
                sold.get(each.id, 0),
                held.get(each.id, 0),
                NOTHING if is_ended else _number(concert.pools.left(each.id)),
            ]
            for each in types
        ],
        empty=_("No ticket types yet. Add them under “Edit”."),
    )


async def _pools(session: AsyncSession, pools: ConcertPools, request: Request) -> Panel:
    held = await held_units(session, pools.pools)
    return Panel(
        title=_("Places"),
        columns=[_("Pool"), _("Capacity"), HELD, SOLD, LEFT, _("Sold %")],
        rows=[_level(pool, count([pool], held), request) for pool in pools.pools.values()],
        empty=_("Stock is not tracked."),
    )


def _level(pool: ConcertPool, level: Level, request: Request) -> list[Any]:
    numbers = (level.capacity, level.held, level.sold, level.left)
    return [_link("pool", pool, pool.name, request), *numbers, capacity_bar(level, request)]


def _window(ticket_type: TicketType, concert: Concert, request: Request) -> Markup:
    locale, zone = locale_of(request), concert.venue.time_zone
    begins = clock(ticket_type.sale_from, zone, locale) if ticket_type.sale_from else ""
    ends: Any = UNTIL_THE_CONCERT.in_locale(locale)
    if ticket_type.sale_until and ticket_type.sale_until != concert.starts_at:
        ends = Markup("– {}").format(clock(ticket_type.sale_until, zone, locale))
    return Markup("<span>{} {}</span>").format(begins, ends)


def _number(number: int | None) -> Any:
    return NOTHING if number is None else number


def _link(identity: str, row: Any, text: str, request: Request) -> Markup:
    return link_of(row_url(identity, row), text, request)
