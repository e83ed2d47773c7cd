"""Terms of an offer as staff set them: prices, allocation, sale window. Callers hold the lock of the row above it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from apps.core.audit import assign
from apps.core.errors import FieldError
from apps.core.money import is_currency
from apps.core.text.datetimes import errors_in_datetimes, in_utc
from apps.core.text.i18n import lazy as _
from apps.orders.models import Offer, OfferPool, OfferPrice
from apps.orders.schemas import MembersIn, PriceIn, ReducedIn

NO_CURRENCY = _("There is no such currency.")
NO_POOL = _("There is no such pool.")
ABOVE_AMOUNT = _("Must not be more than the amount.")
NOT_BEFORE = _("The compare-at price must be higher than the price.")
NOT_REDUCED = _("A sale price must be lower than the price.")
ENDS_FIRST = _("The sale must end later than it begins.")
NO_MEMBERS = _("Say which entitlement makes somebody a member.")
NOT_EARLY = _("Must be earlier than the beginning of the sale for everybody.")
NO_FAVOUR = _("The members' price must be lower than the price, which must be a fixed one.")
NEVER_OPEN = _("Must be later than the beginning of the sale.")


def terms_of(offer: Offer) -> dict[str, Any]:
    """`prices` and `allocation`, in an order of their own, as JSON values. The offer was loaded with them."""
    allocation = {str(pool): units for pool, units in allocation_of(offer).items()}
    return {"prices": prices_as_json(offer.prices), "allocation": allocation}


def prices_as_json(prices: Iterable[OfferPrice]) -> dict[str, Any]:
    """All prices of an offer, by currency."""
    return {
        each.currency: {
            "amount": each.amount,
            "minimum": each.minimum,
            "compare_at": each.compare_at,
            "reduced": _reduced(each),
            "member_amount": each.member_amount,
        }
        for each in sorted(prices, key=lambda price: price.currency)
    }


def prices_of(offer: Offer) -> dict[str, PriceIn]:
    """The same as staff give them."""
    return msgspec.convert(terms_of(offer)["prices"], dict[str, PriceIn])


def allocation_of(offer: Offer) -> dict[UUID, int]:
    """Units that one piece takes of each pool."""
    return {each.pool_id: each.units for each in sorted(offer.allocation, key=lambda pool: pool.pool_id)}


def rewrite(
    offer: Offer, facts: Mapping[str, Any], prices: Mapping[str, PriceIn], allocation: Mapping[UUID, int]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts and terms of an offer that was loaded with its terms. What differs, as `assign` tells it."""
    before, after = assign(offer, facts)
    old_terms = terms_of(offer)
    set_terms(offer, prices, allocation)
    new_terms = terms_of(offer)
    changed = [name for name, term in old_terms.items() if new_terms[name] != term]
    return before | {name: old_terms[name] for name in changed}, after | {name: new_terms[name] for name in changed}


def member_facts(data: MembersIn) -> dict[str, Any]:
    """Facts of an offer. Raises Invalid."""
    facts = {"entitlement": data.entitlement, "members_only": data.members_only}
    return facts | in_utc(early_from=data.early_from)


def members_of(offer: Offer) -> dict[str, Any]:
    """Fields of MembersIn."""
    return {name: getattr(offer, name) for name in MembersIn.__struct_fields__}


def set_terms(offer: Offer, prices: Mapping[str, PriceIn], allocation: Mapping[UUID, int]) -> None:
    """`offer` is new, or was loaded with its prices and allocation."""
    offer.prices = [OfferPrice(currency=currency, **columns_of(price)) for currency, price in prices.items()]
    offer.allocation = [OfferPool(pool_id=pool, units=units) for pool, units in allocation.items()]


def columns_of(price: PriceIn) -> dict[str, Any]:
    """Of OfferPrice."""
    reduced = price.reduced
    return {
        "amount": price.amount,
        "minimum": price.minimum,
        "member_amount": price.member_amount,
        "compare_at": price.compare_at,
        "reduced": reduced and reduced.amount,
        "reduced_compare_at": reduced and reduced.compare_at,
        "reduced_from": reduced and reduced.begins_at,
        "reduced_until": reduced and reduced.ends_at,
    }


def _reduced(price: OfferPrice) -> dict[str, Any] | None:
    if price.reduced is None:
        return None
    begins_at, ends_at = (moment and moment.isoformat() for moment in (price.reduced_from, price.reduced_until))
    amounts = {"amount": price.reduced, "compare_at": price.reduced_compare_at}
    return {**amounts, "begins_at": begins_at, "ends_at": ends_at}


def errors_in_terms(
    prices: Mapping[str, PriceIn],
    allocation: Iterable[UUID],
    *,
    missing: Collection[UUID],
    window: tuple[datetime | None, datetime | None],
    members: MembersIn,
) -> Iterator[FieldError]:
    """All that is wrong. `missing`: the pools that there are not; `window` is when the sale begins and ends."""
    yield from _of_prices(prices)
    yield from _of_members(prices, members, sale_from=window[0])
    yield from (FieldError(f"allocation.{pool}", NO_POOL) for pool in allocation if pool in missing)
    begins, ends = window
    impossible = errors_in_datetimes(sale_from=begins, sale_until=ends)
    yield from impossible
    if not impossible and begins and ends and begins >= ends:
        yield FieldError("sale_until", NEVER_OPEN)


def _of_members(
    prices: Mapping[str, PriceIn], members: MembersIn, *, sale_from: datetime | None
) -> Iterator[FieldError]:
    has_price = any(price.member_amount is not None for price in prices.values())
    if members.entitlement is None and (members.members_only or members.early_from or has_price):
        yield FieldError("entitlement", NO_MEMBERS)
    impossible = errors_in_datetimes(early_from=members.early_from)
    yield from impossible
    if not impossible and members.early_from and not (sale_from and members.early_from < sale_from):
        yield FieldError("early_from", NOT_EARLY)


def _of_prices(prices: Mapping[str, PriceIn]) -> Iterator[FieldError]:
    for currency, price in prices.items():
        if not is_currency(currency):
            yield FieldError(f"prices.{currency}", NO_CURRENCY)
        if price.minimum is not None and price.minimum > price.amount:
            yield FieldError(f"prices.{currency}.minimum", ABOVE_AMOUNT)
        if price.member_amount is not None and (price.minimum is not None or price.member_amount >= price.amount):
            yield FieldError(f"prices.{currency}.member_amount", NO_FAVOUR)
        if price.compare_at is not None and price.compare_at <= price.amount:
            yield FieldError(f"prices.{currency}.compare_at", NOT_BEFORE)
        if price.reduced is not None:
            yield from _of_reduced(f"prices.{currency}.reduced", price.amount, price.reduced)


def _of_reduced(path: str, amount: int, reduced: ReducedIn) -> Iterator[FieldError]:
    if reduced.amount >= amount:
        yield FieldError(f"{path}.amount", NOT_REDUCED)
    if reduced.compare_at is not None and reduced.compare_at <= reduced.amount:
        yield FieldError(f"{path}.compare_at", NOT_BEFORE)
    begins, ends = reduced.begins_at, reduced.ends_at
    impossible = errors_in_datetimes(begins_at=begins, ends_at=ends)
    yield from (FieldError(f"{path}.{each.field}", each.message) for each in impossible)
    if not impossible and begins and ends and begins >= ends:
        yield FieldError(f"{path}.ends_at", ENDS_FIRST)
