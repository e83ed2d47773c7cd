"""What each built-in role opens: every route of the staff API, and every page of the back office."""

from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from sqladmin.authorization import Action as Access

from apps.accounts.permissions import all_permissions
from apps.accounts.sessions.browser import SESSION
from apps.backoffice.views.base import View
from apps.core.db.database import Database
from project import registry
from tests.backoffice.conftest import HOST, client_of
from tests.journeys.conftest import client, server
from tests.journeys.customer import sql
from tests.project.test_permissions import NOBODY, staff_routes
from tests.staff import in_browser_as, signed_in_as

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
HIDDEN, REFUSED, OPEN = 404, 403, 200
DOOR = {"concerts.view"}
MODERATOR = DOOR | {"invoices.view", "orders.note", "orders.view", "products.view", "stock.view", "users.view"}
NOT_FOR_MANAGERS = {
    *("api_keys.edit", "api_keys.view", "audit.view", "jobs.give_up", "roles.edit", "roles.view"),
    *("sign_ins.view", "users.edit", "users.erase", "users.export", "users.impersonate"),
    *("webhooks.edit", "webhooks.view"),
}
PAGES = {
    "customer": "",
    "door": "concert ticket-type tour venue",
    "moderator": (
        "category concert entitlement invoice order payment pool product stock-movement ticket-type tour user variant"
        " venue withdrawal"
    ),
    "manager": (
        "bank-statement category concert concert-import day-balance difference entitlement invoice offer order payment"
        " payment-provider picture-fetch pool product product-import stock-movement stuck-job ticket-type tour transfer"
        " user variant venue webhook-event withdrawal"
    ),
}
"""The lists that each may look at; administrators may look at all."""


def permissions_of(role: str) -> set[str]:
    every = {str(each) for each in all_permissions()}
    named = {"customer": set[str](), "door": DOOR, "moderator": MODERATOR, "manager": every - NOT_FOR_MANAGERS}
    return named.get(role, every)


ROLES = pytest.mark.parametrize("role", ["customer", "door", "moderator", "manager", "admin"])


class Place(NamedTuple):
    """A page of the back office, and what it answers to who may look at its list: all pages are hidden from others."""

    path: str
    view: type[View]
    permission: str | None
    is_list: bool = False

    def expected(self, permissions: set[str]) -> int:
        if self.view.permissions.get(Access.LIST) not in permissions:
            return HIDDEN
        return OPEN if self.permission in permissions else REFUSED


def places() -> Iterator[Place]:
    """Rows are asked for by an id that none has: 404 is what those who may look at them get to see."""
    for view in registry.admin_views():
        home, may = f"/admin/{identity(view)}", view.permissions
        yield Place(f"{home}/list", view, may.get(Access.LIST), is_list=True)
        yield Place(f"{home}/details/{NOBODY}", view, may.get(Access.DETAILS))
        yield Place(f"{home}/create", view, may.get(Access.CREATE))
        yield Place(f"{home}/edit/{NOBODY}", view, may.get(Access.EDIT))
        yield Place(f"{home}/export/csv", view, may.get(Access.EXPORT))
        for action in view.actions:
            yield Place(f"{home}/do/{action.name}?pks={NOBODY}", view, action.permission)


def identity(view: type[View]) -> str:
    return str(view.identity)


@ROLES
async def test_it_has_these_permissions(role: str, client: httpx.AsyncClient, db: Database) -> None:
    me = (await client.get("/api/v1/me", headers=await signed_in_as(db, role))).json()
    assert set(me["permissions"]) == permissions_of(role)
    assert await sql(db, "SELECT built_in FROM role WHERE name = :role", role=role) == [(True,)]


@ROLES
async def test_every_route_of_the_api_is_open_to_it_or_names_what_is_missing(
    role: str, client: httpx.AsyncClient, db: Database
) -> None:
    headers, permissions = await signed_in_as(db, role), permissions_of(role)
    answered, expected = {}, {}
    for route in staff_routes():
        (permission,) = route.permissions
        answer = await client.request(route.method, route.path.replace("{id:uuid}", NOBODY), headers=headers)
        assert answer.status_code != 401, route
        missing = answer.json()["permission"] if answer.status_code == REFUSED else ""
        answered[str(route)] = missing
        expected[str(route)] = "" if permission in permissions else permission
    assert answered == expected


@ROLES
async def test_every_page_of_the_back_office_is_open_to_it_or_hidden_or_refused(
    role: str, server: None, db: Database
) -> None:
    permissions, found = permissions_of(role), list(places())
    async with client_of() as browser:
        token = await in_browser_as(db, role, email=f"{role}@example.org")
        browser.cookies.set(SESSION, token, domain=HOST, path="/")
        answered = {place.path: (await browser.get(place.path)).status_code for place in found}
        first = (await browser.get("/admin/")).status_code
    if not permissions:
        assert {first, *answered.values()} == {REFUSED}
        return
    assert first == OPEN
    expected = {place.path: place.expected(permissions) for place in found}
    assert {path for path, status in answered.items() if status == REFUSED} == {
        path for path, status in expected.items() if status == REFUSED
    }
    assert all(answered[path] == HIDDEN for path, status in expected.items() if status == HIDDEN)
    lists = {identity(place.view) for place in found if place.is_list and answered[place.path] == OPEN}
    assert lists == set(PAGES.get(role, " ".join(map(identity, registry.admin_views()))).split())
