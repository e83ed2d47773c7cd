"""Named queries over offers, carts and orders. Offers are read by Core columns: their kinds' apps may be absent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.core.db.bulk import among, among_ids
from apps.core.db.repositories import LockingRepository
from apps.core.text.translations import title_in
from apps.orders.models import (
    Cart,
    CartLine,
    Offer,
    OfferPool,
    Order,
    OrderLine,
    OrderRefund,
    OrderRefundLine,
    OrderResend,
    OrderState,
)
from apps.orders.prices import AMOUNT, MINIMUM, PRICES

OFFERS = Offer.table()
ALLOCATIONS = OfferPool.table()
CARTS = Cart.table()
CART_LINES = CartLine.table()
ORDERS = Order.table()
ORDER_LINES = OrderLine.table()


@dataclass(frozen=True, slots=True)
class Price:
    amount: int
    minimum: int | None
    member_amount: int | None = None

    @property
    def amount_for_members(self) -> int:
        return self.amount if self.member_amount is None else min(self.amount, self.member_amount)


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What an offer asks for and takes: all that selling needs to know of it."""

    id: UUID
    kind: str
    title: str
    active: bool
    sale_from: datetime | None
    sale_until: datetime | None
    max_per_order: int
    max_per_customer: int | None
    tax_class: str
    needs_shipping: bool
    entitlement: str | None
    members_only: bool
    early_from: datetime | None
    translations: Mapping[str, Mapping[str, str]]
    prices: Mapping[str, Price]
    allocation: Mapping[UUID, int]

    def title_in(self, locale: str) -> str:
        return title_in(locale, self.title, self.translations)

    def units(self, quantity: int) -> dict[UUID, int]:
        """Units of each pool that `quantity` pieces take."""
        return {pool: units * quantity for pool, units in self.allocation.items()}

    def is_member(self, entitlements: Collection[str]) -> bool:
        """Whether who has these is one of those whom it favours."""
        return self.entitlement in entitlements

    def allows_customer(self, quantity: int) -> bool:
        """Whether one customer may have so many, all orders together."""
        return self.max_per_customer is None or quantity <= self.max_per_customer


def _per_offer(column: Any, order: Any) -> Any:
    table = order.table
    return func.array(select(column).where(table.c.offer_id == OFFERS.c.id).order_by(order).scalar_subquery())


OFFER_TERMS = select(
    *(OFFERS.c[name] for name in OfferTerms.__slots__ if name in OFFERS.c),
    _per_offer(PRICES.c.currency, PRICES.c.currency).label("currencies"),
    _per_offer(AMOUNT, PRICES.c.currency).label("amounts"),
    _per_offer(MINIMUM, PRICES.c.currency).label("minimums"),
    _per_offer(PRICES.c.member_amount, PRICES.c.currency).label("member_amounts"),
    _per_offer(ALLOCATIONS.c.pool_id, ALLOCATIONS.c.pool_id).label("pools"),
    _per_offer(ALLOCATIONS.c.units, ALLOCATIONS.c.pool_id).label("units"),
).where(among_ids(OFFERS.c.id))


UNCOUNTED_OFFERS = select(OFFERS.c.id).where(among_ids(OFFERS.c.id)).order_by(OFFERS.c.id)
LOCK_OFFERS = UNCOUNTED_OFFERS.with_for_update(read=True, key_share=True)
LOCK_FREE_OFFERS = UNCOUNTED_OFFERS.with_for_update(read=True, key_share=True, skip_locked=True)


async def offer_terms(connection: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, OfferTerms]:
    if not ids:
        return {}
    rows = await connection.execute(OFFER_TERMS, {"ids": list(ids)})
    return {row.id: _terms(row) for row in rows}


async def offer_terms_for_sale(
    connection: AsyncConnection, ids: Collection[UUID], *, waits: bool = True
) -> tuple[dict[UUID, OfferTerms], set[UUID]]:
    """The same; until the transaction ends, nobody begins to count what nothing is counted of.

    What is counted is guarded by the locks of its pools. With them, where it `waits` for nobody: offers that others
    have locked.
    """
    terms = await offer_terms(connection, ids)
    uncounted = {id for id, offer in terms.items() if not offer.allocation}
    if not uncounted:
        return terms, set()
    found = await connection.scalars(LOCK_OFFERS if waits else LOCK_FREE_OFFERS, {"ids": list(uncounted)})
    locked = set(found)
    counted = {id: offer for id, offer in terms.items() if id not in uncounted}
    return counted | await offer_terms(connection, locked), set() if waits else uncounted - locked


def _terms(row: Row[Any]) -> OfferTerms:
    prices = zip(row.currencies, row.amounts, row.minimums, row.member_amounts, strict=True)
    return OfferTerms(
        id=row.id,
        kind=row.kind,
        title=row.title,
        active=row.active,
        sale_from=row.sale_from,
        sale_until=row.sale_until,
        max_per_order=row.max_per_order,
        max_per_customer=row.max_per_customer,
        tax_class=row.tax_class,
        needs_shipping=row.needs_shipping,
        entitlement=row.entitlement,
        members_only=row.members_only,
        early_from=row.early_from,
        translations=row.translations,
        prices={currency: Price(*terms) for currency, *terms in prices},
        allocation=dict(zip(row.pools, row.units, strict=True)),
    )


class CartRef(NamedTuple):
    """The cart that a request names, and who asks for it: that of a user is opened by nobody else."""

    id: UUID | None
    user_id: UUID | None = None


def is_cart(cart: CartRef) -> ColumnElement[bool]:
    """The row of this cart, for who may open it."""
    return and_(CARTS.c.id == cart.id, or_(CARTS.c.user_id.is_(None), CARTS.c.user_id == cart.user_id))


def open_carts_of(users: Collection[UUID]) -> Select[Any]:
    """By user: (user, cart)."""
    return select(CARTS.c.user_id, CARTS.c.id).where(among(CARTS.c.user_id, users), ~CARTS.c.placed)


def carts_by_id(ids: Collection[UUID]) -> Select[Any]:
    return select(CARTS).where(among(CARTS.c.id, ids)).order_by(CARTS.c.id)


def carts_to_lock(ids: Collection[UUID], *, waits: bool) -> Select[Any]:
    """Those that others have locked are waited for, or left out."""
    return carts_by_id(ids).with_for_update(key_share=True, skip_locked=not waits)


def lines_of_carts(ids: Collection[UUID]) -> Select[Any]:
    return select(CART_LINES).where(among(CART_LINES.c.cart_id, ids)).order_by(CART_LINES.c.id)


def orders_of_carts(ids: Collection[UUID]) -> Select[Any]:
    return select(ORDERS).where(among(ORDERS.c.cart_id, ids))


def lines_of_orders(ids: Collection[UUID]) -> Select[Any]:
    return select(ORDER_LINES).where(among(ORDER_LINES.c.order_id, ids)).order_by(ORDER_LINES.c.position)


FIND_ORDERS = select(ORDERS).where(among_ids(ORDERS.c.id)).order_by(ORDERS.c.id)
LOCK_ORDERS = FIND_ORDERS.with_for_update(key_share=True)
LOCK_FREE_ORDERS = FIND_ORDERS.with_for_update(key_share=True, skip_locked=True)
"""By `ids`, in the order in which everybody locks them; those that others have locked are waited for, or left out."""


async def bought_by(
    connection: AsyncConnection, emails: Collection[str], offers: Collection[UUID]
) -> dict[tuple[str, UUID], int]:
    """(email, offer) → pieces in orders that are, or may still be, paid."""
    kept = func.sum(ORDER_LINES.c.quantity - ORDER_LINES.c.refunded_quantity).label("quantity")
    found = (
        select(ORDERS.c.email, ORDER_LINES.c.offer_id, kept)
        .join(ORDER_LINES, ORDER_LINES.c.order_id == ORDERS.c.id)
        .where(
            among(ORDERS.c.email, emails),
            among(ORDER_LINES.c.offer_id, offers),
            ORDERS.c.state.in_([OrderState.pending, OrderState.paid]),
        )
        .group_by(ORDERS.c.email, ORDER_LINES.c.offer_id)
    )
    return {(row.email, row.offer_id): row.quantity for row in await connection.execute(found)}


async def refunded_quantities(connection: AsyncConnection, refund_id: UUID) -> dict[UUID, int]:
    """Line id → how many of its pieces came back with this refund of payments'; empty for an amount."""
    found = select(OrderRefundLine.order_line_id, OrderRefundLine.quantity).join(OrderRefund)
    rows = await connection.execute(found.where(OrderRefund.refund_id == refund_id))
    return dict(rows.tuples().all())


IS_UNDELIVERED = and_(Order.state == literal_column(f"'{OrderState.paid}'"), Order.delivered_at.is_(None))


class OrderRepository(LockingRepository[Order]):
    model_type = Order

    async def lines(self, order_id: UUID) -> list[OrderLine]:
        found = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
        return list((await self.session.execute(found)).scalars())

    async def overdue(self, *, limit: int) -> list[UUID]:
        due = select(Order.id).where(Order.state == OrderState.pending, Order.pay_until < func.now())
        return list((await self.session.execute(due.order_by(Order.pay_until).limit(limit))).scalars())

    async def undelivered(self, *, longer_than: timedelta, shorter_than: timedelta, limit: int) -> list[UUID]:
        """Paid that long ago, and nothing was handed over."""
        since, until = func.now() - shorter_than, func.now() - longer_than
        due = select(Order.id).where(IS_UNDELIVERED, Order.paid_at.between(since, until))
        return list((await self.session.execute(due.order_by(Order.paid_at).limit(limit))).scalars())


class OrderRefundRepository(LockingRepository[OrderRefund]):
    model_type = OrderRefund


class OrderResendRepository(LockingRepository[OrderResend]):
    model_type = OrderResend

    async def lately(self, order_id: UUID, *, within: timedelta) -> int:
        """How many of the order's there were."""
        since = func.clock_timestamp() - within
        return await self.count(OrderResend.order_id == order_id, OrderResend.created_at > since)
