"""Nobody occupies a hall: what one network and one customer hold at once, in carts and unpaid orders together."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest

from apps.checkout.comp_orders import place_comp_order
from apps.checkout.queue.checkout_queue import execute, open_checkout_queue
from apps.checkout.queue.commands import ChangeLine
from apps.checkout.queue.hold_limits import CustomerHoldLimit, NetworkLimit
from apps.checkout.staff_schemas import CompOrderIn, CompOrderLineIn
from apps.core.db.database import Database
from project.settings import settings
from tests.factories import make_pool, make_ticket_type, make_tickets
from tests.journeys.customer import Customer, age_holds, make_overdue, reserved, sql
from tests.kernel.processes import somebody_waits, until
from tests.races.stampede import adding, cart_of, new_key, placing
from tests.staff import make_user, signed_in_as

pytestmark = pytest.mark.anyio
USERS_OF_SETTINGS = ("apps.checkout.queue.hold_limits.settings", "apps.checkout.controllers.common.settings")


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> Any:
    """As a band sets them; those that are not named bind nobody here."""

    def set_shares(
        network: int = 0, network_in_all: int = 1000, customer: int = 0, customer_in_all: int = 1000
    ) -> None:
        changed = msgspec.structs.replace(
            settings,
            held_per_network=network,
            held_per_network_in_all=network_in_all,
            held_per_customer=customer,
            held_per_customer_in_all=customer_in_all,
        )
        for each in USERS_OF_SETTINGS:
            monkeypatch.setattr(each, changed)

    return set_shares


async def hall_of(db: Database, places: int, **limits: int) -> UUID:
    async with db.begin() as session:
        return (await make_tickets(session, places, **limits)).id


def others(customer: Customer, number: int) -> Sequence[Customer]:
    """Strangers behind the same address."""
    return [Customer(customer.client, customer.db, email=f"fan{n}@example.org") for n in range(number)]


async def held_from_networks(db: Database) -> int:
    ((units,),) = await sql(db, "SELECT coalesce(sum(units), 0) FROM hold WHERE network IS NOT NULL")
    return int(units)


async def test_carts_without_end_hold_only_the_networks_share(customer: Customer, db: Database, shares: Any) -> None:
    shares(network=40)
    offer = await hall_of(db, 200)
    for each in others(customer, 4):
        await each.add(offer, 10)
    refused = await customer.add(offer, 1, status=409)
    assert refused["type"] == "urn:backline:problem:network-limit"
    assert (refused["limit"], refused["minutes"]) == (40, 15)
    assert "your network" in refused["title"]
    assert await reserved(db, offer) == [40]


async def test_a_class_behind_one_address_can_buy(customer: Customer, db: Database, shares: Any) -> None:
    shares(network=settings_of_production().held_per_network, customer=settings_of_production().held_per_customer)
    offer = await hall_of(db, 80)
    for each in others(customer, 32):
        await each.add(offer)
    assert await reserved(db, offer) == [32]


def settings_of_production() -> Any:
    return type(settings)(secret_key="x" * 32)


async def test_unpaid_orders_count_on_and_paid_ones_do_not(customer: Customer, db: Database, shares: Any) -> None:
    shares(network=10)
    offer = await hall_of(db, 100)
    first, second, third, fourth = others(customer, 4)
    order = await first.order_at_once(offer, 5)
    await second.add(offer, 5)
    await second.check_out()
    assert (await third.add(offer, 1, status=409))["minutes"] == settings.pay_minutes
    await first.pay(order)
    assert await held_from_networks(db) == 5
    await third.add(offer, 5)
    await fourth.order_at_once(offer, 1, status=409)


async def test_the_minutes_are_those_until_the_first_of_it_runs_out(
    customer: Customer, db: Database, shares: Any
) -> None:
    shares(network=10)
    offers = [await hall_of(db, 100) for _ in range(3)]
    for each, offer in zip(others(customer, 3), offers, strict=True):
        await each.add(offer, 10)
        await age_holds(db, 4)
    assert (await customer.add(offers[2], status=409))["minutes"] == 3
    await age_holds(db, 60)
    assert (await customer.add(offers[2], status=409))["minutes"] == 1


async def test_a_share_counts_within_a_batch(db: Database, shares: Any) -> None:
    shares(network=10)
    offer, queue = await hall_of(db, 100), open_checkout_queue(db)
    tries = (queue.submit(adding(offer, 5, network=1)) for _ in range(3))
    first, _second, third = await asyncio.gather(*tries, return_exceptions=True)
    assert isinstance(third, NetworkLimit)
    line = UUID(json.loads(first.body)["lines"][0]["id"])
    taking_out = ChangeLine(new_key(), cart_of(first), line, 0, "en", 1)
    await asyncio.gather(queue.submit(taking_out), queue.submit(adding(offer, 5, network=1)))
    assert await reserved(db, offer) == [10]


async def test_what_an_account_orders_counts_within_a_batch(db: Database, shares: Any) -> None:
    shares(customer=10)
    offer, queue = await hall_of(db, 100), open_checkout_queue(db)
    async with db.begin() as session:
        user = (await make_user(session, email=None)).id
    orders = [placing((offer, 6), email=f"{name}@example.org") for name in ("one", "two")]
    mine = (queue.submit(msgspec.structs.replace(each, user_id=user)) for each in orders)
    first, second = await asyncio.gather(*mine, return_exceptions=True)
    assert (first.status, type(second)) == (201, CustomerHoldLimit)


@pytest.mark.parametrize("way", ["removed", "cancelled", "expired", "swept"])
async def test_what_is_let_go_counts_no_more(customer: Customer, db: Database, shares: Any, way: str) -> None:
    shares(network=10)
    offer = await hall_of(db, 100)
    if way in ("removed", "swept"):
        line = (await customer.add(offer, 10))["lines"][0]["id"]
    else:
        order = await customer.order_at_once(offer, 10)
    (other,) = others(customer, 1)
    await other.add(offer, 1, status=409)
    match way:
        case "removed":
            await customer.remove(line)
        case "swept":
            await age_holds(db, 16)
            await customer.by_the_clock("checkout.release_expired_holds")
        case "cancelled":
            await customer.cancel(order)
        case "expired":
            await make_overdue(db, order)
            await customer.by_the_clock("checkout.expire_unpaid")
    assert await held_from_networks(db) == 0
    await other.add(offer, 10)


async def test_in_all_a_network_keeps_to_its_share_at_two_processes(db: Database, shares: Any) -> None:
    """Of two halls: there is no pool at which one of them would wait for the other."""
    shares(network=10, network_in_all=10)
    one, other = await hall_of(db, 100), await hall_of(db, 100)
    async with db.transaction() as first:
        await execute(first, [adding(one, 10, network=7)])
        second = asyncio.create_task(open_checkout_queue(db).submit(adding(other, 10, network=7)))
        await until(lambda: somebody_waits(db))
    with pytest.raises(NetworkLimit):
        await second


async def test_what_a_cart_holds_counts_where_it_began(db: Database, shares: Any) -> None:
    shares(network=10)
    queue, offer = open_checkout_queue(db), await hall_of(db, 100)
    cart = cart_of(await queue.submit(adding(offer, 5, network=1)))
    await queue.submit(adding(offer, 5, network=1))
    with pytest.raises(NetworkLimit):
        await queue.submit(adding(offer, 1, cart=cart, network=2))


async def test_in_all_a_network_has_a_share_too(customer: Customer, db: Database, shares: Any) -> None:
    shares(network=10, network_in_all=25)
    offers = [await hall_of(db, 100) for _ in range(3)]
    for each, offer in zip(others(customer, 2), offers, strict=False):
        await each.add(offer, 10)
    assert (await customer.add(offers[2], 6, status=409))["limit"] == 25
    await customer.add(offers[2], 5)


@pytest.mark.parametrize(("places", "share"), [(4, 2), (30, 15), (60, 20), (500, 50)])
async def test_a_share_is_between_a_tenth_and_a_half(
    customer: Customer, db: Database, shares: Any, places: int, share: int
) -> None:
    shares(network=20)
    offer = await hall_of(db, places, max_per_order=1)
    for each in others(customer, share):
        await each.add(offer)
    assert (await customer.add(offer, status=409))["limit"] == share


async def test_what_one_order_may_have_is_always_a_share(customer: Customer, db: Database, shares: Any) -> None:
    shares(network=5, network_in_all=5, customer=5, customer_in_all=5)
    offer = await hall_of(db, 12, max_per_order=12)
    await customer.order_at_once(offer, 12)


async def test_a_customers_carts_and_orders_count_together(customer: Customer, db: Database, shares: Any) -> None:
    shares(customer=15, customer_in_all=22)
    offer, other = await hall_of(db, 100), await hall_of(db, 100)
    await customer.order_at_once(offer, 10)
    again = Customer(customer.client, db)
    await again.add(offer, 6)
    refused = await again.check_out(status=409)
    assert (refused["type"], refused["limit"]) == ("urn:backline:problem:buyer-limit", 15)
    await again.order_at_once(other, 10)
    assert (await again.order_at_once(offer, 3, status=409))["limit"] == 22
    await again.order_at_once(offer, 2)
    (stranger,) = others(customer, 1)
    await stranger.order_at_once(offer, 10)


async def test_what_a_customer_has_paid_counts_no_more(customer: Customer, db: Database, shares: Any) -> None:
    shares(customer=10)
    offer = await hall_of(db, 100)
    order = await customer.order_at_once(offer, 10)
    await customer.order_at_once(offer, 1, status=409)
    await customer.pay(order)
    await customer.order_at_once(offer, 10)


async def test_a_customer_is_one_by_address_and_by_account(customer: Customer, db: Database, shares: Any) -> None:
    shares(customer=15)
    offer, ann = await hall_of(db, 100), await signed_in_as(db, "customer", email="ann@example.org")
    for name, headers, quantity, status in (
        ("one", ann, 5, 201),
        ("other", ann, 5, 201),
        ("third", ann, 6, 409),
        ("one", {}, 5, 201),
        ("one", {}, 6, 409),
        ("one", ann, 5, 201),
    ):
        lines = [{"offer": str(offer), "quantity": quantity}]
        body = {"email": f"{name}@example.org", "delivery": "pickup", "lines": lines}
        answer = await customer.client.post("/api/v1/checkout", json=body, headers=headers)
        assert answer.status_code == status, (name, bool(headers), quantity)


async def test_a_customers_share_can_be_used_up(customer: Customer, db: Database, shares: Any) -> None:
    shares(customer=15, customer_in_all=25)
    offer, other = await hall_of(db, 100), await hall_of(db, 100)
    for each, quantity in ((offer, 10), (other, 10), (offer, 5)):
        await customer.order_at_once(each, quantity)
    assert (await customer.order_at_once(offer, 1, status=409))["limit"] == 15


async def two_of_one_hall(db: Database) -> list[UUID]:
    async with db.begin() as session:
        hall = (await make_pool(session, 100)).id
        return [(await make_ticket_type(session, {hall: 1})).id for _ in range(2)]


async def test_the_lines_of_an_order_count_together(customer: Customer, db: Database, shares: Any) -> None:
    shares(customer=10)
    lines = [{"offer": str(offer), "quantity": 6} for offer in await two_of_one_hall(db)]
    refused = await customer.check_out(lines=lines, status=409)
    assert (refused["type"], refused["limit"]) == ("urn:backline:problem:buyer-limit", 10)


async def test_who_wants_less_is_refused_nothing_when_shares_have_shrunk(
    customer: Customer, db: Database, shares: Any
) -> None:
    shares(network=15, customer=15)
    seated, standing = await two_of_one_hall(db)
    await customer.add(seated, 8)
    line = (await customer.add(standing, 6))["lines"][1]["id"]
    shares(network=1, network_in_all=1, customer=1, customer_in_all=1)
    await customer.change(line, 5)
    assert (await customer.change(line, 6, status=409))["type"].endswith("network-limit")
    shares(network=100, customer=1, customer_in_all=1)
    assert (await customer.change(line, 6, status=409))["type"].endswith("buyer-limit")


async def test_a_cart_has_a_share(customer: Customer, db: Database, shares: Any) -> None:
    shares(customer=10, customer_in_all=12)
    seated, standing = await two_of_one_hall(db)
    await customer.add(seated, 8)
    assert (await customer.add(standing, 3, status=409))["type"].endswith("buyer-limit")
    line = (await customer.add(standing, 2))["lines"][1]["id"]
    await customer.change(line, 1)


async def test_the_limit_per_customer_counts_in_the_cart(customer: Customer, db: Database) -> None:
    offer = await hall_of(db, 100, max_per_customer=2)
    await customer.add(offer, 2)
    assert (await customer.add(offer, 1, status=409))["type"].endswith("customer-limit")
    await customer.check_out()
    await Customer(customer.client, db).order_at_once(offer, 1, status=409)


async def test_the_band_itself_may_hold_as_much_as_there_is(db: Database, shares: Any) -> None:
    shares(network=1, network_in_all=1, customer=1, customer_in_all=1)
    offer = await hall_of(db, 30, max_per_order=1)
    comp_order = CompOrderIn(
        email="ann@example.org", locale="en", reason="guest list", lines=[CompOrderLineIn(offer, 25)]
    )
    async with db.begin() as session:
        await place_comp_order(session, comp_order, actor="test")
    assert (await reserved(db, offer), await held_from_networks(db)) == ([25], 0)
