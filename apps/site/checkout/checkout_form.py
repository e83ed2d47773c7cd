"""The form that turns a cart into an order."""

from functools import cache
from typing import Any

import msgspec
from babel import Locale
from msgspec import Struct

from apps.accounts.addresses.addresses import KeptAddress
from apps.accounts.current_user import CurrentUser
from apps.checkout.controllers import customers_network
from apps.checkout.queue.commands import PlaceOrder
from apps.checkout.schemas import Delivery
from apps.core.http.forms import NOTHING, Filled, Typed, fill
from apps.core.http.requests import AnyRequest, locale_of
from apps.core.text.i18n import lazy as _
from apps.core.text.postal import Address
from apps.core.text.postal_rules import countries_with_post, errors_in_customer
from apps.core.text.string_types import Amount, Email, FilledText
from apps.orders.repositories import CartRef
from apps.site.cart.cart_contents import CartContents
from apps.site.cart.cart_forms import own_key

SENTENCES = {
    "email": _("An email address looks like name@example.org."),
    "delivery": _("Please choose how your merch should reach you."),
    "country": _("Please choose a country from the list."),
    "postal_code": _("A postal code has at most 20 characters."),
}


class CheckoutForm(Struct):
    """`seen_…` are the totals that the fan was shown, by way of delivery."""

    email: Email
    name: FilledText
    delivery: Delivery
    seen_ship: Amount | None = None
    seen_pickup: Amount | None = None


class Recipient(Struct):
    name: FilledText


def fill_checkout(typed: Typed, contents: CartContents) -> tuple[Filled[CheckoutForm], Address | None]:
    """The address is asked for only if something has to be sent; its errors stand among the others."""
    if not contents.needs_shipping:
        typed = {**typed, "delivery": Delivery.pickup}
    filled = fill(CheckoutForm, typed, SENTENCES)
    address = fill(Address, typed, SENTENCES) if typed.get("delivery") == Delivery.ship else None
    rules = errors_in_customer(typed.get("name", ""), typed if address else None, within="")
    of_address = address.errors if address else NOTHING
    errors = {**{each.field: each.message for each in rules}, **filled.errors, **of_address}
    return Filled(typed, errors, None if errors else filled.value), address.value if address else None


def fill_address(typed: Typed) -> tuple[Filled[Any], Address | None]:
    """Of an address by itself, with who lives there; None while something is wrong."""
    name, address = fill(Recipient, typed, SENTENCES), fill(Address, typed, SENTENCES)
    rules = errors_in_customer(typed.get("name", ""), typed, within="")
    errors = {**{each.field: each.message for each in rules}, **name.errors, **address.errors}
    return Filled(typed, errors, None), None if errors else address.value


def known_customer(visitor: CurrentUser | None, kept: KeptAddress | None) -> Filled[CheckoutForm]:
    """What the form begins with: nothing that is known already is asked for again."""
    if visitor is None:
        return Filled(NOTHING, NOTHING, None)
    address = msgspec.to_builtins(kept.address) if kept else {}
    name = kept.name if kept else visitor.name
    return Filled({"email": visitor.email, "name": name, **address}, NOTHING, None)


def place_order_command(
    request: AnyRequest,
    cart: CartRef,
    contents: CartContents,
    form: CheckoutForm,
    address: Address | None,
) -> PlaceOrder:
    ships = form.delivery is Delivery.ship
    return PlaceOrder(
        key=own_key(request),
        cart_id=cart.id,
        lines=(),
        email=form.email.lower(),
        name=form.name,
        ships=ships,
        address=_plain(address),
        currency=contents.cart.currency,
        locale=locale_of(request),
        expected_total=form.seen_ship if ships else form.seen_pickup,
        network=customers_network(request),
        user_id=cart.user_id,
    )


def _plain(address: Address | None) -> dict[str, Any] | None:
    return msgspec.to_builtins(address) if address else None


@cache
def countries(locale: str) -> list[tuple[str, str]]:
    """(ISO 3166 code, name), by name."""
    names = Locale.parse(locale).territories
    known = [(code, names[code]) for code in countries_with_post() if code in names]
    return sorted(known, key=lambda each: each[1].replace("Ё", "Е"))
