"""Every list, and whatever else shows several rows, takes as many queries for many rows as for few."""

import re
from typing import NamedTuple

import httpx
import pytest

from apps.core.db.database import Database
from project.app import create_app
from project.web.openapi.operations import BASE, operations
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer
from tests.plenty import Plenty
from tests.queries import counting
from tests.staff import signed_in_as

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
FEW, MANY = 2, 12
LISTS = {
    "/categories": 1,
    "/concerts": 1,
    "/me/addresses": 2,
    "/me/api-keys": 2,
    "/me/orders": 2,
    "/me/sessions": 2,
    "/me/sign-ins": 2,
    "/me/tickets": 2,
    "/orders/{order}/invoices": 3,
    "/products": 1,
    "/staff/api-keys": 2,
    "/staff/books/balances": 2,
    "/staff/books/transfers": 2,
    "/staff/categories": 2,
    "/staff/concerts": 2,
    "/staff/concerts/{concert}/ticket-types": 5,
    "/staff/invoices": 2,
    "/staff/orders": 2,
    "/staff/permissions": 1,
    "/staff/pools": 2,
    "/staff/pools/{pool}/movements": 3,
    "/staff/products": 2,
    "/staff/products/{product}/variants": 5,
    "/staff/roles": 2,
    "/staff/tours": 2,
    "/staff/users": 2,
    "/staff/users/{user}/entitlements": 3,
    "/staff/venues": 2,
    "/staff/webhook-deliveries": 2,
    "/staff/webhooks": 2,
    "/staff/withdrawals": 3,
    "/tours": 1,
}
"""How many queries each is; finding out who is signed in is one of them."""
OTHERS = {
    "/cart": 6,
    "/concerts/{concert_slug}": 2,
    "/concerts?near=52,13&sort=distance": 1,
    "/orders/{order}": 6,
    "/orders/{order}/withdrawals": 4,
    "/products/{product_slug}": 3,
    "/products?in_stock=true": 2,
    "/products?q=shirt": 2,
    "/products?sort=-price": 1,
    "/staff/orders/{order}": 8,
}
ALWAYS_THE_SAME = {"/orders/{order}/invoices", "/staff/permissions"}


class Answered(NamedTuple):
    queries: int
    length: int


async def test_more_rows_are_not_more_queries(client: httpx.AsyncClient, customer: Customer, db: Database) -> None:
    plenty = Plenty(customer, await signed_in_as(db, "admin"))
    await plenty.grow(FEW)
    few = {path: await asked(client, plenty, path) for path in LISTS | OTHERS}
    await plenty.grow(MANY - FEW)
    many = {path: await asked(client, plenty, path) for path in LISTS | OTHERS}
    assert {path: answered.queries for path, answered in few.items()} == LISTS | OTHERS
    assert {path: answered.queries for path, answered in many.items()} == LISTS | OTHERS
    assert {path for path in many if many[path].length <= few[path].length} == ALWAYS_THE_SAME


async def asked(client: httpx.AsyncClient, plenty: Plenty, path: str) -> Answered:
    with counting() as sent:
        answer = await client.get(BASE + path.format_map(plenty.names), headers=plenty.headers)
    assert answer.status_code == 200, answer.text
    return Answered(len(sent), len(answer.content))


def test_every_list_is_counted() -> None:
    shown = {each.path for each in operations(create_app()) if each.method == "GET" and each.lists}
    assert {nameless(path) for path in shown} == {nameless(BASE + path) for path in LISTS}


def nameless(path: str) -> str:
    return re.sub("{[^}]+}", "{}", path)
