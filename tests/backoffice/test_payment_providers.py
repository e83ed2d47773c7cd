"""The page of the payment providers: which settings are made, by their names alone, and whether a provider answers."""

from collections.abc import AsyncIterator

import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.journeys.customer import sql
from tests.payments.standins.line import status
from tests.payments.standins.stripe import StripeStandIn

pytestmark = pytest.mark.anyio
LIST = "/admin/payment-provider/list"


@pytest.fixture
async def stripe(db: Database) -> AsyncIterator[StripeStandIn]:
    async with StripeStandIn(db).running() as stand_in:
        yield stand_in


async def details(clerk: Clerk, name: str) -> None:
    await clerk.visit(LIST)
    await clerk.follow(name)


async def test_names_are_shown_and_no_values(manager: Clerk) -> None:
    page = await manager.visit(LIST)
    for name in ("STRIPE_SECRET_KEY", "PAYPAL_CLIENT_SECRET", "YOOKASSA_SHOP_ID", "BANK_TRANSFER_IBAN"):
        assert name in page.text
    assert len(settings.provider_variables) > 8
    for value in settings.provider_variables.values():
        assert value not in page.answer.text
    assert "Demo Pay On" in page.text
    assert "Card (Stripe) Off" in page.text


async def test_a_test_call_and_what_came_of_it(manager: Clerk, stripe: StripeStandIn, db: Database) -> None:
    await details(manager, "Card (Stripe)")
    await manager.follow("Make a test call")
    await manager.press("Make a test call")
    assert "The provider was asked." in manager.page.text
    assert "Works" in manager.page.text
    assert [each.path for each in stripe.line.asked] == ["/v1/balance"]
    stripe.line.always = status(401)
    await manager.follow("Make a test call")
    await manager.press("Make a test call")
    assert "No usable answer: check the keys and the network AuthenticationError" in manager.page.text
    told = "SELECT after->>'problem' FROM audit_entry WHERE action = 'payments.try_provider' ORDER BY id"
    assert await sql(db, told) == [(None,), ("no_answer",)]


async def test_what_needs_no_network_answers_at_once(manager: Clerk) -> None:
    await details(manager, "Bank transfer")
    await manager.follow("Make a test call")
    await manager.press("Make a test call")
    assert "Works" in manager.page.text


async def test_one_that_was_installed_later_is_listed(manager: Clerk, db: Database) -> None:
    await sql(db, "DELETE FROM payment_provider WHERE name = 'stripe'")
    for _ in range(2):
        await JOBS["payments.add_new_providers"].run(db, None)
    assert "Card (Stripe)" in (await manager.visit(LIST)).text
    assert await sql(db, "SELECT count(*) FROM payment_provider WHERE name = 'stripe'") == [(1,)]


async def test_a_moderator_does_not_see_it(clerk: SignIn) -> None:
    await (await clerk("moderator")).visit(LIST, status=404)
