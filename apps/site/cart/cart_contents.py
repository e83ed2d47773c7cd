"""The contents of the fan's cart, as the pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.cart_view import cart_view
from apps.checkout.queue.sale_rules import NoPrice, NotOnSale, PriceNotNamed, PriceTooLow, price_up
from apps.checkout.schemas import CartLineOut, CartOut
from apps.core.errors import NotFound
from apps.orders.quote import PricedLine, Quote
from apps.orders.repositories import CartRef, OfferTerms, offer_terms

PROBLEMS = {error.type: error for error in (NotOnSale, NoPrice, PriceNotNamed, PriceTooLow)}


@dataclass(frozen=True, slots=True)
class CartContents:
    """A cart with something in it, and the terms of each offer in it."""

    cart: CartOut
    terms: Mapping[UUID, OfferTerms]

    @property
    def can_be_ordered(self) -> bool:
        return not any(line.problem for line in self.cart.lines)

    @property
    def needs_shipping(self) -> bool:
        """Whether anything has to come by post, if it is not picked up."""
        return any(self.terms[line.offer].needs_shipping for line in self.cart.lines)

    def sums(self, *, ships: bool) -> Quote:
        bought = [PricedLine(self.terms[line.offer], line.quantity, line.unit_price) for line in self.cart.lines]
        return price_up(bought, ships=ships)

    def most(self, line: CartLineOut) -> int:
        return max(self.terms[line.offer].max_per_order, line.quantity)

    def problem(self, line: CartLineOut, locale: str) -> str:
        """Why the line cannot be bought, in words; empty when it can."""
        if not line.problem:
            return ""
        return PROBLEMS[line.problem](self.terms[line.offer], currency=self.cart.currency).sentence(locale)


async def read_cart_contents(reads: AsyncConnection, cart_ref: CartRef, *, locale: str) -> CartContents | None:
    """None when there is nothing in it."""
    try:
        cart = await cart_view(reads, cart_ref, locale=locale) if cart_ref.id else None
    except NotFound:
        return None
    if cart is None or not cart.lines:
        return None
    return CartContents(cart, await offer_terms(reads, {line.offer for line in cart.lines}))
