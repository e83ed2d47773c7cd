"""What a credit note says of an invoice: the pieces that came back, or a part of each rate. Pure.

Taxes follow what is credited of a rate in all, so that the last credit note leaves nothing and none is too much.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import msgspec

from apps.core.money import share
from apps.invoices.contents import Line, Tax
from apps.invoices.issuing.tax_rates import Rate


def credited_lines(
    invoice: Sequence[Line],
    credited: Sequence[Tax],
    *,
    amount: int,
    pieces: Mapping[UUID, int],
    title: str,
) -> list[Line]:
    """`amount` is at most what is left of the invoice; `credited` are the taxes of its earlier credit notes.

    `pieces`: order line → how many came back. Where their prices are another amount, the credit note says `title`.
    """
    rest = _rest(invoice, credited)
    lines = next((each for each in _of_pieces(invoice, pieces) if _fits(each, amount, rest)), None)
    if lines is None:
        lines = _parts(rest, amount, title)
    return _with_tax(lines, invoice, credited)


def _rest(invoice: Sequence[Line], credited: Sequence[Tax]) -> dict[Rate, int]:
    """By rate, how much is left to credit, tax included."""
    rest: dict[Rate, int] = {}
    for line in invoice:
        rate = Rate(line.category, line.percent)
        rest[rate] = rest.get(rate, 0) + line.total
    for each in credited:
        rest[Rate(each.category, each.percent)] -= each.total
    return rest


def _of_pieces(invoice: Sequence[Line], pieces: Mapping[UUID, int]) -> Iterator[list[Line]]:
    """Without shipping, and with it."""
    if not pieces:
        return
    came_back = [
        msgspec.structs.replace(line, quantity=quantity, total=quantity * line.unit_price)
        for line in invoice
        if line.order_line and (quantity := pieces.get(line.order_line, 0))
    ]
    yield came_back
    yield [*came_back, *(line for line in invoice if line.order_line is None)]


def _fits(lines: Sequence[Line], amount: int, rest: Mapping[Rate, int]) -> bool:
    return sum(line.total for line in lines) == amount and all(
        sum(line.total for line in lines if Rate(line.category, line.percent) == rate) <= left
        for rate, left in rest.items()
    )


def _parts(rest: Mapping[Rate, int], amount: int, title: str) -> list[Line]:
    """The amount over the rates, by what is left of each."""
    parts = zip(rest, share(amount, list(rest.values())), strict=True)
    return [
        Line(title=title, quantity=1, unit_price=part, total=part, tax=0, category=rate.category, percent=rate.percent)
        for rate, part in parts
        if part
    ]


def _with_tax(lines: Sequence[Line], invoice: Sequence[Line], credited: Sequence[Tax]) -> list[Line]:
    taxed: dict[int, int] = {}
    for rate in {Rate(line.category, line.percent) for line in lines}:
        places = [place for place, line in enumerate(lines) if (line.category, line.percent) == rate]
        totals = [lines[place].total for place in places]
        taxed |= zip(places, share(_tax_of(rate, sum(totals), invoice, credited), totals), strict=True)
    return [msgspec.structs.replace(line, tax=taxed[place]) for place, line in enumerate(lines)]


def _tax_of(rate: Rate, amount: int, invoice: Sequence[Line], credited: Sequence[Tax]) -> int:
    """The rate's share of the tax up to here, less what was credited of it before."""
    lines = [line for line in invoice if (line.category, line.percent) == rate]
    before = [each for each in credited if (each.category, each.percent) == rate]
    whole, tax = sum(line.total for line in lines), sum(line.tax for line in lines)
    reached = sum(each.total for each in before) + amount
    return _part_of(tax, reached, whole) - sum(each.tax for each in before)


def _part_of(tax: int, reached: int, whole: int) -> int:
    """To the nearest minor unit."""
    return (2 * tax * reached + whole) // (2 * whole) if whole else 0
