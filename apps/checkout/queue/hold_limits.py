"""How much one network and one customer may hold at once, unpaid orders with carts: docs/decisions/hold-limits.md."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import msgspec

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.inventory.holds import NetworkHolds
from apps.inventory.reservations import Growth, Reservations, Units
from apps.orders.repositories import OfferTerms
from project.settings import settings

MINUTE = timedelta(minutes=1)
TENTH, HALF = 10, 2
"""A network's share is a tenth of a pool at least, since mobile carriers put thousands behind one address, and half
of it at most."""


class NetworkLimit(AppError):
    """`minutes`: when the first of it runs out; `limit`: of what is wanted, or in all."""

    status = 409
    type = "network-limit"
    message = _(
        "Too many items are reserved from your network at the moment. Pay for what is in your cart, or "
        "try again in {minutes} min."
    )


class CustomerHoldLimit(AppError):
    """`limit`: of what is wanted, or in all."""

    status = 409
    type = "buyer-limit"
    message = _("One customer can reserve at most {limit} items at once. Pay for the ones you have first.")


class NetworkAllowance(msgspec.Struct, frozen=True):
    """What networks may hold of the pools of `offers`, all locked in `reservations`."""

    reservations: Reservations
    offers: Iterable[OfferTerms]
    moment: datetime

    def refuse(self, growth: Growth) -> None:
        """Raises NetworkLimit."""
        for network, changes in growth.items():
            if network in self.reservations.networks:
                self._refuse(self.reservations.networks[network], changes)

    def _refuse(self, holds: NetworkHolds, changes: Units) -> None:
        grows = {pool: change for pool, change in changes.items() if change > 0}
        most = settings.held_per_network_in_all
        for pool, change in grows.items():
            share = self._share(pool)
            if holds.units.get(pool, 0) + change > share:
                raise NetworkLimit(limit=share, minutes=self._minutes(holds))
            most = max(most, share)
        if grows and holds.total + sum(changes.values()) > most:
            raise NetworkLimit(limit=most, minutes=self._minutes(holds))

    def _share(self, pool: UUID) -> int:
        capacity = self.reservations.capacity[pool]
        share = min(max(settings.held_per_network, capacity // TENTH), capacity // HALF)
        return max(share, of_one_order(self.offers, pool))

    def _minutes(self, holds: NetworkHolds) -> int:
        if holds.expires_at is None:
            return settings.pay_minutes
        return max(1, ceil((holds.expires_at - self.moment) / MINUTE))


def refuse_over_hold_limit(offers: Iterable[OfferTerms], wanted: Units, *, held: Units) -> None:
    """`held`: what the customer holds besides. Raises CustomerHoldLimit."""
    most = settings.held_per_customer
    total = sum(held.values()) + sum(wanted.values())
    if not most or total <= most:
        return
    allowances = {pool: max(most, of_one_order(offers, pool)) for pool in wanted}
    for pool, share in allowances.items():
        if held.get(pool, 0) + wanted[pool] > share:
            raise CustomerHoldLimit(limit=share)
    in_all = max(settings.held_per_customer_in_all, *allowances.values())
    if total > in_all:
        raise CustomerHoldLimit(limit=in_all)


def of_one_order(offers: Iterable[OfferTerms], pool: UUID) -> int:
    """The most that one order may have of it: nobody's share is less."""
    return max(offer.allocation.get(pool, 0) * offer.max_per_order for offer in offers)


class CartAllowance(NetworkAllowance, frozen=True):
    """The same, and what its customer may: `wanted` of one line beside what the cart has `held`."""

    wanted: Units
    held: Units

    def refuse(self, growth: Growth) -> None:
        """Raises NetworkLimit, CustomerHoldLimit; who wants less is refused nothing."""
        NetworkAllowance.refuse(self, growth)
        if any(change > 0 for changes in growth.values() for change in changes.values()):
            refuse_over_hold_limit(self.offers, self.wanted, held=self.held)
