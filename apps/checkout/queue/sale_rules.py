"""Rules of every sale, for lines of carts and of orders, and the errors they raise."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.inventory.reservations import Claims, Reservations, Units
from apps.orders.quote import STANDARD, PricedLine, Quote, quote
from apps.orders.repositories import OfferTerms
from project.settings import settings


class OfferGone(AppError):
    status = 404
    type = "offer-not-found"
    message = _("This is not for sale here.")


class OfferRefused(AppError):
    """Names the `offer` that is the trouble, to people by its title in their language."""

    def __init__(self, offer: OfferTerms, **details: Any) -> None:
        super().__init__(offer=str(offer.id), **details)
        self._offer = offer

    def sentence(self, locale: str) -> str:
        return self.message.in_locale(locale).format_map({**self.details, "title": self._offer.title_in(locale)})


class NotOnSale(OfferRefused):
    status = 409
    type = "not-on-sale"
    message = _("“{title}” is not on sale at the moment.")


class MembersOnly(OfferRefused):
    """Also in the days when its members may buy it and others may not yet."""

    status = 409
    type = "members-only"
    message = _("“{title}” is only for members at the moment. If you are one, please sign in.")


class NoPrice(OfferRefused):
    status = 409
    type = "no-price"
    message = _("“{title}” has no price in {currency}.")


class PriceNotNamed(OfferRefused):
    status = 422
    type = "price-not-allowed"
    message = _("“{title}” has a fixed price.")


class PriceTooLow(OfferRefused):
    status = 422
    type = "price-too-low"
    message = _("The price you name for “{title}” is too low.")


class TooMany(OfferRefused):
    status = 409
    type = "order-limit"
    message = _("At most {limit} of “{title}” per order.")


class CustomerLimit(OfferRefused):
    status = 409
    type = "customer-limit"
    message = _("At most {limit} of “{title}” per customer.")


class SoldOut(OfferRefused):
    """`held`: how many pieces the customer's cart holds already; `left`: how many more there are for it."""

    status = 409
    type = "sold-out"
    message = _("There are none left of “{title}” at the moment.")
    too_few = _("Only {left} left of “{title}” at the moment.")
    no_more = _("You have {held} of “{title}” in your cart. No more are left at the moment.")
    few_more = _("You have {held} of “{title}” in your cart. Only {left} more can be added: {total} in total.")

    def __init__(self, offer: OfferTerms, *, left: int, held: int) -> None:
        super().__init__(offer, left=left, held=held)

    def sentence(self, locale: str) -> str:
        left, held = self.details["left"], self.details["held"]
        some, none = (self.few_more, self.no_more) if held else (self.too_few, self.message)
        values = {"left": left, "held": held, "total": held + left, "title": self._offer.title_in(locale)}
        return (some if left else none).in_locale(locale).format_map(values)


def refuse_unsellable(offer: OfferTerms, *, at: datetime, entitlements: Collection[str]) -> None:
    """`entitlements`: of whoever wants to buy it. Raises NotOnSale, MembersOnly."""
    is_open = offer.sale_from is None or offer.sale_from <= at
    is_open_early = offer.early_from is not None and offer.early_from <= at
    is_over = offer.sale_until is not None and offer.sale_until <= at
    if not offer.active or is_over or not (is_open or is_open_early):
        raise NotOnSale(offer)
    if (offer.members_only or not is_open) and not offer.is_member(entitlements):
        raise MembersOnly(offer)


def unit_price(offer: OfferTerms, currency: str, *, named: int | None, entitlements: Collection[str]) -> int:
    """The offer's price in `currency` for who has these entitlements, or the one the fan named where that is asked."""
    price = offer.prices.get(currency)
    if price is None:
        raise NoPrice(offer, currency=currency)
    if price.minimum is None:
        if named is not None:
            raise PriceNotNamed(offer)
        return price.amount_for_members if offer.is_member(entitlements) else price.amount
    if named is not None and named < price.minimum:
        raise PriceTooLow(offer, minimum=price.minimum)
    return price.amount if named is None else named


def refuse_over_limits(offer: OfferTerms, quantity: int, *, bought: int = 0) -> None:
    """`bought`: what the customer has of it besides."""
    if quantity > offer.max_per_order:
        raise TooMany(offer, limit=offer.max_per_order)
    if not offer.allows_customer(bought + quantity):
        raise CustomerLimit(offer, limit=offer.max_per_customer)


def sold_out(reservations: Reservations, lines: Mapping[UUID, OfferTerms], claims: Claims, left: Units) -> SoldOut:
    """The error for the first offer of which not enough is left when those before it have theirs.

    `lines`: the offer of each line, `claims` what some of them were to hold; `left`: of each pool that is short.
    """
    rest, demands = dict(left), _demands(reservations, lines, claims)
    short = next(offer for offer, growth in demands if not _fits(growth, rest))
    more = min(rest[pool] // units for pool, units in short.allocation.items() if pool in rest)
    held = sum(_quantity_held(reservations, line, short) for line, offer in lines.items() if offer.id == short.id)
    return SoldOut(short, left=more, held=held)


def _demands(
    reservations: Reservations, lines: Mapping[UUID, OfferTerms], claims: Claims
) -> Iterable[tuple[OfferTerms, Units]]:
    """How the pools would change for each offer."""
    growth: dict[UUID, Counter[UUID]] = {}
    for line, units in claims.items():
        growth.setdefault(lines[line].id, Counter()).update(reservations.missing(line, units))
    offers = {lines[line].id: lines[line] for line in claims}
    return [(offers[id], changes) for id, changes in growth.items()]


def _fits(growth: Units, rest: dict[UUID, int]) -> bool:
    """Takes it from the rest, if it fits."""
    if any(change > rest[pool] for pool, change in growth.items() if pool in rest):
        return False
    rest.update({pool: units - growth.get(pool, 0) for pool, units in rest.items()})
    return True


def _quantity_held(reservations: Reservations, line: UUID, offer: OfferTerms) -> int:
    held = reservations.items[line].units if line in reservations.items else {}
    return min((held.get(pool, 0) // units for pool, units in offer.allocation.items()), default=0)


def price_up(lines: Collection[PricedLine], *, ships: bool) -> Quote:
    """What they cost, with shipping where it `ships`."""
    return quote(lines, shipping_price=settings.shipping_price if ships else 0, tax_percent=tax_percents())


@cache
def tax_percents() -> Mapping[str, Decimal]:
    return {STANDARD: Decimal(settings.tax_percent)}
