"""What a fan says on the first step, and what the second carries over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from msgspec import Struct

from apps.core.http.forms import Filled, Typed, fill
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import Email, FilledText
from apps.shop.withdrawals.reading import Withdrawable
from apps.shop.withdrawals.services import Declaration

PIECES = "pieces-"
"""Begins the name of a line's field; its id follows."""
SENTENCES = {"email": _("An email address looks like name@example.org.")}
HOW_MANY = _("Choose at least one piece, and of each no more than you have.")


class WithdrawalIn(Struct):
    name: FilledText
    email: Email


@dataclass(frozen=True, slots=True)
class WithdrawalForm:
    """Without errors, `declaration` is what is said."""

    filled: Filled[WithdrawalIn]
    declaration: Declaration | None


def first_form(order_name: str, email: str, withdrawable: Withdrawable) -> Filled[WithdrawalIn]:
    """All that is left, by who placed the order."""
    pieces = {f"{PIECES}{each.line}": str(each.quantity) for each in withdrawable.lines}
    return Filled({"name": order_name, "email": email, **pieces}, {}, None)


def read_form(typed: Typed, withdrawable: Withdrawable) -> WithdrawalForm:
    filled = fill(WithdrawalIn, typed, SENTENCES)
    pieces = _pieces(typed, withdrawable)
    if pieces is None:
        return WithdrawalForm(replace(filled, errors={**filled.errors, "pieces": HOW_MANY}, value=None), None)
    if filled.value is None:
        return WithdrawalForm(filled, None)
    return WithdrawalForm(filled, Declaration(filled.value.name, filled.value.email.lower(), pieces))


def _pieces(typed: Typed, withdrawable: Withdrawable) -> Mapping[UUID, int] | None:
    """By line; None where a number is wrong, or all are 0."""
    pieces: dict[UUID, int] = {}
    for each in withdrawable.lines:
        text = typed.get(f"{PIECES}{each.line}", "").strip() or "0"
        if not (text.isascii() and text.isdecimal() and len(text) < 5 and int(text) <= each.quantity):
            return None
        if int(text):
            pieces[each.line] = int(text)
    return pieces or None


def confirmed_pieces(typed: Typed) -> Mapping[UUID, int]:
    """What the second step carries over; what is none of ours is left out, and refused by the service."""
    pieces: dict[UUID, int] = {}
    for name, text in typed.items():
        if name.startswith(PIECES) and text.isascii() and text.isdecimal() and len(text) < 5:
            try:
                pieces[UUID(name.removeprefix(PIECES))] = int(text)
            except ValueError:
                continue
    return pieces
