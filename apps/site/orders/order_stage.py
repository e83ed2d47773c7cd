"""The stage of an order, as its page shows it to the fan."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from apps.checkout.schemas import OrderOut
from apps.orders.models import OrderState
from apps.payments.models import PaymentState

LOOKS = 5


class Stage(StrEnum):
    """What happened last, and so what comes next. Stages with `waits` end by themselves, in seconds as a rule."""

    to_pay = "to_pay"
    checking = "checking"
    failed = "failed"
    arrived = "arrived"
    overdue = "overdue"
    making = "making"
    ready = "ready"
    expired = "expired"
    cancelled = "cancelled"
    refunded = "refunded"
    taken_back = "taken_back"

    @property
    def waits(self) -> bool:
        return self in (Stage.checking, Stage.arrived, Stage.making)

    @property
    def is_paid(self) -> bool:
        return self in (Stage.arrived, Stage.making, Stage.ready)

    @property
    def may_pay(self) -> bool:
        return self in (Stage.to_pay, Stage.failed)

    @property
    def may_cancel(self) -> bool:
        return self.may_pay or self is Stage.overdue

    @property
    def is_open(self) -> bool:
        """Nothing is delivered yet, but may be."""
        return self.may_cancel or self.waits


AT_PROVIDER = (PaymentState.pending, PaymentState.failed)
"""What the customer may have paid meanwhile."""
ENDED = {
    OrderState.expired: Stage.expired,
    OrderState.cancelled: Stage.cancelled,
    OrderState.refunded: Stage.refunded,
}


def stage_of(row: Any, order: OrderOut, *, at: datetime, is_known: bool) -> Stage:
    """`row`: the order's columns; `at`: the database's time; `is_known`: the provider was asked just now."""
    if order.state is OrderState.paid:
        return Stage.ready if row.delivered_at else Stage.making
    if order.state is not OrderState.pending:
        is_free_and_gone = order.state is OrderState.refunded and not order.total
        return Stage.taken_back if is_free_and_gone else ENDED[order.state]
    if order.payment == PaymentState.confirmed:
        return Stage.arrived
    if order.payment in AT_PROVIDER and not is_known:
        return Stage.checking
    if order.pay_until <= at:
        return Stage.overdue
    return Stage.failed if order.payment_failure else Stage.to_pay


def look_again(stage: Stage, here: str, looked: int) -> str:
    """Where a page that waits looks again by itself, a few times; then it is left to the fan."""
    return f"{here}&looked={looked + 1}" if stage.waits and looked < LOOKS else ""
