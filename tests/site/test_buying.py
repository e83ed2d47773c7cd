"""A whole purchase by forms alone."""

import asyncio
import re

import pytest

from apps.concerts.models import Concert
from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.orders.models import Offer
from apps.shop.models import Product
from tests.factories import make_concert, make_pool, make_shirt, make_ticket_type, make_tickets
from tests.journeys.customer import sql
from tests.site.browser import Fan, Page

pytestmark = pytest.mark.anyio
ADDRESS = {"line1": "Am Kai 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
FAN = {"email": "Fan@example.org", "name": "Ada Fan"}


async def sell(db: Database) -> tuple[Product, Concert]:
    """A shirt, and a concert with room for 100."""
    async with db.begin() as session:
        shirt = await make_shirt(session)
        concert = await make_concert(session)
        pool = await make_pool(session, 100)
        await make_ticket_type(session, {pool.id: 1}, concert=concert)
        return shirt.product, concert


async def test_fan_buys_a_shirt_and_two_tickets(fan: Fan, db: Database) -> None:
    shirt, concert = await sell(db)
    await fan.visit(f"/concerts/{concert.slug}")
    await fan.press("Add to cart", quantity=2)
    await fan.visit(f"/shop/{shirt.slug}")
    cart = await fan.press("Add to cart")
    assert cart.url.endswith("/cart")
    assert "€85.00" in cart.text
    assert re.search(r"Reserved for you\. Time left: \d+ minutes, until \d\d:\d\d \(Berlin\)\.", cart.text)
    await fan.follow("Check out")
    order = await fan.press("Order and pay", **FAN, **ADDRESS)
    assert "Not paid yet" in order.text
    assert "Am Kai 1, 20457 Hamburg" in order.text
    there = await fan.press("Pay €85.00")
    assert "no real money" in there.text
    paid = await fan.press("Pay €85.00")
    assert "Paid. Thank you!" in paid.text
    assert len([tag for tag, _ in paid.tags if tag == "code"]) == 2
    assert "to be packed" in paid.text
    assert again(paid) == ""


def again(page: Page) -> str:
    """Where a browser without scripts goes by itself."""
    return next((each["content"] for tag, each in page.tags if tag == "meta" and "http-equiv" in each), "")


async def test_the_second_click_finds_the_same_order(fan: Fan, db: Database) -> None:
    shirt, _ = await sell(db)
    await fan.visit(f"/shop/{shirt.slug}")
    await fan.press("Add to cart")
    checkout = await fan.follow("Check out")
    first = await fan.press("Order and pay", **FAN, delivery="pickup")
    fan.page = checkout
    second = await fan.press("Order and pay", **FAN, delivery="pickup")
    assert first.url == second.url
    cart = await fan.visit("/cart")
    assert "is now order" in cart.text
    assert cart.links["See your order"] in first.url


async def test_a_refused_card_can_be_tried_again(fan: Fan, db: Database) -> None:
    await ordered(fan, db)
    await fan.press("Pay")
    refused = await fan.press("Let the card fail")
    assert "The card was refused" in refused.text
    await drain(db)
    failed = await fan.follow("Walk away without paying")
    assert "The payment did not go through" in failed.text
    await fan.press("Pay")
    assert "Paid. Thank you!" in (await fan.press("Pay")).text


async def test_an_order_can_be_called_off(fan: Fan, db: Database) -> None:
    order = await ordered(fan, db)
    await fan.press("Pay")
    page = fan.page
    await fan.visit(order)
    gone = await fan.press("Yes, cancel it")
    assert "There is nothing to pay" in gone.text
    fan.page = page
    closed = await fan.press("Pay", status=409)
    assert "closed by the shop" in closed.text


async def test_sold_out_while_adding_is_said_on_the_same_page(fan: Fan, db: Database) -> None:
    async with db.begin() as session:
        concert = await make_concert(session)
        pool = await make_pool(session, 2)
        await make_ticket_type(session, {pool.id: 1}, concert=concert)
    seen = await fan.visit(f"/concerts/{concert.slug}")
    assert "2 left" in seen.text
    async with db.begin() as session:
        (await session.merge(pool)).reserved = 1
    refused = await fan.press("Add to cart", quantity=2, status=409)
    assert refused.url.endswith(concert.slug)
    assert refused.title.startswith("Error:")
    assert refused.tag("alert")["role"] == "alert"
    assert refused.tag("quantity-1")["aria-describedby"] == "alert"
    assert "Only 1 left of “Live · Standing” at the moment." in refused.text


async def test_no_more_are_offered_than_can_be_had(fan: Fan, db: Database) -> None:
    async with db.begin() as session:
        few = await make_shirt(session, stock=2)
        limited = await make_shirt(session, stock=None, max_per_order=4)
    for shirt, most in ((few, 2), (limited, 4)):
        page = await fan.visit(f"/shop/{shirt.product.slug}")
        assert [tag for tag, _held in page.tags].count("option") == most


async def test_a_choice_is_asked_for(fan: Fan, db: Database) -> None:
    shirt, _ = await sell(db)
    page = await fan.visit(f"/shop/{shirt.slug}")
    del page.forms[0].fields["offer"]
    assert "Please choose what you would like" in (await fan.press("Add to cart", status=422)).text


async def test_quantities_change_and_lines_go(fan: Fan, db: Database) -> None:
    shirt, _ = await sell(db)
    await fan.visit(f"/shop/{shirt.slug}")
    await fan.press("Add to cart")
    assert "€75.00" in (await fan.press("Update", quantity=3)).text
    over = await fan.press("Update", quantity=11, status=409)
    assert "At most 10 of “Shirt · L” per order." in over.text
    assert "/cart?lang=ru" in over.links["Русский"]
    assert "There is nothing in your cart" in (await fan.press("Remove")).text


async def test_a_line_that_is_no_longer_sold_says_so(fan: Fan, db: Database) -> None:
    shirt, _ = await sell(db)
    await fan.visit(f"/shop/{shirt.slug}")
    await fan.press("Add to cart")
    async with db.begin() as session:
        offer = await session.get_one(Offer, shirt.variants[0].id)
        offer.active = False
    cart = await fan.visit("/cart")
    assert "“Shirt · L” is not on sale at the moment." in cart.text
    assert "Check out" not in cart.links
    assert (await fan.visit("/checkout")).url.endswith("/cart")


async def test_tickets_alone_ask_for_no_address(fan: Fan, db: Database) -> None:
    async with db.begin() as session:
        tickets = await make_tickets(session, 10)
        concert = await session.get_one(Concert, tickets.concert_id)
    await fan.visit(f"/concerts/{concert.slug}")
    await fan.press("Add to cart")
    checkout = await fan.follow("Check out")
    assert "Address" not in checkout.text
    assert "Not paid yet" in (await fan.press("Order and pay", **FAN)).text


async def ordered(fan: Fan, db: Database) -> str:
    """The address of a new order's page, which is open."""
    shirt, _ = await sell(db)
    await fan.visit(f"/shop/{shirt.slug}")
    await fan.press("Add to cart")
    await fan.follow("Check out")
    return (await fan.press("Order and pay", **FAN, delivery="pickup")).url


async def test_an_address_that_cannot_be_is_named_field_by_field(fan: Fan, db: Database) -> None:
    shirt, _ = await sell(db)
    await fan.visit(f"/shop/{shirt.slug}")
    await fan.press("Add to cart")
    await fan.follow("Check out")
    nonsense = {"line1": "x", "city": "?", "postal_code": "!!!", "country": "AQ"}
    page = await fan.press("Order and pay", email="fan@example.org", name=".", **nonsense, status=422)
    for name in ("name", "line1", "city", "postal_code"):
        assert page.tag(name)["aria-invalid"] == "true", name
    assert "4 fields are not right yet" in page.text
    page = await fan.press(
        "Order and pay", name="Ada", **(ADDRESS | {"country": "US", "postal_code": "95014"}), status=422
    )
    assert "The region or state is needed in this country." in page.text
    assert ("option", {"value": "California"}) in page.tags
    assert "Not paid yet" in (await fan.press("Order and pay", region="California")).text


async def test_a_double_click_fills_one_cart(fan: Fan, db: Database) -> None:
    """Both are sent before the first answer brings the cart's cookie."""
    async with db.begin() as session:
        concert = await make_concert(session)
        pool = await make_pool(session, 2)
        await make_ticket_type(session, {pool.id: 1}, concert=concert)
    page = await fan.visit(f"/concerts/{concert.slug}")
    form = next(form for form in page.forms if form.buttons[0][0].startswith("Add to cart"))
    data = form.fields | {"quantity": "2"}
    clicks = [fan.client.post(form.action, data=data, follow_redirects=False) for _ in range(2)]
    answers = await asyncio.gather(*clicks)
    assert [each.status_code for each in answers] == [303, 303]
    assert len({each.headers["set-cookie"] for each in answers}) == 1
    assert await sql(db, "SELECT count(*), sum(quantity) FROM cart_line") == [(1, 2)]
    assert len(await sql(db, "SELECT id FROM cart")) == 1
