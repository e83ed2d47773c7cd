"""The terms of an offer as staff give them, and orders as lists have them. Amounts are minor units and include tax."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.accounts.entitlements.schemas import EntitlementKey
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import Amount, Currency, Quantity
from apps.orders.models import OrderState


class ReducedIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A lower price for a time, with the price before that is shown beside it then. Without a time it counts at once,
    or for ever."""

    amount: Amount
    compare_at: Amount | None = None
    begins_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class PriceIn(Struct, forbid_unknown_fields=True):
    """`minimum` makes it name-your-price, and `amount` what is proposed; `compare_at`, the price before, is higher.
    `member_amount` is what members pay: lower, and of a fixed price."""

    amount: Amount
    minimum: Amount | None = None
    compare_at: Amount | None = None
    reduced: ReducedIn | None = None
    member_amount: Amount | None = None


class MembersIn(Struct, kw_only=True):
    """For whom it is sold: `entitlement` is the key that makes somebody a member, as "club.gold". They may buy it
    before others do, from `early_from`; where it is `members_only` nobody else may."""

    entitlement: EntitlementKey | None = None
    members_only: bool = False
    early_from: Annotated[AwareDatetime | None, Meta(examples=[None])] = None


Prices = Annotated[Mapping[Currency, PriceIn], Meta(max_length=20, description="By ISO 4217 currency.")]
Allocation = Annotated[
    Mapping[UUID, Quantity],
    Meta(
        max_length=20,
        description="Units that one piece takes of each pool, by pool id.",
        extra_json_schema={"propertyNames": {"format": "uuid"}},
    ),
]


class OrderListedOut(Struct, kw_only=True):
    """`total_text` is the total as people write it; `pieces` are of all lines together."""

    number: str
    state: OrderState
    currency: str
    total: int
    total_text: str
    refunded: int
    pieces: int
    placed_at: AwareDatetime
    paid_at: AwareDatetime | None
