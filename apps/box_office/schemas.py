"""How far the refunds of a concert's tickets are. Amounts are minor units of the currency beside them."""

from uuid import UUID

from msgspec import Struct


class RefundsInCurrencyOut(Struct, kw_only=True):
    """Orders that still have tickets, those that have none any more, and those whose refund failed.

    `amount_left` will go back to the first, `amount_refunded` was promised for the others since the concert was called
    off. `amount_failed` is money that could not be sent: a person has to refund it once more.
    """

    currency: str
    orders_left: int
    amount_left: int
    orders_refunded: int
    amount_refunded: int
    orders_failed: int
    amount_failed: int


class TicketRefundsOut(Struct, kw_only=True):
    """How far the refunds of a concert's tickets are, for each currency they were paid in."""

    concert: UUID
    currencies: list[RefundsInCurrencyOut]
