"""Staff correct a customer's name, email or address, and add notes to an order."""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.queue.place_order import AddressMissing
from apps.checkout.staff_schemas import CustomerIn
from apps.core.audit import assign, record
from apps.core.errors import FieldError
from apps.core.text.postal_rules import refuse_wrong_customer
from apps.orders.kinds.fulfilment import fulfilments
from apps.orders.models import Order


def customer_of(order: Order) -> CustomerIn:
    return msgspec.convert({"name": order.name, "email": order.email, "address": order.address}, CustomerIn)


async def edit_customer(session: AsyncSession, order: Order, data: CustomerIn, *, actor: str) -> None:
    """`order` is locked. Parcels that are still here go to the new address. Raises AddressMissing, Invalid.

    What is picked up keeps having no address. What is not changed is not judged: it was taken once.
    """
    if order.address and data.address is None:
        raise AddressMissing(errors=[FieldError("address", AddressMissing.message)])
    address = msgspec.to_builtins(data.address) if order.address else None
    refuse_wrong_customer(
        data.name if data.name.strip() != order.name else "", address if address != order.address else None
    )
    facts: dict[str, Any] = {"name": data.name.strip(), "email": data.email.lower(), "address": address}
    before, after = assign(order, facts)
    if "address" in after:
        for kind in fulfilments():
            await kind.send_elsewhere(session, order.id, address)
    if after:
        record(session, "orders.change_customer", order, actor=actor, before=before, after=after)
    await session.flush()


def note(session: AsyncSession, order: Order, text: str, *, actor: str) -> None:
    """For the staff alone; it stands in the order's timeline and stays there."""
    record(session, "orders.note", order, actor=actor, after={"note": text})
