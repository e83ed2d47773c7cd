"""What is said of an order, from what the database knows of it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from apps.orders.models import OrderState
from apps.payments.models import Failure, PaymentState
from apps.site.orders.order_stage import LOOKS, Stage, look_again, stage_of

AT = datetime(2026, 1, 1, tzinfo=UTC)


def told(
    state: OrderState,
    payment: PaymentState | None = None,
    *,
    late: bool = False,
    delivered: bool = False,
    is_known: bool = True,
    total: int = 1000,
    failure: Failure | None = None,
) -> Stage:
    pay_until = AT + timedelta(minutes=-1 if late else 1)
    failure = Failure.declined if payment is PaymentState.failed else failure
    facts = {"state": state, "payment": payment, "payment_failure": failure}
    order: Any = SimpleNamespace(**facts, pay_until=pay_until, total=total)
    return stage_of(SimpleNamespace(delivered_at=AT if delivered else None), order, at=AT, is_known=is_known)


@pytest.mark.parametrize(
    ("payment", "stage"),
    [
        (None, Stage.to_pay),
        (PaymentState.created, Stage.to_pay),
        (PaymentState.cancelled, Stage.to_pay),
        (PaymentState.pending, Stage.to_pay),
        (PaymentState.failed, Stage.failed),
        (PaymentState.confirmed, Stage.arrived),
    ],
)
def test_a_pending_order_is_told_by_its_payment(payment: PaymentState | None, stage: Stage) -> None:
    assert told(OrderState.pending, payment) is stage


def test_a_page_that_ended_by_a_failure_is_told_as_one() -> None:
    assert told(OrderState.pending, PaymentState.cancelled, failure=Failure.other) is Stage.failed


@pytest.mark.parametrize("payment", [PaymentState.pending, PaymentState.failed])
@pytest.mark.parametrize("late", [False, True])
def test_what_may_have_been_paid_is_checked_first(payment: PaymentState, late: bool) -> None:
    stage = told(OrderState.pending, payment, late=late, is_known=False)
    assert stage is Stage.checking
    assert (stage.waits, stage.may_pay, stage.may_cancel) == (True, False, False)


def test_nothing_can_be_paid_when_the_time_is_over() -> None:
    assert told(OrderState.pending, PaymentState.pending, late=True) is Stage.overdue
    assert not Stage.overdue.may_pay


def test_money_that_arrived_is_never_called_late() -> None:
    assert told(OrderState.pending, PaymentState.confirmed, late=True) is Stage.arrived


def test_a_paid_order_is_ready_once_delivered() -> None:
    assert told(OrderState.paid) is Stage.making
    assert told(OrderState.paid, delivered=True) is Stage.ready


@pytest.mark.parametrize("state", [OrderState.expired, OrderState.cancelled, OrderState.refunded])
def test_what_is_over_waits_for_nothing(state: OrderState) -> None:
    stage = told(state)
    assert stage == state
    assert (stage.waits, stage.may_pay, stage.may_cancel) == (False, False, False)


def test_what_cost_nothing_was_not_refunded() -> None:
    assert told(OrderState.refunded, total=0) is Stage.taken_back


def test_a_page_looks_again_a_few_times_only() -> None:
    assert look_again(Stage.arrived, "/orders/X?key=k", 0) == "/orders/X?key=k&looked=1"
    assert look_again(Stage.arrived, "/orders/X?key=k", LOOKS) == ""
    assert look_again(Stage.ready, "/orders/X?key=k", 0) == ""
