"""What is told of a thing: as it is in this transaction, read in as many statements for several as for one.

No keys, codes or nonces are among it. Amounts are minor units of `currency`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.concerts.models import ConcertState, Ticket, TicketState
from apps.concerts.repositories import CONCERTS, VENUES
from apps.core.db.bulk import among
from apps.core.text.datetimes import AwareDatetime
from apps.inventory.services import POOLS
from apps.orders.models import OrderDispute, OrderState
from apps.orders.repositories import ORDER_LINES, ORDERS
from apps.payments.models import Failure, PaymentState
from apps.payments.repositories import PAYMENTS, REFUNDS
from apps.shop.models import Shipment, ShipmentState
from apps.shop.repositories import PRODUCTS
from apps.shop.withdrawals.repositories import WITHDRAWALS, pieces_of

TICKETS = Ticket.table()
SHIPMENTS = Shipment.table()
Ids = Collection[UUID]


class LineData(Struct, kw_only=True):
    id: UUID
    offer: UUID
    kind: str
    title: str
    quantity: int
    refunded_quantity: int
    unit_price: int
    total: int


class OrderData(Struct, kw_only=True):
    id: UUID
    number: str
    state: OrderState
    email: str
    name: str
    locale: str
    currency: str
    subtotal: int
    shipping: int
    tax: int
    total: int
    refunded: int
    dispute: OrderDispute | None
    placed_at: AwareDatetime
    pay_until: AwareDatetime
    paid_at: AwareDatetime | None
    lines: list[LineData]


class OrderName(Struct):
    id: UUID
    number: str


class RefundData(Struct, kw_only=True):
    id: UUID
    amount: int
    state: str


class ReportedData(Struct):
    """What the provider said."""

    amount: int
    currency: str


class PaymentData(Struct, kw_only=True, omit_defaults=True):
    """`refund` and `reported` are told where the event is about them."""

    id: UUID
    order: OrderName | None
    provider: str
    state: PaymentState
    failure: Failure | None
    amount: int
    captured: int
    refunded: int
    currency: str
    refund: RefundData | None = None
    reported: ReportedData | None = None


class TicketData(Struct, kw_only=True):
    id: UUID
    line: UUID
    concert: UUID
    ticket_type: UUID
    state: TicketState


class TicketsData(Struct):
    order: OrderName
    tickets: list[TicketData]


class ShipmentData(Struct, kw_only=True):
    id: UUID
    line: UUID
    quantity: int
    state: ShipmentState
    tracking: str
    moved_at: AwareDatetime


class ShipmentsData(Struct):
    order: OrderName
    shipments: list[ShipmentData]


class WithdrawnData(Struct):
    line: UUID
    quantity: int


class WithdrawalData(Struct):
    """Who declared it, and in which words, is for staff to look up."""

    order: OrderName
    id: UUID
    submitted_at: AwareDatetime
    lines: list[WithdrawnData]


class ConcertVenueData(Struct, kw_only=True):
    id: UUID
    name: str
    city: str
    region: str
    country: str
    time_zone: str


class ConcertData(Struct, kw_only=True):
    id: UUID
    slug: str
    title: str
    state: ConcertState
    starts_at: AwareDatetime
    on_sale_at: AwareDatetime | None
    venue: ConcertVenueData


class ProductData(Struct, kw_only=True):
    id: UUID
    slug: str
    title: str
    vendor: str
    category: UUID | None
    tags: list[str]
    published: bool
    archived_at: AwareDatetime | None


class StockData(Struct, kw_only=True):
    """Of a pool; what carts hold is not left."""

    id: UUID
    name: str
    capacity: int
    left: int


class PingData(Struct, kw_only=True):
    webhook: UUID


async def orders_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, OrderData]:
    found = select(ORDERS, ORDERS.c.created_at.label("placed_at")).where(among(ORDERS.c.id, ids))
    rows = (await connection.execute(found)).all()
    lines = await _grouped(connection, ORDER_LINES, ORDER_LINES.c.order_id, ids, ORDER_LINES.c.position)
    return {row.id: OrderData(**_fields(OrderData, row), lines=[_line(line) for line in lines[row.id]]) for row in rows}


def _line(line: Row[Any]) -> LineData:
    return LineData(offer=line.offer_id, **_fields(LineData, line))


async def tickets_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, TicketData]:
    rows = await _rows(connection, TICKETS, ids)
    return {
        row.id: TicketData(
            line=row.order_line_id, concert=row.concert_id, ticket_type=row.ticket_type_id, **_fields(TicketData, row)
        )
        for row in rows
    }


async def shipments_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, ShipmentData]:
    rows = await _rows(connection, SHIPMENTS, ids)
    return {row.id: ShipmentData(line=row.order_line_id, **_fields(ShipmentData, row)) for row in rows}


async def withdrawals_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, WithdrawalData]:
    lines = defaultdict(list)
    for each in await pieces_of(connection, ids):
        lines[each.withdrawal_id].append(WithdrawnData(each.order_line_id, each.quantity))
    return {
        row.id: WithdrawalData(OrderName(row.order_id, row.order_number), row.id, row.created_at, lines[row.id])
        for row in await _rows(connection, WITHDRAWALS, ids)
    }


async def order_names(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, OrderName]:
    rows = await connection.execute(select(ORDERS.c.id, ORDERS.c.number).where(among(ORDERS.c.id, ids)))
    return {row.id: OrderName(row.id, row.number) for row in rows}


async def payments_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, PaymentData]:
    rows = await _rows(connection, PAYMENTS, ids)
    names = await order_names(connection, {row.owner_id for row in rows})
    return {row.id: PaymentData(order=names.get(row.owner_id), **_fields(PaymentData, row)) for row in rows}


async def refunds_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, PaymentData]:
    """By refund, its payment."""
    refunds = await _rows(connection, REFUNDS, ids)
    payments = await payments_data(connection, {row.payment_id for row in refunds})
    for row in refunds:
        payments[row.payment_id].refund = RefundData(**_fields(RefundData, row))
    return {row.id: payments[row.payment_id] for row in refunds}


async def concerts_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, ConcertData]:
    concerts = await _rows(connection, CONCERTS, ids)
    rows = await _rows(connection, VENUES, {row.venue_id for row in concerts})
    venues = {row.id: ConcertVenueData(**_fields(ConcertVenueData, row)) for row in rows}
    return {row.id: ConcertData(venue=venues[row.venue_id], **_fields(ConcertData, row)) for row in concerts}


async def products_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, ProductData]:
    rows = await _rows(connection, PRODUCTS, ids)
    return {row.id: ProductData(category=row.category_id, **_fields(ProductData, row)) for row in rows}


async def stock_data(connection: AsyncConnection, ids: Ids) -> Mapping[UUID, StockData]:
    rows = await _rows(connection, POOLS, ids)
    return {row.id: StockData(left=row.capacity - row.reserved, **_fields(StockData, row)) for row in rows}


async def _rows(connection: AsyncConnection, table: Any, ids: Ids) -> Sequence[Row[Any]]:
    return (await connection.execute(select(table).where(among(table.c.id, ids)))).all()


async def _grouped(
    connection: AsyncConnection, table: Any, owner: Any, ids: Ids, order: Any
) -> Mapping[UUID, Sequence[Row[Any]]]:
    grouped: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in await connection.execute(select(table).where(among(owner, ids)).order_by(order)):
        grouped[row._mapping[owner.key]].append(row)
    return grouped


def _fields(kind: type[Struct], row: Row[Any]) -> dict[str, Any]:
    """Those that the row has under the same name."""
    return {name: row._mapping[name] for name in kind.__struct_fields__ if name in row._mapping}
