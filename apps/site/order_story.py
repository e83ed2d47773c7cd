"""Where an order stands, for the fan who looks at it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from apps.checkout.schemas import OrderOut
from apps.orders.models import OrderState
from apps.payments.models import PaymentState

LOOKS = 5
LOOK_AGAIN_SECONDS = 4


class Stage(StrEnum):
    """What happened last, and so what comes next. Stages with `waits` end by themselves, in seconds as a rule."""

    to_pay = "to_pay"
    at_provider = "at_provider"
    failed = "failed"
    arrived = "arrived"
    overdue = "overdue"
    making = "making"
    ready = "ready"
    expired = "expired"
    cancelled = "cancelled"
    refunded = "refunded"

    @property
    def waits(self) -> bool:
        return self in (Stage.at_provider, Stage.failed, Stage.arrived, Stage.making)

    @property
    def may_pay(self) -> bool:
        return self in (Stage.to_pay, Stage.at_provider, Stage.failed)

    @property
    def may_cancel(self) -> bool:
        return self.may_pay or self is Stage.overdue

    @property
    def is_open(self) -> bool:
        """Nothing is delivered yet, but may be."""
        return self.may_cancel or self.waits


PAYMENT_STAGES = {PaymentState.pending: Stage.at_provider, PaymentState.failed: Stage.failed}
ENDED = {
    OrderState.expired: Stage.expired,
    OrderState.cancelled: Stage.cancelled,
    OrderState.refunded: Stage.refunded,
}


def stage_of(row: Any, order: OrderOut, *, at: datetime) -> Stage:
    """`row`: the order's columns; `at`: the database's time."""
    if order.state is OrderState.paid:
        return Stage.ready if row["delivered_at"] else Stage.making
    if order.state is not OrderState.pending:
        return ENDED[order.state]
    if order.payment == PaymentState.confirmed:
        return Stage.arrived
    if order.pay_until <= at:
        return Stage.overdue
    return PAYMENT_STAGES.get(PaymentState(order.payment or PaymentState.created), Stage.to_pay)


def look_again(stage: Stage, here: str, looked: int) -> dict[str, str]:
    """A page that waits looks again by itself a few times, then leaves it to the fan."""
    if not stage.waits or looked >= LOOKS:
        return {}
    return {"Refresh": f"{LOOK_AGAIN_SECONDS}; url={here}&looked={looked + 1}"}
