"""Calls of the webhook that are not what they say, or are too much."""

from dataclasses import replace
from itertools import product

import pytest

from tests.journeys.customer import sql
from tests.payments.faults.sale import Sale
from tests.payments.standins.stand_in import Call, StandIn

pytestmark = pytest.mark.anyio


@pytest.fixture
async def call(sale: Sale, stand_in: StandIn) -> Call:
    """That the money of the order has come."""
    await sale.started_then_charged()
    (told, *_) = [each for each in stand_in.take() if each.kind == "confirmed"]
    return told


async def refused(sale: Sale, call: Call, *, status: int = 401) -> None:
    before = await sql(sale.customer.db, "SELECT count(*) FROM webhook_event")
    await sale.send(call, status=status)
    await sale.customer.jobs()
    assert await sql(sale.customer.db, "SELECT count(*) FROM webhook_event") == before
    assert await sale.payments() == ["pending"]


@pytest.fixture
def signs(stand_in: StandIn) -> None:
    if not stand_in.is_signed:
        pytest.skip("It signs nothing and is asked instead: it has cases of its own.")


async def test_signed_by_somebody_else(sale: Sale, stand_in: StandIn, call: Call) -> None:
    await refused(sale, replace(call, headers=stand_in.signed(call.body, by="other")))


async def test_not_signed_at_all(sale: Sale, call: Call) -> None:
    await refused(sale, replace(call, headers={}))


async def test_half_a_signature(sale: Sale, call: Call) -> None:
    values = ("", "t=1", "v1=", "t=x,v1=y", "t=1,v1=%", ",,,", "t=9999999999999,v1=0")
    for name, value in product(call.headers, values):
        await refused(sale, replace(call, headers={**call.headers, name: value}))


@pytest.mark.usefixtures("signs")
async def test_recorded_and_sent_again_later(sale: Sale, stand_in: StandIn, call: Call) -> None:
    """Where signatures do not grow old, because the provider goes on telling for days, an event is known by its id."""
    late = replace(call, headers=stand_in.signed(call.body, age=301))
    if stand_in.signatures_expire:
        await refused(sale, late)
        return
    for _ in range(2):
        await sale.send(late)
        await sale.customer.jobs()
    await sale.ends("paid", taken=sale.total, tickets=2)


@pytest.mark.usefixtures("signs")
async def test_with_a_signature_of_something_else(sale: Sale, stand_in: StandIn, call: Call) -> None:
    await refused(sale, replace(call, headers=stand_in.signed(call.body + b" ")))


async def test_cut_off(sale: Sale, call: Call) -> None:
    await refused(sale, replace(call, body=call.body[:-20]))


@pytest.mark.usefixtures("signs")
async def test_changed_on_the_way(sale: Sale, call: Call) -> None:
    changed = call.body.replace(b"6000", b"9000").replace(b"60.00", b"90.00")
    assert changed != call.body
    await refused(sale, replace(call, body=changed))


async def test_too_large_to_be_looked_at(sale: Sale, stand_in: StandIn, call: Call) -> None:
    body = b'{"id":"' + b"x" * 300_000 + b'"}'
    await refused(sale, Call("huge", stand_in.signed(body), body), status=413)


async def test_signed_by_the_secret_of_before(sale: Sale, stand_in: StandIn, call: Call) -> None:
    """While a secret is changed, both are good."""
    await sale.send(replace(call, headers=stand_in.signed(call.body, by="old")))
    await sale.customer.jobs()
    await sale.ends("paid", taken=sale.total, tickets=2)


async def test_a_moment_on_the_way(sale: Sale, stand_in: StandIn, call: Call) -> None:
    await sale.send(replace(call, headers=stand_in.signed(call.body, age=240)))
    await sale.customer.jobs()
    await sale.ends("paid", taken=sale.total, tickets=2)


ODD = (b"", b"{", b"money!", b"[]", b"7", b'{"id":"evt_x"}', b'{"id":7,"type":"x"}', b"[" * 5000, b'{"a":1e999}')


@pytest.mark.usefixtures("signs")
async def test_signed_and_not_to_be_understood(sale: Sale, stand_in: StandIn) -> None:
    """It is kept for staff; sent again it would be no better, so it is taken."""
    await sale.start()
    odd = {body for body in ODD if stand_in.signs(body)}
    for body in ODD:
        await sale.send(Call("odd", stand_in.signed(body), body), status=200 if body in odd else 401)
    await sale.customer.jobs()
    found = "SELECT body FROM webhook_event WHERE provider = :name AND problem = 'unreadable'"
    kept = {row.body for row in await sql(sale.customer.db, found, name=stand_in.name)}
    assert kept >= odd
    assert await sale.payments() == ["pending"]
