"""A quote is exact: whatever is in it, its parts sum up to the minor unit."""

from decimal import Decimal
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from apps.orders.quote import STANDARD, PricedLine, quote
from apps.orders.repositories import OfferTerms


def priced(quantity: int, unit_price: int, tax_class: str, *, needs_shipping: bool) -> PricedLine:
    offer = OfferTerms(
        id=uuid4(),
        kind="merch",
        title="Shirt",
        active=True,
        sale_from=None,
        sale_until=None,
        max_per_order=10,
        max_per_customer=None,
        tax_class=tax_class,
        needs_shipping=needs_shipping,
        entitlement=None,
        members_only=False,
        early_from=None,
        translations={},
        prices={},
        allocation={},
    )
    return PricedLine(offer, quantity, unit_price)


PERCENTS = st.fixed_dictionaries(
    {STANDARD: st.decimals(0, 30, places=2)}, optional={"reduced": st.decimals(0, 30, places=2)}
)
LINES = st.lists(
    st.builds(
        priced,
        quantity=st.integers(1, 1000),
        unit_price=st.integers(0, 100_000_000),
        tax_class=st.sampled_from([STANDARD, "reduced", "unheard of"]),
        needs_shipping=st.booleans(),
    ),
    max_size=8,
)


@given(lines=LINES, shipping=st.integers(0, 10_000), percents=PERCENTS)
def test_lines_and_shipping_sum_up_to_the_total(
    lines: list[PricedLine], shipping: int, percents: dict[str, Decimal]
) -> None:
    whole = quote(lines, shipping_price=shipping, tax_percent=percents)
    assert whole.subtotal == sum(line.total for line in whole.lines)
    assert whole.subtotal == sum(line.quantity * line.unit_price for line in lines)
    assert whole.total == whole.subtotal + whole.shipping
    assert 0 <= sum(line.tax for line in whole.lines) <= whole.tax <= whole.total


@given(lines=LINES, shipping=st.integers(0, 10_000))
def test_shipping_is_charged_once_if_anything_is_sent(lines: list[PricedLine], shipping: int) -> None:
    whole = quote(lines, shipping_price=shipping, tax_percent={})
    assert whole.shipping == (shipping if any(line.offer.needs_shipping for line in lines) else 0)
    assert whole.tax == 0


@given(lines=LINES, percents=PERCENTS)
def test_each_line_costs_the_same_alone(lines: list[PricedLine], percents: dict[str, Decimal]) -> None:
    together = quote(lines, shipping_price=0, tax_percent=percents)
    alone = [quote([line], shipping_price=0, tax_percent=percents).lines[0] for line in lines]
    assert list(together.lines) == alone


def test_included_tax_of_a_shirt_and_its_shipping() -> None:
    shirt = priced(2, 2500, STANDARD, needs_shipping=True)
    whole = quote([shirt], shipping_price=490, tax_percent={STANDARD: Decimal(19)})
    assert (whole.subtotal, whole.shipping, whole.total) == (5000, 490, 5490)
    assert whole.tax == 798 + 78


def test_each_line_is_taxed_by_its_own_class() -> None:
    lines = [priced(1, 10700, tax_class, needs_shipping=False) for tax_class in ("reduced", STANDARD, "unheard of")]
    whole = quote(lines, shipping_price=0, tax_percent={STANDARD: Decimal(19), "reduced": Decimal(7)})
    assert [line.tax for line in whole.lines] == [700, 1708, 0]
    assert whole.tax == 700 + 1708
