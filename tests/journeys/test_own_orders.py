"""Who is signed in when ordering finds the orders again without their keys; nobody else does."""

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_tickets
from tests.journeys.customer import Customer, sql
from tests.parts import tickets_of
from tests.queries import counting
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio


@pytest.fixture
async def fan(db: Database) -> dict[str, str]:
    return await signed_in_as(db, "customer", email="fan@example.org")


async def order_as(client: httpx.AsyncClient, db: Database, headers: dict[str, str]) -> dict:
    async with db.begin() as session:
        offer = (await make_tickets(session, 10)).id
    body = {"email": "fan@example.org", "delivery": "pickup", "lines": [{"offer": str(offer), "quantity": 2}]}
    answer = await client.post("/api/v1/checkout", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_orders_of_an_account_are_listed_newest_first(
    client: httpx.AsyncClient, db: Database, fan: dict[str, str]
) -> None:
    orders = [await order_as(client, db, fan) for _ in range(3)]
    await order_as(client, db, {})
    first = (await client.get("/api/v1/me/orders?limit=2", headers=fan)).json()
    rest = (await client.get(f"/api/v1/me/orders?limit=2&after={first['next']}", headers=fan)).json()
    listed = first["items"] + rest["items"]
    assert [each["number"] for each in listed] == [each["number"] for each in reversed(orders)]
    assert (listed[0]["total_text"], listed[0]["pieces"]) == ("€60.00", 2)


async def test_the_list_is_of_who_is_signed_in(client: httpx.AsyncClient, db: Database, fan: dict[str, str]) -> None:
    await order_as(client, db, fan)
    other = await signed_in_as(db, "admin")
    assert (await client.get("/api/v1/me/orders", headers=other)).json()["items"] == []
    assert (await client.get("/api/v1/me/orders")).status_code == 401


async def test_an_own_order_is_shown_paid_and_called_off_without_its_key(
    client: httpx.AsyncClient, db: Database, customer: Customer, fan: dict[str, str]
) -> None:
    order, other = await order_as(client, db, fan), await order_as(client, db, fan)
    url = f"/api/v1/orders/{order['number']}"
    payment = await client.post(f"{url}/payments", json={"provider": "demo"}, headers=fan)
    await customer.at_provider(payment.json(), "pay")
    await customer.jobs()
    shown = (await client.get(url, headers=fan)).json()
    assert (shown["state"], len(tickets_of(shown))) == ("paid", 2)
    assert (await client.get(f"{url}?key={order['key']}")).json() == shown
    cancelled = await client.post(f"/api/v1/orders/{other['number']}/cancel", headers=fan)
    assert cancelled.json()["state"] == "cancelled"


async def test_a_guests_order_is_called_off_by_the_customer(
    client: httpx.AsyncClient, db: Database, fan: dict[str, str]
) -> None:
    """Whose address it is has been confirmed; the order has no user."""
    await sql(db, "UPDATE users SET email_confirmed_at = now() WHERE email = 'fan@example.org'")
    order = await order_as(client, db, {})
    cancelled = await client.post(f"/api/v1/orders/{order['number']}/cancel", headers=fan)
    assert cancelled.json()["state"] == "cancelled"
    assert ("customer",) in await sql(db, "SELECT actor FROM audit_entry WHERE action LIKE 'orders.%'")


async def test_an_order_is_not_found_by_anybody_else(
    client: httpx.AsyncClient, db: Database, fan: dict[str, str]
) -> None:
    owned, guests = await order_as(client, db, fan), await order_as(client, db, {})
    other = await signed_in_as(db, "customer")
    for number, headers, status in (
        (owned["number"], other, 404),
        (guests["number"], fan, 404),
        (owned["number"], {}, 401),
        (owned["number"], {"Authorization": "Bearer nonsense"}, 401),
    ):
        assert (await client.get(f"/api/v1/orders/{number}", headers=headers)).status_code == status


async def test_a_token_that_is_none_of_ours_is_refused_at_checkout(
    client: httpx.AsyncClient, db: Database, customer: Customer
) -> None:
    async with db.begin() as session:
        offer = (await make_tickets(session, 10)).id
    body = {"email": "fan@example.org", "lines": [{"offer": str(offer)}]}
    refused = await client.post("/api/v1/checkout", json=body, headers={"Authorization": "Bearer nonsense"})
    assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")


async def test_a_guest_is_looked_up_nowhere(client: httpx.AsyncClient, db: Database) -> None:
    with counting() as sent:
        await order_as(client, db, {})
    assert [each for each in sent if "INSERT INTO orders" in each]
    assert [each for each in sent if "user_session" in each] == []
