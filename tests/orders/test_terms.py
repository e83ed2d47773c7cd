"""What staff may not set for an offer: at each bound, what is just wrong and what is just right."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.orders.offers.pools import name_after
from apps.orders.offers.terms import errors_in_terms
from apps.orders.schemas import MembersIn, PriceIn, ReducedIn

NOON = datetime(2027, 5, 21, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=1)
POOL = UUID(int=7)


def wrong(
    price: PriceIn, *, missing: set[UUID] | None = None, window: Any = (None, None), members: MembersIn | None = None
) -> list[str]:
    """The fields that are named."""
    found = errors_in_terms(
        {"EUR": price}, [POOL], missing=missing or set(), window=window, members=members or MembersIn()
    )
    return [each.field for each in found]


def reduced(**facts: Any) -> PriceIn:
    return PriceIn(amount=3000, reduced=ReducedIn(**{"amount": 2000, **facts}))


@pytest.mark.parametrize(
    ("price", "fields"),
    [
        (PriceIn(amount=3000, minimum=3000), []),
        (PriceIn(amount=3000, minimum=3001), ["prices.EUR.minimum"]),
        (PriceIn(amount=3000, compare_at=3001), []),
        (PriceIn(amount=3000, compare_at=3000), ["prices.EUR.compare_at"]),
        (reduced(amount=2999), []),
        (reduced(amount=3000), ["prices.EUR.reduced.amount"]),
        (reduced(compare_at=2001), []),
        (reduced(compare_at=2000), ["prices.EUR.reduced.compare_at"]),
        (reduced(begins_at=NOON, ends_at=LATER), []),
        (reduced(begins_at=NOON, ends_at=NOON), ["prices.EUR.reduced.ends_at"]),
    ],
)
def test_prices(price: PriceIn, fields: list[str]) -> None:
    assert wrong(price) == fields


def test_a_sale_ends_after_it_begins() -> None:
    assert wrong(PriceIn(amount=3000), window=(NOON, LATER)) == []
    assert wrong(PriceIn(amount=3000), window=(NOON, NOON)) == ["sale_until"]


def test_pools_that_there_are_not() -> None:
    assert wrong(PriceIn(amount=3000), missing={POOL}) == [f"allocation.{POOL}"]


@pytest.mark.parametrize(
    ("name", "renamed"),
    [("Cap", "Hat"), ("Cap: L", "Hat: L"), ("Caps in the cellar", None), ("Cellar", None)],
)
def test_a_pool_follows_the_name_that_it_was_given(name: str, renamed: str | None) -> None:
    assert name_after(name, old="Cap", new="Hat") == renamed


GOLD = MembersIn(entitlement="club.gold")


@pytest.mark.parametrize(
    ("price", "members", "window", "fields"),
    [
        (PriceIn(3000, member_amount=2000), GOLD, (None, None), []),
        (PriceIn(3000, member_amount=3000), GOLD, (None, None), ["prices.EUR.member_amount"]),
        (PriceIn(3000, minimum=1000, member_amount=2000), GOLD, (None, None), ["prices.EUR.member_amount"]),
        (PriceIn(3000, member_amount=2000), MembersIn(), (None, None), ["entitlement"]),
        (PriceIn(3000), MembersIn(members_only=True), (None, None), ["entitlement"]),
        (PriceIn(3000), MembersIn(entitlement="gold", early_from=NOON), (LATER, None), []),
        (PriceIn(3000), MembersIn(entitlement="gold", early_from=NOON), (NOON, None), ["early_from"]),
        (PriceIn(3000), MembersIn(entitlement="gold", early_from=NOON), (None, None), ["early_from"]),
    ],
)
def test_members_are_known_and_favoured(price: PriceIn, members: MembersIn, window: Any, fields: list[str]) -> None:
    assert sorted(wrong(price, members=members, window=window)) == fields
