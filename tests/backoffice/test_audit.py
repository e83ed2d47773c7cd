"""The audit log can be looked through, and by nobody changed."""

import ast
from collections.abc import Iterator

import pytest
from sqladmin.authorization import Action as Access

from apps.backoffice.admin import AuditAdmin
from apps.backoffice.history.audit_log import ACTIONS, action_text
from apps.core.db.database import Database
from project.settings import ROOT
from tests.backoffice.browser import Clerk
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
RECORDS = {"record", "note_change"}
ENTRY = "/admin/audit-entry"


async def test_a_change_is_told_with_what_was_before_and_who_it_was(admin: Clerk, db: Database) -> None:
    await admin.visit("/admin/category/create")
    await admin.press("Save", title="Hats")
    await admin.follow("Edit")
    page = await admin.press("Save", title="Caps")
    assert "Changed" in page.text
    assert "Staff" in page.text
    page = await admin.visit(f"{ENTRY}/list?kind=&q=category")
    await admin.visit(next(place for _text, place in page.places if place.startswith(f"{ENTRY}/details/")))
    assert "Hats" in admin.page.text
    assert "Caps" in admin.page.text


async def test_a_change_and_its_entry_are_one_transaction(admin: Clerk, db: Database) -> None:
    await sql(db, "ALTER TABLE audit_entry ADD CONSTRAINT no_more CHECK (action <> 'shop.add_category')")
    await admin.visit("/admin/category/create")
    await admin.press("Save", title="Hats", status=409)
    assert await sql(db, "SELECT 1 FROM category") == []


async def test_who_may_not_look_finds_nothing(manager: Clerk) -> None:
    await manager.visit(f"{ENTRY}/list", status=404)


async def test_nothing_of_it_can_be_changed(admin: Clerk) -> None:
    assert set(AuditAdmin.permissions) == {Access.LIST, Access.DETAILS}
    assert AuditAdmin.actions == ()
    await admin.visit(f"{ENTRY}/create", status=403)


def test_actions_are_told_in_words() -> None:
    assert all(sentence.in_locale("ru") != sentence.source for sentence in ACTIONS.values())


def recorded() -> Iterator[str]:
    """The actions that the code records by a literal."""
    calls = (
        node
        for path in (ROOT / "apps").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RECORDS
    )
    for call in calls:
        literals = (each.value for each in call.args if isinstance(each, ast.Constant))
        yield from (each for each in literals if isinstance(each, str))


def test_each_action_is_told_in_words() -> None:
    actions = {action for action in recorded() if "." in action}
    assert len(actions) > 80
    assert {action for action in actions if action_text(action) == action} == set()
