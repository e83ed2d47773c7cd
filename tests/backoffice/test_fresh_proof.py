"""What gives access, changes credentials or ends sessions of others asks staff to show first that it is them."""

import pytest

from apps.accounts.admin import ApiKeyAdmin, RoleAdmin, UserAdmin
from apps.backoffice.views.base import View
from apps.core.db.database import Database
from apps.webhooks.admin import WebhookEndpointAdmin
from tests.backoffice.conftest import SignIn
from tests.journeys.customer import sql
from tests.staff import make_user

pytestmark = pytest.mark.anyio
STALE = "UPDATE user_session SET proved_at = now() - interval '1 hour'"
UNASKED = {
    UserAdmin: set(),
    RoleAdmin: set(),
    ApiKeyAdmin: set(),
    WebhookEndpointAdmin: {"ping", "replay", "disable", "archive", "restore", "delete"},
}
"""Actions that give nobody anything."""


@pytest.mark.parametrize("view", UNASKED)
def test_every_action_and_edit_of_who_gets_in_asks(view: type[View]) -> None:
    assert view.edits_need_proof
    assert {each.name for each in view.actions if not each.needs_proof} <= UNASKED[view]


async def test_the_second_factor_of_others_is_not_reset_without(clerk: SignIn, db: Database) -> None:
    async with db.begin() as session:
        user = await make_user(session, "customer", email="ada@example.org")
    admin = await clerk("admin")
    await sql(db, STALE)
    for action in ("reset-factors", "end-sessions"):
        page = await admin.visit(f"/admin/user/do/{action}?pks={user.id}")
        assert "Confirm that it is you" in page.text
