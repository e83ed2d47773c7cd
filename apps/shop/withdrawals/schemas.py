"""Withdrawals as the API takes them in and gives them out."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import FILLED, Email, FilledText, Quantity
from apps.shop.withdrawals.models import WithdrawalState

Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=FILLED)]


class PiecesOut(Struct):
    """Some pieces of an order's line."""

    line: UUID
    title: str
    quantity: int


class WithdrawalOut(Struct, kw_only=True):
    """What was declared, when it was received, and what has come of it. `note` is why it was refused."""

    id: UUID
    state: WithdrawalState
    submitted_at: AwareDatetime
    name: str
    email: str
    statement: str
    note: str
    lines: list[PiecesOut]


class WithdrawalFoundOut(WithdrawalOut, kw_only=True):
    """The same for staff, with its order's number."""

    order: str
    received_at: AwareDatetime | None
    refused_at: AwareDatetime | None


class OrderWithdrawalsOut(Struct, kw_only=True):
    """What may be withdrawn from, and what was.

    `lines` has how many pieces are left of each; none where there is nothing to withdraw from, or it is too late.
    `last_day`, by the shop's clocks, is null until all parcels were received: then the days have not begun.
    """

    lines: list[PiecesOut]
    last_day: date | None
    withdrawals: list[WithdrawalOut]


class PiecesIn(Struct, forbid_unknown_fields=True):
    """How many pieces of an order's line are withdrawn."""

    line: UUID
    quantity: Quantity


class WithdrawalIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Who withdraws from what; the receipt goes to `email`, else to that of the order. Without `lines`: from all."""

    name: FilledText
    email: Email | None = None
    lines: Annotated[list[PiecesIn], Meta(min_length=1, max_length=100)] | None = None


class RefuseIn(Struct, forbid_unknown_fields=True):
    """The fan is told the reason."""

    reason: Reason
