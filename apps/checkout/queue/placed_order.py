"""The response to placing an order: its number, its lines, and where to pay."""

from collections.abc import Sequence

from apps.checkout.queue.new_order import AnyOrder, AnyOrderLine
from apps.checkout.schemas import OrderLineOut, PlacedOrderOut
from apps.core.security.signing import sign
from apps.core.text.translations import title_in
from apps.orders.models import OrderState
from project.settings import settings

ORDER_KEY = "order"


def placed_out(order: AnyOrder, lines: Sequence[AnyOrderLine], *, locale: str) -> PlacedOrderOut:
    key = sign(ORDER_KEY, order.id, order.nonce)
    url = order_url(order.number, key)
    return PlacedOrderOut(
        number=order.number,
        state=order.state,
        currency=order.currency,
        lines=[order_line_out(line, locale=locale) for line in lines],
        subtotal=order.subtotal,
        shipping=order.shipping,
        tax=order.tax,
        total=order.total,
        pay_until=order.pay_until,
        key=key,
        url=url,
        pay_url=url if order.state == OrderState.pending else None,
    )


def order_url(number: str, key: str) -> str:
    return f"{settings.base_url}/orders/{number}?key={key}"


def order_line_out(line: AnyOrderLine, *, locale: str) -> OrderLineOut:
    return OrderLineOut(
        id=line.id,
        offer=line.offer_id,
        kind=line.kind,
        title=title_in(locale, line.title, line.translations),
        quantity=line.quantity,
        unit_price=line.unit_price,
        total=line.total,
        refunded_quantity=line.refunded_quantity,
    )
