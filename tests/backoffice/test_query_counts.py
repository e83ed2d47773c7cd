"""Every list of the back office takes few statements, and as many for many rows as for few."""

from urllib.parse import urlencode

import pytest
from sqladmin.authorization import Action as Access
from sqlalchemy import select

from apps.backoffice.lists.filters import Choice, Filter
from apps.backoffice.views.base import View
from apps.core.db.database import Database
from project import registry
from tests.backoffice.browser import Clerk
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer
from tests.plenty import Plenty
from tests.queries import counting
from tests.staff import signed_in_as

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio
MOST_STATEMENTS = 11
FEW, MANY = 2, 8
NOBODY = "00000000-0000-0000-0000-000000000000"


async def test_more_rows_are_not_more_statements(admin: Clerk, customer: Customer, db: Database) -> None:
    plenty = Plenty(customer, await signed_in_as(db, "admin"))
    await plenty.grow(FEW)
    few = await statements(admin)
    await plenty.grow(MANY - FEW)
    assert await statements(admin) == few
    assert min(few.values()) > 1
    assert {path: count for path, count in few.items() if count > MOST_STATEMENTS} == {}


async def statements(clerk: Clerk) -> dict[str, int]:
    """Of each list, asked for the second time."""
    counts = {}
    for view in registry.admin_views():
        if Access.DETAILS in view.permissions:
            path = f"/admin/{view.identity}/list"
            await clerk.visit(path)
            with counting() as sent:
                await clerk.visit(path)
            counts[path] = len(sent)
    return counts


async def test_more_filters_are_not_too_many_statements(admin: Clerk, customer: Customer, db: Database) -> None:
    await Plenty(customer, await signed_in_as(db, "admin")).grow(FEW)
    counts = {}
    for kind in registry.admin_views():
        path = f"/admin/{kind.identity}/list?q=a&" + urlencode(dict(map(chosen, kind.filters)))
        with counting() as sent:
            await admin.visit(path)
        counts[path] = len(sent)
    assert min(counts.values()) > 1
    assert {path: count for path, count in counts.items() if count > MOST_STATEMENTS} == {}


def chosen(filter: Filter) -> tuple[str, str]:
    """Something, in its address."""
    some = {"days": "2026-01-01", "related": NOBODY}
    return filter.names[0], next(iter(filter.conditions)) if isinstance(filter, Choice) else some[filter.kind]


async def test_asking_about_more_rows_is_not_more_statements(admin: Clerk, customer: Customer, db: Database) -> None:
    await Plenty(customer, await signed_in_as(db, "admin")).grow(MANY)
    counts = {}
    for kind in registry.admin_views():
        pks = await some_of(db, kind)
        for action in [each for each in kind.actions if each.many and len(pks) == MANY]:
            path = f"/admin/{kind.identity}/do/{action.name}"
            counts[path] = [await statements_of_asking(admin, path, pks[:rows]) for rows in (FEW, MANY)]
    assert {path.split("/")[2] for path in counts} >= {"concert", "order", "pool", "product", "tour", "user", "variant"}
    assert min(counts.values()) > [1, 1]
    assert {path: count for path, count in counts.items() if count[0] != count[1]} == {}


async def some_of(db: Database, kind: type[View]) -> list[str]:
    async with db.begin() as session:
        return [str(id) for id in await session.scalars(select(kind.model.id).limit(MANY))]


async def statements_of_asking(clerk: Clerk, path: str, pks: list[str]) -> int:
    with counting() as sent:
        await clerk.visit(f"{path}?{urlencode({'pks': pks}, doseq=True)}")
    return len(sent)
