"""Over the API staff say that a transfer or cash has come and that refunds were sent; parts where they are refunded."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from msgspec.structs import force_setattr

from apps.core.db.database import Database
from apps.payments.providers import provider_named
from project.settings import settings
from tests.backoffice.orders import tickets
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer, sql
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
MONEY = {"amount": 3000, "note": "Statement 12, A. Fan"}


@pytest.fixture(autouse=True)
def _offered() -> Iterator[None]:
    force_setattr(settings, "payment_providers", "demo bank_transfer cash")
    yield
    force_setattr(settings, "payment_providers", "demo")


@pytest.fixture
async def staff(customer: Customer, db: Database) -> StaffApi:
    return StaffApi(customer.client, await signed_in_as(db, "manager"))


@pytest.fixture
async def order(customer: Customer, db: Database) -> dict:
    return await customer.order_at_once(await tickets(db))


async def ask(staff: StaffApi, path: str, *, status: int = 200, key: str = "", json: dict | None = None) -> dict:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return (await staff.ask("POST", path, status=status, json=json, headers=headers)).json()


def at(order: dict, action: str) -> str:
    return f"/orders/{order['number']}/{action}"


@pytest.mark.parametrize("provider", ["bank_transfer", "cash"])
async def test_money_has_come(staff: StaffApi, customer: Customer, db: Database, order: dict, provider: str) -> None:
    await customer.start_payment(order, provider=provider)
    for _ in range(2):
        await ask(staff, at(order, "receive"), json=MONEY, key="a key of its own")
        await customer.jobs()
    assert (await customer.order(order))["state"] == "paid"
    assert await sql(db, "SELECT count(*) FROM audit_entry WHERE action = 'payments.receive'") == [(1,)]
    told = await ask(staff, at(order, "receive"), json=MONEY, status=409)
    assert told["type"] == "urn:backline:problem:payment-not-to-receive"


async def test_refunds_were_sent(staff: StaffApi, customer: Customer, db: Database, order: dict) -> None:
    await customer.start_payment(order, provider="cash")
    await ask(staff, at(order, "receive"), json=MONEY)
    await customer.jobs()
    await ask(staff, at(order, "refund"), json={"reason": "Rain", "amount": 1000})
    await customer.jobs()
    assert await sql(db, "SELECT state FROM refund") == [("in_transit",)]
    for _ in range(2):
        await ask(staff, at(order, "refunds-sent"))
    assert await sql(db, "SELECT state FROM refund") == [("done",)]


async def test_what_a_provider_takes_staff_do_not(staff: StaffApi, customer: Customer, order: dict) -> None:
    await customer.start_payment(order)
    await ask(staff, at(order, "receive"), json=MONEY, status=409)


async def test_a_part_is_refused_where_only_the_whole_is_refunded(
    staff: StaffApi, customer: Customer, order: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    await customer.pay(order)
    demo = provider_named("demo")
    monkeypatch.setattr(demo, "capabilities", replace(demo.capabilities, part_refunds=False), raising=False)
    refund = at(order, "refund")
    told = await ask(staff, refund, json={"reason": "Rain", "amount": 1000}, status=409)
    assert told["type"] == "urn:backline:problem:part-not-refunded"
    assert "in full only" in told["title"]
    await ask(staff, refund, json={"reason": "Rain", "whole": True})
