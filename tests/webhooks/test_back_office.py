"""Webhooks in the back office: added, tried out, renewed, and looked through."""

import pytest

from apps.accounts.models import Role
from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn, clerk
from tests.journeys.customer import Customer, sql
from tests.staff_api import StaffApi
from tests.webhooks.receiver import Receiver, status

__all__ = ["clerk"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def added(clerk: SignIn, receiver: Receiver) -> Clerk:
    """An administrator who has just added a webhook, and looks at it."""
    made = await clerk("admin")
    await made.visit("/admin/webhook-endpoint/list")
    await made.follow("Add")
    await made.press("Save", url=receiver.url(), description="ERP")
    return made


async def test_the_secret_is_shown_at_first_and_to_those_who_may_change_it(
    added: Clerk, clerk: SignIn, db: Database
) -> None:
    async with db.begin() as session:
        session.add(Role(name="watcher", title="Watcher", permissions=["webhooks.view"]))
    watcher = await clerk("watcher")
    assert "whsec_" in added.page.text
    assert "whsec_" not in (await watcher.visit(added.page.url)).text
    await sql(db, "UPDATE webhook_endpoint SET secret_made_at = now() - interval '11 min'")
    assert "whsec_" not in (await added.visit(added.page.url)).text
    await added.follow("Renew secret")
    assert "whsec_" in (await added.press("Renew secret")).text


async def test_a_test_that_fails_is_seen_and_sent_again(added: Clerk, receiver: Receiver, customer: Customer) -> None:
    receiver.answers = [status(404, b"Nobody <b>here</b>")]
    await added.follow("Send test")
    page = await added.press("Send test")
    assert "The test event is on its way." in page.text
    await customer.jobs()
    assert "Failing" in (await added.visit(page.url)).text
    await added.visit("/admin/webhook-delivery/list?state=waiting&type=ping")
    page = await added.follow("Test")
    assert "Nobody <b>here</b>" in page.text
    await added.follow("Send again")
    page = await added.press("Send again")
    await customer.jobs()
    assert "Delivered" in (await added.visit(page.url)).text
    assert receiver.types == ["ping", "ping"]


async def test_one_that_is_gone_needs_attention(
    added: Clerk, admin: StaffApi, receiver: Receiver, customer: Customer
) -> None:
    receiver.answers = [status(410)]
    await added.follow("Send test")
    await added.press("Send test")
    await customer.jobs()
    await added.visit("/admin/")
    page = await added.follow("1 Webhooks disabled after failures")
    assert "Disabled: 410 Gone" in page.text
    await added.follow(receiver.url())
    await added.follow("Enable")
    await added.press("Enable")
    await added.follow("Send failed events again")
    page = await added.press("Send failed events again", since="2026-01-01T00:00")
    await customer.jobs()
    assert "Delivered" in (await added.visit(page.url)).text


async def test_what_cannot_be_an_address_is_told_beside_its_field(added: Clerk) -> None:
    await added.follow("Edit")
    page = await added.press("Save", url="http://example.org/", status=422)
    assert "Must be an https:// URL" in page.text
