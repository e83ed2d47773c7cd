"""The API of the till: carts, checkout, orders, payments."""

from apps.checkout.controllers.cart import CartController
from apps.checkout.controllers.common import TillDependency
from apps.checkout.controllers.orders import CheckoutController

__all__ = ["CartController", "CheckoutController", "TillDependency"]
