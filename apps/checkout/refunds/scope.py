"""The scope of a refund: the whole order, quantities of its lines, with shipping or without, or an amount."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from apps.core.errors import NotFound
from apps.orders.models import OrderLine
from apps.payments.refunds import NothingToRefund


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that is left of the order, shipping too."""


@dataclass(frozen=True, slots=True)
class LineQuantities:
    """Line id → how many of its pieces come back, at the price that was paid."""

    quantities: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Returned:
    """The same with what was paid for their `shipping`, in minor units; less where an amount went back before."""

    quantities: Mapping[UUID, int]
    shipping: int


@dataclass(frozen=True, slots=True)
class Lines:
    """All that is left of these lines, at the price that was paid; less where an amount went back before."""

    ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Amount:
    """Money only, in minor units; the fan keeps the goods."""

    minor: int


Scope = Whole | LineQuantities | Returned | Lines | Amount


def quantities_of(lines: Mapping[UUID, OrderLine], scope: Scope) -> Mapping[UUID, int]:
    """Line id → how many of its pieces come back. Raises NotFound, NothingToRefund."""
    match scope:
        case Whole():
            return _rest(lines.values())
        case Lines(ids):
            return _rest(lines[id] for id in ids)
        case Amount():
            return {}
        case LineQuantities(quantities) | Returned(quantities):
            _refuse_wrong_pieces(lines, quantities)
            return quantities


def _rest(lines: Iterable[OrderLine]) -> Mapping[UUID, int]:
    rest = {line.id: line.quantity - line.refunded_quantity for line in lines}
    return {id: quantity for id, quantity in rest.items() if quantity}


def _refuse_wrong_pieces(lines: Mapping[UUID, OrderLine], quantities: Mapping[UUID, int]) -> None:
    for id, quantity in quantities.items():
        line = lines.get(id)
        if line is None:
            raise NotFound
        if not 0 < quantity <= line.quantity - line.refunded_quantity:
            raise NothingToRefund


def money_of(lines: Mapping[UUID, OrderLine], scope: Scope, quantities: Mapping[UUID, int], *, left: int) -> int:
    """Minor units that go back with these pieces, of what is `left` with us. Raises NothingToRefund."""
    price = sum(lines[id].unit_price * quantity for id, quantity in quantities.items())
    match scope:
        case Whole():
            return left
        case Amount(minor):
            wanted = minor
        case LineQuantities():
            wanted = price
        case Returned(_, shipping):
            wanted = min(price + shipping, left)
        case Lines():
            wanted = min(price, left)
    if wanted > left:
        raise NothingToRefund
    return wanted
