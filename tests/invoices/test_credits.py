"""What credit notes say adds up with their invoice, whatever is given back in whatever order."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.core.money import included_tax
from apps.invoices.contents import Line, Tax, taxes_of
from apps.invoices.issuing.credits import credited_lines
from apps.invoices.issuing.tax_rates import TaxRates, UnknownRate

RATES = TaxRates((Decimal("19"), Decimal("7")), "E")
NAMES = UUID(int=0)
pieces = st.tuples(st.integers(0, 100_000), st.integers(1, 12), st.sampled_from(["19", "7", "0"]))
orders = st.lists(pieces, min_size=1, max_size=6)


def invoiced(order: Sequence[tuple[int, int, str]], shipping: int) -> list[Line]:
    lines = [
        made(f"line {place}", price, quantity, percent, uuid5(NAMES, str(place)))
        for place, (price, quantity, percent) in enumerate(order)
    ]
    return [*lines, made("Shipping", shipping, 1, "19", None)] if shipping else lines


def made(title: str, price: int, quantity: int, percent: str, id: UUID | None) -> Line:
    total = price * quantity
    return Line(
        title=title,
        quantity=quantity,
        unit_price=price,
        total=total,
        tax=included_tax(total, Decimal(percent)),
        category="S" if percent != "0" else "E",
        percent=percent,
        order_line=id,
    )


def total(taxes: Sequence[Tax]) -> tuple[int, int]:
    return sum(each.total for each in taxes), sum(each.tax for each in taxes)


@given(order=orders, shipping=st.integers(0, 2000), parts=st.lists(st.integers(1, 2_000_000), max_size=5))
def test_amounts_credit_the_whole_invoice_to_the_unit_and_no_more(
    order: list[tuple[int, int, str]], shipping: int, parts: list[int]
) -> None:
    lines = invoiced(order, shipping)
    whole, tax = total(taxes_of(lines, ""))
    assume(whole)
    credited: list[Tax] = []
    for part in [*parts, whole]:
        amount = min(part, whole - total(credited)[0])
        if amount:
            noted = credited_lines(lines, credited, amount=amount, pieces={}, title="Refund")
            assert sum(each.total for each in noted) == amount
            assert all(0 <= each.tax <= each.total for each in noted)
            credited += taxes_of(noted, "")
        assert total(credited)[0] <= whole
        assert total(credited)[1] <= tax
    assert total(credited) == (whole, tax)


@given(order=orders, shipping=st.integers(0, 2000), data=st.data())
def test_pieces_that_come_back_are_named(order: list[tuple[int, int, str]], shipping: int, data: st.DataObject) -> None:
    lines = invoiced(order, shipping)
    back = {each.order_line: data.draw(st.integers(0, each.quantity)) for each in lines if each.order_line}
    amount = sum(each.unit_price * back[each.order_line] for each in lines if each.order_line)
    assume(amount)
    noted = credited_lines(lines, [], amount=amount, pieces=back, title="Refund")
    assert {each.order_line: each.quantity for each in noted} == {id: number for id, number in back.items() if number}
    assert sum(each.total for each in noted) == amount


def test_pieces_go_with_shipping_when_everything_comes_back() -> None:
    lines = invoiced([(2500, 2, "19"), (1900, 1, "0")], 490)
    back = {each.order_line: each.quantity for each in lines if each.order_line}
    noted = credited_lines(lines, [], amount=7390, pieces=back, title="Refund")
    assert noted == lines


def test_a_rate_is_the_one_that_gives_the_tax() -> None:
    assert RATES.rate_of(11900, 1900, is_taxed=True) == ("S", "19")
    assert RATES.rate_of(10700, 700, is_taxed=True) == ("S", "7")
    assert RATES.rate_of(1900, 0, is_taxed=False) == ("E", "0")
    assert RATES.rate_of(2, 0, is_taxed=True) == ("S", "19")
    with pytest.raises(UnknownRate):
        RATES.rate_of(10000, 2000, is_taxed=True)
