"""Every route says who may call it, and means it; every permission is asked for somewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import httpx
import pytest
from litestar.handlers.http_handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from sqladmin.authorization import Action

from apps.accounts.guards import Requires, SignedIn
from apps.accounts.models import ADMIN
from apps.accounts.permissions import Permission, all_permissions
from apps.backoffice.resource_view import ResourceView
from apps.core.db.database import Database
from apps.core.text.i18n import LOCALES
from project import registry
from project.app import create_app
from tests.journeys.conftest import client, server
from tests.journeys.customer import sql
from tests.staff import signed_in_as

__all__ = ["client", "server"]
pytestmark = pytest.mark.anyio
STAFF = "/api/v1/staff/"
MANY = 30
"""Fewer routes or permissions are found only when something is wrong with how they are found."""
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def guards(self) -> list[object]:
        return [each for each in self.handler.resolve_guards() if isinstance(each, (Requires, SignedIn))]

    @property
    def permissions(self) -> list[Permission]:
        return [each.permission for each in self.guards if isinstance(each, Requires)]

    @property
    def is_public(self) -> bool:
        return bool(self.handler.opt.get("public"))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def routes() -> list[Route]:
    return [
        Route(method, route.path, handler)
        for route in create_app().routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS"
    ]


def staff_routes() -> Iterator[Route]:
    return (route for route in routes() if route.path.startswith(STAFF))


def test_every_route_says_who_may_call_it() -> None:
    assert len(routes()) > MANY
    assert [str(route) for route in routes() if len(route.guards) + route.is_public != 1] == []


def test_everything_of_the_staff_asks_for_a_permission() -> None:
    assert len(list(staff_routes())) > MANY
    assert [
        str(route) for route in staff_routes() if not any(isinstance(each, Requires) for each in route.guards)
    ] == []


def test_only_staff_routes_ask_for_permissions() -> None:
    asking = [route for route in routes() if route.permissions]
    assert [str(route) for route in asking if not route.path.startswith(STAFF)] == []


def test_every_permission_is_asked_for() -> None:
    asked = {permission for route in routes() for permission in route.permissions}
    for view in registry.admin_views():
        asked |= {*view.permissions.values(), *(action.permission for action in view.actions)}
    assert len(asked) > MANY
    assert asked == all_permissions()


@pytest.mark.parametrize("view", [each for each in registry.admin_views() if issubclass(each, ResourceView)])
def test_both_doors_ask_for_the_same(view: type[ResourceView]) -> None:
    path = view.declared.path
    asked = {str(route): route.permissions for route in routes()}
    assert asked[f"GET {path}"] == [view.permissions[Action.LIST]]
    assert asked[f"GET {path}/{{id:uuid}}"] == [view.permissions[Action.DETAILS]]
    assert asked[f"POST {path}"] == [view.permissions[Action.CREATE]]
    assert asked[f"PUT {path}/{{id:uuid}}"] == [view.permissions[Action.EDIT]]
    for action in view.actions:
        assert asked.get(f"POST {path}/{{id:uuid}}/{action.name}", [action.permission]) == [action.permission]


@pytest.mark.parametrize("kind", Permission.__subclasses__())
def test_every_permission_is_told_in_words_of_its_own(kind: type[Permission]) -> None:
    for locale in LOCALES:
        told = [each.words.in_locale(locale) for each in kind]
        assert len({*told, *(each.value for each in kind)}) == 2 * len(kind)
    assert all(each.in_locale("ru") != each.source for each in (kind.about, *(permission.words for permission in kind)))


async def test_built_in_roles_are_made_of_permissions_that_exist(db: Database) -> None:
    roles = await sql(db, "SELECT name, permissions FROM role")
    assert {role.name for role in roles if role.permissions} >= {"manager", "moderator", "door"}
    for name, permissions in roles:
        assert set(permissions) <= all_permissions(), name
    assert await sql(db, "SELECT permissions FROM role WHERE name = :admin", admin=ADMIN) == [([],)]


async def test_strangers_and_customers_get_nothing_of_the_staff(client: httpx.AsyncClient, db: Database) -> None:
    customer, admin = await signed_in_as(db, "customer"), await signed_in_as(db, "admin")
    answers = {}
    for route in staff_routes():
        path = route.path.replace("{id:uuid}", NOBODY)
        stranger = await client.request(route.method, path)
        assert stranger.headers["www-authenticate"].startswith("Bearer"), route
        known = await client.request(route.method, path, headers=customer)
        allowed = await client.request(route.method, path, headers=admin)
        answers[str(route)] = (stranger.status_code, known.status_code, allowed.status_code in (401, 403))
    assert answers == dict.fromkeys(map(str, staff_routes()), (401, 403, False))


async def test_a_token_counts_in_the_header_only(client: httpx.AsyncClient, db: Database) -> None:
    header = await signed_in_as(db, "admin")
    assert (await client.get("/api/v1/me", headers=header)).status_code == 200
    token = header["Authorization"].removeprefix("Bearer ")
    for name in ("token", "access_token", "Authorization"):
        answer = await client.get("/api/v1/me", headers={"Cookie": f"{name}={token}"})
        assert answer.status_code == 401
    assert (await client.get("/api/v1/me", params={"access_token": token})).status_code in (401, 422)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "bearer x", "Bearer a.b.c", "Token a.b.c"])
async def test_another_header_opens_nothing(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/api/v1/me", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:backline:problem:not-signed-in")
