"""A fan who fills a cart on the phone finds it on the laptop; who uses the browser after them does not."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from apps.core.db.database import Database
from tests.accounts.fan import Fan as ApiFan
from tests.factories import make_concert, make_pool, make_ticket_type
from tests.journeys.customer import Customer, reserved, sql
from tests.letters import newest_letter, text_of
from tests.queries import counting
from tests.site.browser import Fan
from tests.site.test_account import EMAIL, PASSWORD, open_account, path_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def phone(client: httpx.AsyncClient) -> AsyncIterator[Fan]:
    """Another browser of the same fan."""
    async with httpx.AsyncClient(base_url=client.base_url, timeout=30, trust_env=False) as other:
        yield Fan(other)


async def sell(db: Database, *, most: int = 10) -> tuple[str, str]:
    """(page, offer) of a concert with 40 places."""
    async with db.begin() as session:
        concert = await make_concert(session)
        pool = await make_pool(session, 40)
        offer = await make_ticket_type(session, {pool.id: 1}, concert=concert, max_per_order=most)
    return f"/concerts/{concert.slug}", str(offer.id)


async def add(fan: Fan, page: str, quantity: int) -> None:
    await fan.visit(page)
    await fan.press("Add to cart", quantity=quantity)


async def sign_in(fan: Fan) -> None:
    await fan.visit("/account/sign-in")
    await fan.press("Sign in", email=EMAIL, password=PASSWORD)


async def in_cart(fan: Fan) -> int:
    """How many pieces, by the head of the page."""
    page = await fan.visit("/cart")
    found = re.search(r"items: (\d+)", page.text)
    return int(found[1]) if found else 0


async def test_what_was_chosen_on_both_is_in_one_cart_on_both(fan: Fan, phone: Fan, db: Database) -> None:
    page, offer = await sell(db)
    await open_account(fan, db)
    await add(fan, page, 2)
    await add(phone, page, 3)
    await sign_in(phone)
    assert (await in_cart(phone), await in_cart(fan), await reserved(db, offer)) == (5, 5, [5])
    await phone.press("Remove")
    assert (await in_cart(fan), await reserved(db, offer)) == (0, [0])


async def test_registering_keeps_the_cart_and_makes_it_the_accounts(fan: Fan, phone: Fan, db: Database) -> None:
    page, _offer = await sell(db)
    await add(fan, page, 2)
    await open_account(fan, db)
    await sign_in(phone)
    assert (await in_cart(fan), await in_cart(phone)) == (2, 2)
    await phone.follow("Check out")
    order = await phone.press("Order and pay", name="Ada Fan", delivery="pickup")
    assert "Not paid yet" in order.text
    assert await in_cart(fan) == 0
    await add(fan, page, 1)
    assert await in_cart(phone) == 1


async def test_what_is_too_much_is_said_on_the_page_until_the_cart_is_changed(
    fan: Fan, phone: Fan, db: Database
) -> None:
    page, offer = await sell(db, most=4)
    await open_account(fan, db)
    await add(fan, page, 3)
    await add(phone, page, 3)
    await sign_in(phone)
    cart = await phone.visit("/cart")
    assert "Some of it did not fit within the limits of one order" in cart.text
    assert (await in_cart(phone), await reserved(db, offer)) == (4, [4])
    await phone.press("Update", quantity=3)
    assert "did not fit" not in (await phone.visit("/cart")).text


async def test_who_comes_after_signing_out_sees_nothing_of_it(fan: Fan, db: Database) -> None:
    """Nor does who has kept the cookie."""
    page, _offer = await sell(db)
    await open_account(fan, db)
    await add(fan, page, 2)
    cookie = fan.client.cookies["cart"]
    await fan.visit("/account")
    await fan.press("Sign out")
    assert await in_cart(fan) == 0
    fan.client.cookies.set("cart", cookie)
    assert await in_cart(fan) == 0
    await sign_in(fan)
    assert await in_cart(fan) == 2


async def test_over_the_api_it_is_found_without_a_token(client: httpx.AsyncClient, db: Database) -> None:
    _page, offer = await sell(db)
    guest, app = Customer(client, db), ApiFan(client)
    held = await guest.add(offer, 2)
    await app.open_account(db)
    await app.sign_in()
    assert (await app.ask("GET", "/api/v1/cart", 404))["type"].endswith("not-found")
    token = {"Cart-Token": held["token"]}
    joined = await client.post("/api/v1/cart/join", headers=app.headers | token)
    assert (joined.status_code, joined.json()["lines"][0]["quantity"]) == (200, 2)
    line = (await app.ask("GET", "/api/v1/cart", 200))["lines"][0]["id"]
    assert (await app.ask("PATCH", f"/api/v1/cart/lines/{line}", 200, json={"quantity": 1}))["lines"][0]["held"]
    await guest.cart(status=404)
    await guest.change(line, 3, status=404)
    order = await app.ask("POST", "/api/v1/checkout", 201, json={"email": EMAIL, "delivery": "pickup"})
    assert (len(order["lines"]), await reserved(db, offer)) == (1, [1])


async def test_adding_over_the_api_takes_the_named_cart_in(client: httpx.AsyncClient, db: Database) -> None:
    _page, offer = await sell(db)
    guest, app = Customer(client, db), ApiFan(client)
    await app.open_account(db)
    await app.sign_in()
    body = {"offer": offer, "quantity": 1}
    await app.ask("POST", "/api/v1/cart/lines", 201, json=body)
    token = {"Cart-Token": (await guest.add(offer, 2))["token"]}
    added = await client.post("/api/v1/cart/lines", json=body, headers=app.headers | token)
    assert [each["quantity"] for each in added.json()["lines"]] == [4]
    assert await sql(db, "SELECT count(*) FROM cart") == [(1,)]


async def test_a_guest_asks_nothing_more_of_the_database(fan: Fan, db: Database) -> None:
    page, _offer = await sell(db)
    await add(fan, page, 1)
    with counting() as sent:
        await fan.visit("/cart")
        await add(fan, page, 1)
    assert not [each for each in sent if "cart.user_id, cart.id" in each or "user_session" in each]


async def test_confirming_in_another_browser_takes_its_cart(fan: Fan, phone: Fan, db: Database) -> None:
    page, offer = await sell(db)
    await fan.visit("/account/register")
    await fan.press("Create account", email=EMAIL, name="Ada", password=PASSWORD)
    await add(phone, page, 1)
    await phone.visit(path_in(text_of(await newest_letter(db))))
    await phone.press("Confirm and sign in", password=PASSWORD)
    await add(fan, page, 2)
    await sign_in(fan)
    assert (await in_cart(phone), await reserved(db, offer)) == (3, [3])
