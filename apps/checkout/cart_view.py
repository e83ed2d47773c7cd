"""A cart as its owner sees it: what it costs now, and what of it is held."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.accounts.entitlements.entitlements import entitlements_of
from apps.checkout.queue.cart_state import CartState, LineState, read_cart, read_line
from apps.checkout.queue.sale_rules import price_up, refuse_unsellable, unit_price
from apps.checkout.schemas import CartLineOut, CartOut
from apps.core.db.database import now
from apps.core.errors import AppError, NotFound
from apps.core.security.signing import sign
from apps.inventory.reservations import Reservations
from apps.orders.quote import PricedLine
from apps.orders.repositories import (
    CARTS,
    CartRef,
    OfferTerms,
    is_cart,
    lines_of_carts,
    offer_terms,
    open_carts_of,
)

CART_KEY = "cart"


async def own_cart(connection: AsyncConnection, user_id: UUID) -> UUID | None:
    """The open one of a user, on whatever device it was begun."""
    row = (await connection.execute(open_carts_of([user_id]))).one_or_none()
    return row.id if row else None


async def cart_view(connection: AsyncConnection, wanted: CartRef, *, locale: str) -> CartOut:
    """In the language of who looks. Raises NotFound."""
    row = (await connection.execute(select(CARTS).where(is_cart(wanted)))).one_or_none()
    if row is None:
        raise NotFound
    cart = read_cart(row)
    cart.lines = {line.id: read_line(line) for line in await connection.execute(lines_of_carts([cart.id]))}
    reservations = Reservations(connection)
    await reservations.look_at_holds([cart.id])
    offers = await offer_terms(connection, {line.offer_id for line in cart.lines.values()})
    entitlements = await _entitlements(connection, offers.values(), wanted.user_id)
    return cart_out(cart, offers, reservations, entitlements, at=await now(connection), locale=locale)


async def _entitlements(
    connection: AsyncConnection, offers: Iterable[OfferTerms], user_id: UUID | None
) -> frozenset[str]:
    """Where any of the offers asks for one."""
    if user_id is None or not any(offer.entitlement for offer in offers):
        return frozenset()
    return (await entitlements_of(connection, [user_id])).get(user_id, frozenset())


def cart_out(
    cart: CartState,
    offers: dict[UUID, OfferTerms],
    reservations: Reservations,
    entitlements: Collection[str],
    *,
    at: datetime,
    locale: str,
) -> CartOut:
    """What cannot be bought counts nothing. `entitlements`: of who looks."""
    lines = [
        _line_out(line, offers[line.offer_id], cart, reservations, entitlements, at, locale)
        for line in cart.lines.values()
    ]
    bought = [PricedLine(offers[line.offer], line.quantity, line.unit_price) for line in lines if not line.problem]
    sums = price_up(bought, ships=True)
    return CartOut(
        token=sign(CART_KEY, cart.id),
        placed=cart.placed,
        trimmed=cart.trimmed,
        currency=cart.currency,
        lines=lines,
        subtotal=sums.subtotal,
        shipping=sums.shipping,
        tax=sums.tax,
        total=sums.total,
        expires_at=cart.expires_at if reservations.owns(cart.id) else None,
    )


def _line_out(
    line: LineState,
    offer: OfferTerms,
    cart: CartState,
    reservations: Reservations,
    entitlements: Collection[str],
    at: datetime,
    locale: str,
) -> CartLineOut:
    price, problem = 0, None
    try:
        refuse_unsellable(offer, at=at, entitlements=entitlements)
        price = unit_price(offer, cart.currency, named=line.price, entitlements=entitlements)
    except AppError as error:
        problem = error.type
    return CartLineOut(
        id=line.id,
        offer=offer.id,
        kind=offer.kind,
        title=offer.title_in(locale),
        quantity=line.quantity,
        unit_price=price,
        total=price * line.quantity,
        held=reservations.holds(line.id, offer.units(line.quantity), at=at),
        problem=problem,
    )
