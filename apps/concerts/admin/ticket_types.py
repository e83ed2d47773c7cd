"""Ticket types in the back office, with every field. The common ones are also part of the concert's form."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from markupsafe import Markup
from msgspec import Struct
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import IN_ARCHIVE
from apps.backoffice.formats import in_zone_of, link_of
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Related, archive_filter, yes_or_no
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import row_url
from apps.backoffice.views.base import View
from apps.concerts.admin.common import CONCERTS, READ, archiving, restoring
from apps.concerts.admin.concert_form import NameForm, set_zone
from apps.concerts.models import Concert, TicketType, Venue
from apps.concerts.permissions import ConcertPermission as P
from apps.concerts.scheduling.concert_label import CONCERT_LABEL, concert_label
from apps.concerts.staff_reads import ticket_type_out
from apps.concerts.staff_schemas import TicketTypeIn
from apps.concerts.ticket_types.concert_pools import concert_pools_of
from apps.concerts.ticket_types.current_ticket_types import TERMS
from apps.concerts.ticket_types.pricing import change_price
from apps.concerts.ticket_types.ticket_types import (
    archive_ticket_type,
    change_ticket_type,
    lock_ticket_type,
    restore_ticket_type,
)
from apps.core.db.database import now
from apps.core.text.i18n import lazy as _
from apps.core.text.search import contain
from apps.core.text.string_types import Amount
from apps.inventory.services import POOLS
from apps.orders.admin.pool_names import pool_names
from apps.orders.admin.prices import PRICES_IN_WORDS, prices_text
from apps.orders.admin_fields import MEMBERS, MEMBERS_HELP, Allocation, Prices
from apps.orders.offers.availability import UNCOUNTED
from apps.orders.prices import AMOUNT, PRICES
from apps.orders.repositories import ALLOCATIONS
from project.settings import settings

SELLING = and_(TicketType.active.is_(True), or_(TicketType.sale_until.is_(None), func.now() < TicketType.sale_until))


LEFT = (
    select(ALLOCATIONS.c.offer_id, func.min((POOLS.c.capacity - POOLS.c.reserved) // ALLOCATIONS.c.units).label("left"))
    .join(POOLS, POOLS.c.id == ALLOCATIONS.c.pool_id)
    .group_by(ALLOCATIONS.c.offer_id)
    .subquery("left_of")
)
IN_SITES_CURRENCY = and_(PRICES.c.offer_id == TicketType.id, PRICES.c.currency == settings.currency)
BY_PRICE = Sort(func.coalesce(AMOUNT, -1), int, beside=(PRICES, IN_SITES_CURRENCY))
BY_LEFT = Sort(func.coalesce(LEFT.c.left, UNCOUNTED), int, beside=(LEFT, LEFT.c.offer_id == TicketType.id))


class TicketTypeForm(Form):
    name = fields.Input(_("Title"), required=True)
    prices = Prices()
    allocation = Allocation(
        help=_("How many places one ticket takes. Leave empty if places are not tracked: then it never sells out.")
    )
    max_per_order = fields.Number(_("Max. per order"), default=10)
    max_per_customer = fields.Number(_("Max. per customer"), empty=None)
    sale_from = fields.DateTime(_("On sale from"))
    sale_until = fields.DateTime(_("On sale until"))
    entitlement = fields.Input(MEMBERS["entitlement"], empty=None, help=MEMBERS_HELP)
    members_only = fields.Switch(MEMBERS["members_only"])
    early_from = fields.DateTime(MEMBERS["early_from"])
    position = fields.Number(_("Position in lists"), empty=0, help=_("Lists show the lowest first."))
    translations = fields.Translations(NameForm)


class PriceForm(Form):
    price = fields.Money(_("New price"), required=True)


class PriceIn(Struct):
    price: Amount


async def set_price(context: ActionContext, ticket_type: TicketType, form: Form) -> None:
    await change_price(context.session, ticket_type.id, bind(form, PriceIn).price, actor=context.actor)


async def archive(context: ActionContext, ticket_type: TicketType, form: None) -> None:
    concert, found = await lock_ticket_type(context.session, ticket_type.id)
    await archive_ticket_type(context.session, concert, found, actor=context.actor)


async def restore(context: ActionContext, ticket_type: TicketType, form: None) -> None:
    concert, found = await lock_ticket_type(context.session, ticket_type.id)
    await restore_ticket_type(context.session, concert, found, actor=context.actor)


def concert_link(row: TicketType, name: str, request: Request) -> Markup:
    return link_of(row_url("concert", row.concert), row.concert.title, request)


def prices(row: TicketType, name: str, request: Request) -> str:
    return prices_text(row, locale_of(request), zone=row.concert.venue.time_zone)


class TicketTypeAdmin(View, model=TicketType):
    name, name_plural, group = _("Ticket type"), _("Ticket types"), CONCERTS
    permissions = READ | {Access.EDIT: P.CONCERTS_EDIT}
    column_list = ["name", "concert", "concert.starts_at", "prices", "is_selling", "left"]
    column_details_list = [*column_list, "sale_from", "sale_until", *MEMBERS, "max_per_order", "max_per_customer"]
    column_labels = {
        "name": _("Title"),
        "concert": _("Concert"),
        "concert.starts_at": _("Starts"),
        "prices": _("Price"),
        "is_selling": _("On sale"),
        "left": _("Available"),
        "sale_from": _("On sale from"),
        "sale_until": _("On sale until"),
        **MEMBERS,
        "max_per_order": _("Max. per order"),
        "max_per_customer": _("Max. per customer"),
    }
    column_formatters = {
        "concert": concert_link,
        "concert.starts_at": in_zone_of("concert.venue.time_zone"),
        "prices": prices,
        "sale_from": in_zone_of("concert.venue.time_zone"),
        "sale_until": in_zone_of("concert.venue.time_zone"),
        "early_from": in_zone_of("concert.venue.time_zone"),
    }
    sorts = {
        "concert": Sort(TicketType.id, UUID, is_descending=True),
        "name": Sort(TicketType.name, str),
        "prices": BY_PRICE,
        "left": BY_LEFT,
    }
    filters = (
        Related("concert", _("Concert"), "concert", lambda id: TicketType.concert_id == id),
        yes_or_no("active", _("On sale"), SELLING),
        archive_filter(TicketType.archived_at),
    )
    search_help = _("Concert or title")
    empty = _("No ticket types yet. They are added with their concert.")
    form, schema, follows = TicketTypeForm, TicketTypeIn, ("title", "active")
    recorded = PRICES_IN_WORDS
    references = {"allocation": "pool"}
    actions = (
        Action(
            name="price",
            title=_("Change the price"),
            question=_("What is the new price? Existing orders keep their price."),
            done=_("The price is changed."),
            permission=P.CONCERTS_EDIT,
            run=set_price,
            applies=lambda ticket_type: ticket_type.archived_at is None,
            needless=IN_ARCHIVE,
            form=PriceForm,
            many=True,
        ),
        archiving(archive, _("Archive this ticket type? It is no longer sold. Sold tickets stay valid.")),
        restoring(restore),
    )

    def scope(self) -> Select[Any]:
        concert = contains_eager(TicketType.concert)
        found = select(TicketType).join(TicketType.concert).join(Concert.venue)
        return found.options(concert.contains_eager(Concert.venue), *TERMS)

    def label(self, row: TicketType) -> str:
        return f"{row.title} · {concert_label(row.concert.starts_at, row.concert.venue)}"

    def heading(self, row: TicketType) -> str:
        return row.title

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(contain(words, TicketType.title + " · " + CONCERT_LABEL))

    def zone_of(self, row: TicketType) -> str:
        return row.concert.venue.time_zone

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        pools, moment = await concert_pools_of(session, {row.concert_id for row in rows}), await now(session)
        for row in rows:
            row.left = pools[row.concert_id].left(row.id)
            row.is_selling = row.active and (row.sale_until is None or moment < row.sale_until)

    async def resource(self, session: AsyncSession, row: TicketType) -> msgspec.Struct:
        return ticket_type_out(row)

    async def prepare(self, session: AsyncSession, form: Form, row: Any) -> None:
        zone = await session.scalar(select(Venue.time_zone).join(Concert).where(Concert.id == row.concert_id))
        set_zone(form, str(zone))

    async def lock(self, session: AsyncSession, row: TicketType) -> TicketType:
        _concert, found = await lock_ticket_type(session, row.id)
        return found

    async def parts_of(self, session: AsyncSession, row: TicketType) -> Mapping[UUID, str]:
        return await pool_names(session, [row.id])

    async def home_of(self, session: AsyncSession, row: TicketType) -> str:
        return row_url("concert", row.concert)

    async def write(self, context: ActionContext, row: TicketType, data: TicketTypeIn) -> None:
        concert = await context.session.get_one(Concert, row.concert_id)
        await change_ticket_type(context.session, concert, row, data, actor=context.actor)
