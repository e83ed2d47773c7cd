"""State machines on rows: one table of transitions, and a move that is not in it raises."""

import pytest

from apps.core.db.states import IllegalMove
from apps.orders.models import Order, OrderState
from apps.payments.models import Payment, PaymentState, Refund


def test_a_move_to_where_it_is_changes_nothing() -> None:
    order = Order(state=OrderState.pending)
    assert order.move(OrderState.cancelled) is True
    assert order.move(OrderState.cancelled) is False


def test_an_illegal_move_raises_and_changes_nothing() -> None:
    order = Order(state=OrderState.cancelled)
    with pytest.raises(IllegalMove):
        order.move(OrderState.paid)
    assert order.state is OrderState.cancelled


def test_a_confirmed_payment_stays_confirmed_whatever_is_said() -> None:
    payment = Payment(state=PaymentState.confirmed)
    assert not any(payment.may_move(state) for state in PaymentState)


def test_money_may_come_in_every_other_state() -> None:
    for state in set(PaymentState) - {PaymentState.confirmed}:
        assert Payment(state=state).may_move(PaymentState.confirmed)


@pytest.mark.parametrize("model", [Order, Payment, Refund])
def test_every_state_has_a_row_in_the_table(model: type) -> None:
    assert set(model.TRANSITIONS) == set(type(next(iter(model.TRANSITIONS))))
