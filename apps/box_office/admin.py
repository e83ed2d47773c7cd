"""What orders add to a concert's page: its guest list, and the refunds of its tickets when it was cancelled."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.actions.action import Action
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.auth.page_access import may_open
from apps.backoffice.formats import NOTHING, link_of
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.requests import current_user_of, locale_of
from apps.backoffice.urls import create_url, list_url
from apps.box_office.refund_tickets import refund_all_tickets
from apps.box_office.staff_reads import ticket_refunds
from apps.box_office.ticket_orders import TICKET_LINES
from apps.concerts.admin import ConcertAdmin
from apps.concerts.models import Concert, ConcertState
from apps.concerts.repositories import TICKET_TYPES, ConcertRepository
from apps.concerts.sales import ConcertSales, sales_of
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.models import OrderState
from apps.orders.permissions import OrderPermission
from apps.orders.repositories import ORDERS
from apps.shop.models import Shipment, ShipmentState

TO_SEE_MONEY = {OrderPermission.ORDERS_VIEW, OrderPermission.ORDERS_REFUND}
TICKETS_SOLD, ORDERS_WITH_TICKETS, PAID_FOR_THEM = _("Tickets sold"), _("Orders with tickets"), _("Ticket revenue")
PICK_UPS = _("Orders with merch to pick up")


def is_called_off(concert: Concert) -> bool:
    return concert.state is ConcertState.cancelled


REFUND_TICKETS = Action(
    name="refund-tickets",
    needs_proof=True,
    title=_("Refund all tickets"),
    question=_("Refund all tickets of this concert? Other items in the orders are not refunded."),
    done=_("The refunds are on their way. Here you see how far they are."),
    is_next=True,
    permission=OrderPermission.ORDERS_REFUND,
    run=locked(ConcertRepository, refund_all_tickets),
    applies=is_called_off,
    is_dangerous=True,
)


def guests(row: Concert, name: str, request: Request) -> Any:
    url = create_url("order", concert=str(row.id))
    if is_called_off(row) or not may_open(request, url):
        return NOTHING
    return link_of(url, _("Create free order").in_locale(locale_of(request)), request)


def sees_money(request: Request) -> bool:
    """What came in is for who looks after orders, or pays them back."""
    return not current_user_of(request).permissions.isdisjoint(TO_SEE_MONEY)


class ConcertWithOrdersAdmin(ConcertAdmin):
    column_details_list = [*ConcertAdmin.column_details_list, "guests"]
    column_labels = ConcertAdmin.column_labels | {"guests": _("Guest list")}
    column_formatters = ConcertAdmin.column_formatters | {"guests": guests}
    actions: ClassVar[Sequence[Action]] = (*ConcertAdmin.actions, REFUND_TICKETS)

    async def panels(self, session: AsyncSession, row: Concert, request: Request) -> Sequence[Panel]:
        panels = await super().panels(session, row, request)
        may = current_user_of(request).permissions
        refunds = is_called_off(row) and OrderPermission.ORDERS_REFUND in may
        return [
            *([await _refunds(session, row, request)] if refunds else []),
            *panels,
            *([await _orders(session, row.id, request)] if sees_money(request) else []),
        ]

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        sales = await sales_of(session, [row.id for row in rows])
        waiting = dict((await session.execute(_pick_ups(sales.keys()))).tuples().all())
        return {id: [*_impact_of(each, request), (PICK_UPS, waiting.get(id, 0))] for id, each in sales.items()}


def _impact_of(sales: ConcertSales, request: Request) -> Iterator[tuple[Lazy, Any]]:
    yield TICKETS_SOLD, sales.tickets
    yield ORDERS_WITH_TICKETS, sales.orders
    if sees_money(request):
        yield from ((PAID_FOR_THEM, each) for each in _money(sales, request))


def _money(sales: ConcertSales, request: Request) -> list[str]:
    return [format_money(amount, currency, locale=locale_of(request)) for currency, amount in sales.money.items()]


async def _orders(session: AsyncSession, concert: UUID, request: Request) -> Panel:
    sales = (await sales_of(session, [concert]))[concert]
    money = ", ".join(_money(sales, request)) or NOTHING
    return Panel(
        title=_("Orders"),
        columns=[ORDERS_WITH_TICKETS, TICKETS_SOLD, PAID_FOR_THEM],
        rows=[[sales.orders, sales.tickets, money]] if sales.orders else [],
        empty=_("No orders with valid tickets."),
        more=list_url("order", concert=str(concert), state=OrderState.paid) if sales.orders else "",
    )


def _pick_ups(concerts: Collection[UUID]) -> Select[Any]:
    """By concert, how many orders with its tickets wait to be picked up."""
    orders = select(TICKET_TYPES.c.concert_id, func.count(Shipment.order_id.distinct())).select_from(
        TICKET_LINES.join(Shipment, Shipment.order_id == ORDERS.c.id)
    )
    waiting = orders.where(TICKET_TYPES.c.concert_id.in_(concerts), Shipment.state == ShipmentState.waiting_for_pickup)
    return waiting.group_by(TICKET_TYPES.c.concert_id)


async def _refunds(session: AsyncSession, concert: Concert, request: Request) -> Panel:
    locale = locale_of(request)
    failed = list_url("order", concert=str(concert.id), refunds="failed")
    return Panel(
        title=_("Refunds of the tickets"),
        columns=[
            *(_("Orders to refund"), _("Still to be refunded"), _("Orders refunded"), _("Refunded")),
            *(_("Failed refunds"), _("To be refunded by hand")),
        ],
        rows=[
            [
                each.orders_left,
                format_money(each.amount_left, each.currency, locale=locale),
                each.orders_refunded,
                format_money(each.amount_refunded, each.currency, locale=locale),
                link_of(failed, str(each.orders_failed), request) if each.orders_failed else 0,
                format_money(each.amount_failed, each.currency, locale=locale),
            ]
            for each in (await ticket_refunds(session, concert.id)).currencies
        ],
        empty=_("No ticket orders yet."),
    )
