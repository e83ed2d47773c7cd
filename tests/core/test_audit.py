"""The audit log keeps no secret, however careless its caller."""

from uuid import uuid4

import pytest

from apps.accounts.models import Role, User
from apps.core.audit import MASK, Entry, name_of, record, record_all
from apps.core.db.database import Database, UUIDBase
from apps.orders.models import Order
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio


async def kept(db: Database, told: dict) -> dict:
    """What an entry says that was told this."""
    async with db.begin() as session:
        session.add(role := Role(name="merch", title="Merch"))
        await session.flush()
        record(session, "test.change", role, before=told, after={"all": [told]})
    ((before, after),) = await sql(db, "SELECT before, after FROM audit_entry")
    assert after == {"all": [before]}
    return dict(before)


async def test_what_is_named_as_a_secret_is_masked_however_deep(db: Database) -> None:
    names = ("password", "Password_Hash", "webhook_secret", "refresh_token", "stripe_api_key", "code", "codes", "nonce")
    secrets = {name: ["herrings", {"deep": "herrings"}] for name in names}
    assert await kept(db, {"facts": [secrets]}) == {"facts": [dict.fromkeys(names, MASK)]}


async def test_everything_else_is_kept_as_it_is(db: Database) -> None:
    told = {"key": "refund-1", "barcode": "4006381333931", "postal_code": "10115", "to": None, "pieces": [1, {"x": 2}]}
    assert await kept(db, told) == told


async def test_entries_about_many_things_keep_no_secret_either(db: Database) -> None:
    told = {"token": "herrings", "pieces": 2}
    async with db.transaction() as connection:
        entry = Entry(action="test.change", subject="Thing", id=uuid4(), name="x" * 301, before=told, after=told)
        await record_all(connection, [entry], actor="test")
    masked = {"token": MASK, "pieces": 2}
    assert await sql(db, "SELECT before, after, length(name) FROM audit_entry") == [(masked, masked, 300)]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (Order(number="B-1", name="Ann", email="ann@example.org"), "B-1"),
        (Role(name="merch", title="Merch"), "Merch"),
        (User(email="ann@example.org"), "ann@example.org"),
        (Role(name="merch", title=""), "merch"),
    ],
)
def test_a_row_is_called_what_people_call_it(row: UUIDBase, name: str) -> None:
    assert name_of(row) == name
