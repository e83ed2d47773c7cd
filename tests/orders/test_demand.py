"""What lines ask for together, of pools and of offers."""

from uuid import UUID

from apps.checkout.queue.cart_state import LineState
from apps.orders.demand import demand_of, quantities_of

HALL, BALCONY = UUID(int=1), UUID(int=2)


def test_units_of_one_pool_are_asked_for_together() -> None:
    assert demand_of([{HALL: 2, BALCONY: 1}, {HALL: 3}, {}]) == {HALL: 5, BALCONY: 1}


def test_what_one_claim_frees_is_not_there_for_the_others() -> None:
    assert demand_of([{HALL: -4}, {HALL: 3, BALCONY: -1}]) == {HALL: 3, BALCONY: 0}


def test_pieces_of_one_offer_are_counted_whatever_their_price() -> None:
    cheap, dear, other = (
        LineState(UUID(int=n), offer, n, price)
        for n, offer, price in ((1, HALL, 100), (2, HALL, 900), (4, BALCONY, None))
    )
    assert list(quantities_of([cheap, other, dear]).items()) == [(HALL, 3), (BALCONY, 4)]
