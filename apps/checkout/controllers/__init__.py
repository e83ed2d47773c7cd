"""The API of checkout: carts, checkout, orders, payments."""

from apps.checkout.controllers.cart import CartController
from apps.checkout.controllers.common import buyers_network, checkout_queue_of
from apps.checkout.controllers.orders import CheckoutController

__all__ = ["CartController", "CheckoutController", "buyers_network", "checkout_queue_of"]
