"""Offers, carts, orders with their lines, and refunds of orders."""

from apps.orders.models.carts import Cart, CartLine
from apps.orders.models.offers import Offer, OfferKind, OfferPool, OfferPrice
from apps.orders.models.orders import (
    Order,
    OrderDispute,
    OrderLine,
    OrderRefund,
    OrderRefundLine,
    OrderResend,
    OrderState,
)

__all__ = [
    "Cart",
    "CartLine",
    "Offer",
    "OfferKind",
    "OfferPool",
    "OfferPrice",
    "Order",
    "OrderDispute",
    "OrderLine",
    "OrderRefund",
    "OrderRefundLine",
    "OrderResend",
    "OrderState",
]
