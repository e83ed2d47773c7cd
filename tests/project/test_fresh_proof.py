"""What the back office asks a fresh proof for, the staff's API does, too."""

import httpx
import pytest
from sqladmin.authorization import Action

from apps.accounts.guards import FreshProof, Requires
from apps.core.db.database import Database
from project import registry
from tests.accounts.staff_member import ROLES, hired
from tests.journeys.conftest import client, server
from tests.journeys.customer import sql
from tests.project.test_permissions import routes
from tests.staff import signed_in_as

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
STAFF = "/api/v1/staff"
USER, ORDER, CONCERT = f"{STAFF}/users/{{id:uuid}}", f"{STAFF}/orders/{{number:str}}", f"{STAFF}/concerts/{{id:uuid}}"
WEBHOOK = f"{STAFF}/webhooks/{{id:uuid}}"
ROUTES = {
    "user can_create": [f"POST {STAFF}/users"],
    "user can_edit": [f"PUT {USER}", f"PUT {USER}/roles"],
    "user invite": [],
    "user password": [f"POST {USER}/password"],
    "user reset-factors": [f"POST {USER}/reset-factors"],
    "user end-sessions": [],
    "user deactivate": [f"POST {USER}/disable"],
    "user reactivate": [f"POST {USER}/enable"],
    "user grant-entitlement": [f"POST {USER}/entitlements"],
    "entitlement end": [f"DELETE {USER}/entitlements/{{key:str}}"],
    "role can_create": [f"POST {STAFF}/roles"],
    "role can_edit": [f"PUT {STAFF}/roles/{{id:uuid}}"],
    "role delete": [f"DELETE {STAFF}/roles/{{id:uuid}}"],
    "api-key can_create": [f"POST {STAFF}/api-keys"],
    "api-key revoke": [f"POST {STAFF}/api-keys/{{id:uuid}}/revoke"],
    "webhook-endpoint can_create": [f"POST {STAFF}/webhooks"],
    "webhook-endpoint can_edit": [f"PUT {WEBHOOK}"],
    "webhook-endpoint enable": [f"POST {WEBHOOK}/enable"],
    "webhook-endpoint rotate-secret": [f"POST {WEBHOOK}/rotate-secret"],
    "order take-back": [],
    "order refund": [f"POST {ORDER}/refund"],
    "order refund-lines": [f"POST {ORDER}/refund"],
    "order refund-amount": [f"POST {ORDER}/refund"],
    "order receive": [f"POST {ORDER}/receive"],
    "payment receive": [f"POST {ORDER}/receive"],
    "payment refunds-sent": [f"POST {ORDER}/refunds-sent"],
    "bank-statement import": [],
    "transfer can_create": [],
    "transfer reverse": [],
    "withdrawal refund": [f"POST {STAFF}/withdrawals/{{id:uuid}}/refund"],
    "concert call-off": [f"POST {CONCERT}/cancel"],
    "concert refund-tickets": [f"POST {CONCERT}/refunds"],
}
"""By what the back office asks a proof for, the routes of the same."""
STALE = "UPDATE user_session SET proved_at = now() - interval '16 minutes'"


def asked_in_the_back_office() -> set[str]:
    asked = set()
    for view in registry.admin_views():
        forms = {"can_create": Action.CREATE, "can_edit": Action.EDIT} if view.edits_need_proof else {}
        asked |= {f"{view.identity} {name}" for name, access in forms.items() if access in view.permissions}
        asked |= {f"{view.identity} {action.name}" for action in view.actions if action.needs_proof}
    return asked


def test_both_doors_ask_for_a_proof_of_the_same() -> None:
    asking = {str(each) for each in routes() if any(isinstance(g, FreshProof) for g in each.handler.resolve_guards())}
    assert asked_in_the_back_office() == ROUTES.keys()
    assert asking == {route for of_one in ROUTES.values() for route in of_one}


def test_it_is_asked_for_after_the_permission() -> None:
    for route in routes():
        kinds = [type(guard) for guard in route.handler.resolve_guards()]
        assert FreshProof not in kinds or kinds.index(Requires) < kinds.index(FreshProof), route


async def test_a_token_whose_proof_is_old_gives_nobody_a_role(client: httpx.AsyncClient, db: Database) -> None:
    admin = await hired(client, db, "admin", email="admin@example.org")
    await signed_in_as(db, "customer", email="fan@example.org")
    fan = await admin.find("fan@")
    await sql(db, STALE)
    refused = await admin.ask("PUT", f"{fan}/roles", 403, json={"roles": ["admin"]})
    assert refused["type"] == "urn:backline:problem:proof-needed"
    await admin.ask("POST", refused["prove_at"], 403, json={"password": "wrong"})
    await admin.ask("PUT", f"{fan}/roles", 403, json={"roles": ["admin"]})
    await admin.ask("POST", refused["prove_at"], 204, json={"password": "seven gulls over the harbour"})
    await admin.ask("POST", f"{fan}/disable", 200)


async def test_an_api_key_does_what_it_may_and_gives_no_access(client: httpx.AsyncClient, db: Database) -> None:
    admin = await hired(client, db, "admin", email="admin@example.org")
    await signed_in_as(db, "customer", email="fan@example.org")
    fan = await admin.find("fan@")
    asked = {"name": "Printer", "permissions": ["users.view", "users.edit", "roles.edit", "orders.refund"]}
    made = await admin.ask("POST", f"{STAFF}/api-keys", 201, json=asked)
    await sql(db, STALE)
    key = {"Authorization": f"Bearer {made['key']}"}
    assert (await client.post(f"{fan}/disable", headers=key)).status_code == 200
    refund = await client.post(
        f"{STAFF}/orders/none/refund",
        headers=key | {"Idempotency-Key": "key-of-the-refund"},
        json={"whole": True, "reason": "Asked for"},
    )
    assert refund.status_code == 404
    assert (await client.post(f"{fan}/reset-factors", headers=key)).json()["type"].endswith("session-needed")
    new = {"email": "new@example.org", "name": "", "locale": "en", "roles": ["manager"]}
    assert (await client.post(f"{STAFF}/users", headers=key, json=new)).status_code == 403
    await admin.ask("POST", ROLES, 403, json={"name": "a", "title": "A", "permissions": []})
