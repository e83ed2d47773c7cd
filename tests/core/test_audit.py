"""The audit trail keeps no secret, however careless its caller."""

import pytest

from apps.accounts.models import Role
from apps.core.audit import MASK, record
from apps.core.db import Database
from tests.journeys.buyer import sql

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
