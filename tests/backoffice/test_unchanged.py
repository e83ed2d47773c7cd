"""A form that is saved as it was shown changes nothing: no second, no blank, and no line in the audit log."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from sqladmin.authorization import Action as Access

from apps.backoffice.views.base import View
from apps.concerts.models import Venue
from apps.core.db.database import Database
from project import registry
from tests.backoffice.browser import Clerk
from tests.backoffice.scheduling import venue as loft
from tests.backoffice.scheduling import write_down
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql
from tests.plenty import Plenty
from tests.staff import signed_in_as

__all__ = ["client", "customer", "loft"]
pytestmark = pytest.mark.anyio
SECOND_TIME = "2027-10-31T01:30:17.25Z"
"""In Berlin half past two comes twice on that day; this is the second."""
ODD = (
    f"UPDATE concert SET starts_at = '{SECOND_TIME}', on_sale_at = '{SECOND_TIME}', title = ' Live  at last '",
    "UPDATE concert SET description = E'\\n  Doors\\r\\n\\nat 8 \\r', lineup = '[\"Ann, and Bob\", \" Cid\"]'",
    f"UPDATE offer SET sale_from = '{SECOND_TIME}', sale_until = '2027-10-31T01:31:00.000001Z', tax_class = 'exempt'",
    f"""UPDATE product SET published = false, publish_at = '{SECOND_TIME}', tags = '["a, b", " c"]', vendor = ' Gulls ',
        option_names = '["Size, or so"]',
        translations = '{{"ru": {{"title": " Ш ", "description": "", "options": {{"Size, or so": " Р "}}}}}}'""",
    "UPDATE offer SET active = false WHERE kind = 'merch'",
    "UPDATE offer SET title = 'Shirt · 1' WHERE title = 'Shirt'",  # as the services call them
    """UPDATE offer SET title = ' Live  at last  ·  Standing ',
       translations = '{"ru": {"title": "По-русски ·  Standing "}}'
       WHERE kind = 'ticket'""",
    "UPDATE product SET description = E'\\nWarm.\\n'",
    "UPDATE variant SET sku = ' A 1 ', barcode = '00 1 '",
    "UPDATE ticket_type SET name = ' Standing '",
    "UPDATE venue SET name = ' Hall ', region = ' ', latitude = 52.123456789012345, longitude = 1e-7",
    "UPDATE category SET title = ' Shirts '",
    """UPDATE tour SET title = ' Tour ', description = E'\\r\\n',
        translations = '{"ru": {"title": " Т ", "description": ""}}'""",
    "UPDATE pool SET name = ' Box '",
    """UPDATE orders SET address = '{"line1": " Quay 1", "city": "Hamburg ",
       "postal_code": "20457", "country": "DE"}'""",
)  # fmt: skip


async def test_whatever_stands_in_it(admin: Clerk, customer: Customer, db: Database) -> None:
    await Plenty(customer, await signed_in_as(db, "admin")).grow(1)
    for statement in ODD:
        await sql(db, statement)
    changed: dict[str, object] = {}
    saved = set()
    for kind in registry.admin_views():
        view = kind()
        if Access.EDIT in kind.permissions:
            for row in await rows_of(db, view):
                before = await shown(db, view, row)
                await admin.visit(f"/admin/{view.identity}/edit/{row}")
                await admin.press("Save")
                saved.add(kind)
                after = await shown(db, view, row)
                changed |= {name: (told, after.get(name)) for name, told in before.items() if told != after.get(name)}
    assert changed == {}
    assert saved == {kind for kind in registry.admin_views() if Access.EDIT in kind.permissions}
    assert await sql(db, "SELECT action, before, after FROM audit_entry WHERE action ~ 'change|rename|give'") == []


async def rows_of(db: Database, view: View) -> list[Any]:
    async with db.begin() as session:
        rows = (await session.scalars(view.scope())).unique()
        return [row.id for row in rows if view.may_change(row)]


async def shown(db: Database, view: View, id: object) -> dict[str, Any]:
    async with db.begin() as session:
        row = (await session.scalars(view.scope().where(view.model.id == id))).unique().one()
        return dict(parts(view.identity, msgspec.to_builtins(await view.resource(session, row))))


def parts(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in inner:
            yield from parts(f"{path}.{name}", each)
    else:
        yield path, value


async def test_what_is_touched_is_read(loft: None, manager: Clerk, db: Database) -> None:
    await write_down(manager)
    await sql(db, f"UPDATE concert SET starts_at = '{SECOND_TIME}', on_sale_at = '{SECOND_TIME}'")
    await manager.visit(manager.page.url.partition("?")[0].replace("details", "edit"))
    await manager.press("Save", starts_at="2027-10-31T04:31")
    [moments] = await sql(db, "SELECT starts_at::text, on_sale_at::text FROM concert")
    assert moments == ("2027-10-31 01:31:00+00", "2027-10-31 01:30:17.25+00")


async def test_by_other_clocks_the_same_hour_is_another_moment(loft: None, manager: Clerk, db: Database) -> None:
    await write_down(manager)
    async with db.begin() as session:
        session.add(Venue(name="Pier", city="Perm", country="Russia", time_zone="Asia/Yekaterinburg"))
    await manager.visit(manager.page.url.partition("?")[0].replace("details", "edit"))
    await manager.press("Save", venue_words="Pier, Perm")
    assert await sql(db, "SELECT starts_at::text FROM concert") == [("2099-05-21 15:00:00+00",)]


async def test_a_question_answered_as_it_was_asked_moves_nothing(loft: None, manager: Clerk, db: Database) -> None:
    await write_down(manager)
    await sql(db, f"UPDATE concert SET starts_at = '{SECOND_TIME}', state = 'announced'")
    [concert] = await sql(db, "SELECT id FROM concert")
    await manager.visit(f"/admin/concert/do/reschedule?pks={concert.id}")
    await manager.press("Set a new date")
    assert await sql(db, "SELECT starts_at::text FROM concert") == [("2027-10-31 01:30:17.25+00",)]
