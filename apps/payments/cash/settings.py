"""The settings of cash: CASH_PLACE and CASH_DAYS."""

from typing import Annotated

from msgspec import Meta, Struct


class CashSettings(Struct, frozen=True, kw_only=True):
    """Where fans bring the money to, in the band's own words, and for how many days an order waits for it."""

    place: Annotated[str, Meta(max_length=200)] = ""
    days: Annotated[int, Meta(ge=1, le=30)] = 7
