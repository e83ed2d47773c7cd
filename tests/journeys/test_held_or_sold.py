"""Where nothing is left, customers are told whether it is sold, or only held; and what they can have."""

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_concert, make_hall, make_pool, make_shirt, make_ticket_type, make_tickets
from tests.journeys.customer import Customer, age_holds

pytestmark = pytest.mark.anyio


@pytest.fixture
async def other(client: httpx.AsyncClient, db: Database) -> Customer:
    return Customer(client, db, email="other@example.org")


async def concert_says(client: httpx.AsyncClient) -> list[object]:
    """Of the only concert: in the list, then its ticket types and what is left of them."""
    (listed,) = (await client.get("/api/v1/concerts")).json()["items"]
    shown = (await client.get(f"/api/v1/concerts/{listed['slug']}")).json()["ticket_types"]
    return [listed["availability"], *((each["availability"], each["left"]) for each in shown)]


async def product_says(client: httpx.AsyncClient) -> list[object]:
    (listed,) = (await client.get("/api/v1/products")).json()["items"]
    shown = (await client.get(f"/api/v1/products/{listed['slug']}")).json()["variants"]
    return [listed["availability"], *((each["availability"], each["left"]) for each in shown)]


class TestAvailability:
    async def test_from_the_cart_to_the_sale(self, client: httpx.AsyncClient, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 2)
        await customer.add(ticket.id)
        assert await concert_says(client) == ["few_left", ("few_left", 1)]
        await customer.add(ticket.id)
        assert await concert_says(client) == ["held", ("held", 0)]
        order = await customer.check_out()
        assert await concert_says(client) == ["held", ("held", 0)]
        await customer.pay(order)
        assert await concert_says(client) == ["sold_out", ("sold_out", 0)]

    async def test_one_of_many_is_enough_to_hope_for(
        self, client: httpx.AsyncClient, customer: Customer, other: Customer, db: Database
    ) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 3)
        await other.pay(await other.order_at_once(ticket.id, 2))
        line = (await customer.add(ticket.id))["lines"][0]["id"]
        assert await concert_says(client) == ["held", ("held", 0)]
        await customer.remove(line)
        assert await concert_says(client) == ["few_left", ("few_left", 1)]

    async def test_what_ran_out_may_come_back_until_it_is_swept(
        self, client: httpx.AsyncClient, customer: Customer, db: Database
    ) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 1)
        await customer.add(ticket.id)
        await age_holds(db, minutes=20)
        assert await concert_says(client) == ["held", ("held", 0)]
        await customer.by_the_clock("checkout.release_expired_holds")
        assert await concert_says(client) == ["few_left", ("few_left", 1)]

    async def test_each_pool_has_to_come_back(
        self, client: httpx.AsyncClient, customer: Customer, other: Customer, db: Database
    ) -> None:
        """The front is sold; the hall is held, where a front ticket has its place, too."""
        async with db.begin() as session:
            standing, front = await make_hall(session, places=3, front_places=1)
        await other.pay(await other.order_at_once(front.id, 1))
        await customer.add(standing.id, 2)
        listed, *types = await concert_says(client)
        assert (listed, sorted(types)) == ("held", [("held", 0), ("sold_out", 0)])

    async def test_enough_for_a_whole_piece_has_to_come_back(
        self, client: httpx.AsyncClient, customer: Customer, other: Customer, db: Database
    ) -> None:
        """A pair takes two seats; of three seats one is sold, and one is in a cart."""
        async with db.begin() as session:
            concert, seats = await make_concert(session), await make_pool(session, 3)
            single = await make_ticket_type(session, {seats.id: 1}, concert=concert)
            await make_ticket_type(session, {seats.id: 2}, concert=concert)
        await other.pay(await other.order_at_once(single.id, 1))
        await customer.add(single.id)
        assert sorted((await concert_says(client))[1:]) == [("few_left", 1), ("held", 0)]
        await customer.pay(await customer.check_out())
        assert sorted((await concert_says(client))[1:]) == [("few_left", 1), ("sold_out", 0)]

    async def test_of_a_shirt(self, client: httpx.AsyncClient, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            shirt = await make_shirt(session, stock=1)
        await customer.add(shirt.id)
        assert await product_says(client) == ["held", ("held", 0)]
        in_stock = await client.get("/api/v1/products", params={"in_stock": "true"})
        assert in_stock.json()["items"] == []
        await customer.pay(await customer.check_out())
        assert await product_says(client) == ["sold_out", ("sold_out", 0)]


class TestRefusal:
    """`held` and `left` together are what can be had."""

    async def test_counts_what_the_cart_holds(self, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 3)
        line = (await customer.add(ticket.id, 2))["lines"][0]["id"]
        for refused in (await customer.change(line, 4, status=409), await customer.add(ticket.id, 2, status=409)):
            assert (refused["held"], refused["left"]) == (2, 1)
            said = "You have 2 of “Live · Standing” in your cart. Only 1 more can be added: 3 in total."
            assert refused["title"] == said
        await customer.change(line, 3)
        refused = await customer.add(ticket.id, status=409)
        assert (refused["held"], refused["left"]) == (3, 0)
        assert refused["title"] == "You have 3 of “Live · Standing” in your cart. No more are left at the moment."

    async def test_in_russian(self, client: httpx.AsyncClient, customer: Customer, db: Database) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 3)
        client.headers["Accept-Language"] = "ru"
        assert (await customer.order_at_once(ticket.id, 4, status=409))["title"].endswith(
            "сейчас осталось только 3 шт."
        )
        await customer.add(ticket.id, 2)
        refused = await customer.add(ticket.id, 2, status=409)
        assert refused["title"].endswith("у вас в корзине 2 шт., можно взять ещё только 1, всего 3.")

    async def test_of_all_lines_of_the_same(self, customer: Customer, db: Database) -> None:
        """Who names two prices has two lines."""
        async with db.begin() as session:
            shirt = await make_shirt(session, stock=5, minimum=1000)
        await customer.add(shirt.id, 2, price=2000)
        await customer.add(shirt.id, 1, price=3000)
        refused = await customer.add(shirt.id, 4, price=3000, status=409)
        assert (refused["held"], refused["left"]) == (3, 2)

    async def test_names_the_one_that_does_not_fit(self, customer: Customer, db: Database) -> None:
        """Two kinds share four places: of the second there is one when the first has its three."""
        async with db.begin() as session:
            concert, hall = await make_concert(session), await make_pool(session, 4)
            first, second = [await make_ticket_type(session, {hall.id: 1}, concert=concert) for _ in range(2)]
        lines = [{"offer": str(first.id), "quantity": 3}, {"offer": str(second.id), "quantity": 2}]
        refused = await customer.check_out(lines=lines, status=409)
        assert (refused["offer"], refused["held"], refused["left"]) == (str(second.id), 0, 1)

    async def test_at_checkout_what_ran_out_is_said(self, customer: Customer, other: Customer, db: Database) -> None:
        async with db.begin() as session:
            ticket = await make_tickets(session, 3)
        await customer.add(ticket.id, 3)
        await age_holds(db, minutes=20)
        await other.add(ticket.id, 2)
        refused = await customer.check_out(status=409)
        assert (refused["held"], refused["left"]) == (0, 1)
