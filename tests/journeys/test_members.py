"""What is for members: sold to nobody else, earlier than to others, and at a price of their own."""

from uuid import UUID

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.customer import Customer, sql
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio
KEY = "club.gold"
PRICE, FOR_MEMBERS = 3000, 2000


@pytest.fixture
async def ticket(db: Database) -> UUID:
    """For whose buyers the key means something."""
    async with db.begin() as session:
        id: UUID = (await make_tickets(session, 10, price=PRICE)).id
    await sql(db, "UPDATE offer SET entitlement = :key", key=KEY)
    return id


@pytest.fixture
async def user(db: Database, client: httpx.AsyncClient) -> UUID:
    """Signed in with every request of the customer's."""
    client.headers.update(await signed_in_as(db, "customer", email="fan@example.org"))
    ((id,),) = await sql(db, "SELECT id FROM users WHERE email = 'fan@example.org'")
    return UUID(str(id))


async def entitle(db: Database, user: UUID, *, until: str = "NULL", source: str = "staff") -> None:
    await sql(
        db,
        f"INSERT INTO entitlement (id, user_id, key, source, ends_at)"
        f" VALUES (gen_random_uuid(), :user, :key, :source, {until})",
        user=user,
        key=KEY,
        source=source,
    )


class TestForMembersOnly:
    @pytest.fixture(autouse=True)
    async def for_members_only(self, db: Database, ticket: UUID) -> None:
        await sql(db, "UPDATE offer SET members_only = true")

    async def test_guests_are_refused(self, customer: Customer, ticket: UUID) -> None:
        assert (await customer.add(ticket, status=409))["type"].endswith("members-only")
        assert (await customer.order_at_once(ticket, status=409))["type"].endswith("members-only")

    async def test_users_are_refused_who_never_had_it_or_have_it_no_more(
        self, customer: Customer, ticket: UUID, user: UUID, db: Database
    ) -> None:
        assert (await customer.add(ticket, status=409))["type"].endswith("members-only")
        await entitle(db, user, until="clock_timestamp()")
        assert (await customer.order_at_once(ticket, status=409))["type"].endswith("members-only")

    async def test_members_buy_it(self, customer: Customer, ticket: UUID, user: UUID, db: Database) -> None:
        await entitle(db, user)
        await customer.add(ticket, 2)
        assert (await customer.cart())["lines"][0]["problem"] is None
        assert (await customer.pay(await customer.check_out()))["state"] == "paid"

    async def test_one_of_two_sources_is_enough(
        self, customer: Customer, ticket: UUID, user: UUID, db: Database
    ) -> None:
        await entitle(db, user, until="clock_timestamp()")
        await entitle(db, user, source="membership:1")
        await customer.add(ticket)

    async def test_what_is_in_the_cart_is_not_bought_once_the_membership_has_ended(
        self, customer: Customer, ticket: UUID, user: UUID, db: Database
    ) -> None:
        await entitle(db, user)
        await customer.add(ticket)
        await sql(db, "UPDATE entitlement SET ends_at = clock_timestamp()")
        cart = await customer.cart()
        assert (cart["lines"][0]["problem"], cart["total"]) == ("members-only", 0)
        await customer.check_out(status=409)


class TestEarlier:
    async def test_members_buy_before_others_do(
        self, customer: Customer, ticket: UUID, user: UUID, db: Database
    ) -> None:
        await sql(db, "UPDATE offer SET early_from = now() - interval '1 hour', sale_from = now() + interval '1 hour'")
        assert (await customer.add(ticket, status=409))["type"].endswith("members-only")
        await entitle(db, user)
        await customer.add(ticket)

    async def test_nobody_buys_before_that(self, customer: Customer, ticket: UUID, user: UUID, db: Database) -> None:
        await entitle(db, user)
        await sql(db, "UPDATE offer SET early_from = now() + interval '1 hour', sale_from = now() + interval '2 hours'")
        assert (await customer.add(ticket, status=409))["type"].endswith("not-on-sale")


class TestPrice:
    @pytest.fixture(autouse=True)
    async def cheaper(self, db: Database, ticket: UUID) -> None:
        await sql(db, "UPDATE offer_price SET member_amount = :amount", amount=FOR_MEMBERS)

    async def test_others_pay_the_ordinary_one(self, customer: Customer, ticket: UUID, user: UUID) -> None:
        assert (await customer.add(ticket))["total"] == PRICE
        assert (await customer.check_out())["total"] == PRICE

    async def test_members_pay_theirs(self, customer: Customer, ticket: UUID, user: UUID, db: Database) -> None:
        await entitle(db, user)
        assert (await customer.add(ticket, 2))["total"] == 2 * FOR_MEMBERS
        assert (await customer.cart())["total"] == 2 * FOR_MEMBERS
        assert (await customer.check_out())["total"] == 2 * FOR_MEMBERS

    async def test_nobody_pays_more_for_being_one(
        self, customer: Customer, ticket: UUID, user: UUID, db: Database
    ) -> None:
        await entitle(db, user)
        await sql(db, "UPDATE offer_price SET reduced = 1000")
        assert (await customer.add(ticket))["total"] == 1000

    async def test_who_agreed_to_another_total_is_asked_again(
        self, customer: Customer, ticket: UUID, user: UUID, db: Database
    ) -> None:
        """The membership ends between the page and the click."""
        refused = await customer.order_at_once(ticket, status=409, expected_total=FOR_MEMBERS)
        assert refused["type"].endswith("price-changed")
