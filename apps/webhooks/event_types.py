"""What an endpoint can hear of, by the names that programs read, and in people's words."""

from enum import StrEnum

from apps.core.text.i18n import lazy as _


class EventType(StrEnum):
    """What a webhook hears of: the thing, and what happened to it."""

    order_placed = "order.placed"
    order_paid = "order.paid"
    order_cancelled = "order.cancelled"
    order_expired = "order.expired"
    order_refunded = "order.refunded"
    order_dispute_changed = "order.dispute_changed"
    order_withdrawn = "order.withdrawn"
    payment_failed = "payment.failed"
    payment_discrepancy = "payment.discrepancy"
    payment_returned = "payment.returned"
    refund_failed = "refund.failed"
    tickets_issued = "tickets.issued"
    tickets_voided = "tickets.voided"
    ticket_codes_replaced = "tickets.codes_replaced"
    shipments_changed = "shipments.changed"
    concert_announced = "concert.announced"
    concert_on_sale = "concert.on_sale"
    concert_sale_stopped = "concert.sale_stopped"
    concert_postponed = "concert.postponed"
    concert_rescheduled = "concert.rescheduled"
    concert_reinstated = "concert.reinstated"
    concert_cancelled = "concert.cancelled"
    product_published = "product.published"
    product_unpublished = "product.unpublished"
    product_changed = "product.changed"
    stock_sold_out = "stock.sold_out"
    stock_available = "stock.available"


PING = "ping"
"""Sent when somebody asks for it, whatever the endpoint listens to."""
NAMES = {
    EventType.order_placed: _("Order placed"),
    EventType.order_paid: _("Order paid"),
    EventType.order_cancelled: _("Order cancelled"),
    EventType.order_expired: _("Order expired unpaid"),
    EventType.order_refunded: _("Order refunded"),
    EventType.order_dispute_changed: _("Order disputed, or no longer"),
    EventType.order_withdrawn: _("Withdrawn from an order"),
    EventType.payment_failed: _("Payment failed"),
    EventType.payment_discrepancy: _("Payment amount does not match"),
    EventType.payment_returned: _("Payment came too late and is returned"),
    EventType.refund_failed: _("Refund failed"),
    EventType.tickets_issued: _("Tickets issued"),
    EventType.tickets_voided: _("Tickets voided"),
    EventType.ticket_codes_replaced: _("Ticket codes replaced"),
    EventType.shipments_changed: _("Shipments changed"),
    EventType.concert_announced: _("Concert announced"),
    EventType.concert_on_sale: _("Concert on sale"),
    EventType.concert_sale_stopped: _("Concert sale stopped"),
    EventType.concert_postponed: _("Concert postponed"),
    EventType.concert_rescheduled: _("Concert rescheduled"),
    EventType.concert_reinstated: _("Concert no longer postponed"),
    EventType.concert_cancelled: _("Concert cancelled"),
    EventType.product_published: _("Product published"),
    EventType.product_unpublished: _("Product hidden"),
    EventType.product_changed: _("Product changed"),
    EventType.stock_sold_out: _("Stock sold out"),
    EventType.stock_available: _("Stock available again"),
    PING: _("Test"),
}
