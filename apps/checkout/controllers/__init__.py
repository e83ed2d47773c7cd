"""The API of checkout: carts, checkout, orders, payments."""

from apps.checkout.controllers.cart import CartController, OwnCartController
from apps.checkout.controllers.common import checkout_queue_of, customers_network, payment_queue_of
from apps.checkout.controllers.orders import CheckoutController

__all__ = [
    "CartController",
    "CheckoutController",
    "OwnCartController",
    "checkout_queue_of",
    "customers_network",
    "payment_queue_of",
]
