"""A test call tells whether the keys work, and changes nothing at the provider."""

from collections.abc import Callable, Iterator

import pytest

from apps.payments.models import ProviderProblem
from apps.payments.setup.trying import try_provider
from tests.payments.faults.sale import FAULTS, impatient
from tests.payments.standins.line import Fault, lost, nonsense, status
from tests.payments.standins.paypal import PayPalStandIn
from tests.payments.standins.stand_in import StandIn

pytestmark = pytest.mark.anyio


@pytest.fixture
def goes_wrong(stand_in: StandIn) -> Iterator[Callable[[Fault], None]]:
    """The next test call; PayPal's asks for a token, which has a line of its own."""

    def break_line(fault: Fault) -> None:
        if isinstance(stand_in, PayPalStandIn):
            stand_in.token_fault = fault
        else:
            stand_in.line.next(fault)

    yield break_line
    if isinstance(stand_in, PayPalStandIn):
        stand_in.token_fault = None


async def test_it_works_and_changes_nothing(stand_in: StandIn) -> None:
    for _ in range(2):
        assert (await try_provider(stand_in.name)).problem is None
    assert {each.method for each in stand_in.line.asked} <= {"GET"}
    assert stand_in.outbox == []


@pytest.mark.parametrize("fault", [each for each in (*FAULTS, status(401)) if each not in (lost, nonsense)])
async def test_no_usable_answer(stand_in: StandIn, goes_wrong: Callable[[Fault], None], fault: Fault) -> None:
    goes_wrong(fault)
    with impatient():
        result = await try_provider(stand_in.name)
    assert result.problem is ProviderProblem.no_answer
    assert "not now" not in result.detail


async def test_a_no(stand_in: StandIn, goes_wrong: Callable[[Fault], None]) -> None:
    goes_wrong(status(400))
    result = await try_provider(stand_in.name)
    assert result.problem is ProviderProblem.refused
    assert "not now" not in result.detail
