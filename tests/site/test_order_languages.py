"""Who reads in Russian reads all of an order in Russian, whatever it was placed in; and the other way round."""

from typing import Any

import pytest

from apps.core.db.database import Database
from tests.backoffice.orders import HOME
from tests.journeys.conftest import customer, staff_api
from tests.journeys.customer import Customer, mails_about, sql
from tests.parts import shipments_of, tickets_of
from tests.site.browser import Fan
from tests.staff_api import StaffApi

__all__ = ["customer", "staff_api"]
pytestmark = pytest.mark.anyio
SHIRT = {
    "title": "Shirt",
    "option_names": ["Size", "Color"],
    "published": True,
    "translations": {"ru": {"title": "Футболка", "options": {"Color": "Цвет", "Black": "Чёрный"}}},
}
BLACK = {"options": ["L", "Black"], "prices": {"EUR": {"amount": 2500}}, "allocation": {}}
STANDING = {
    "name": "Standing",
    "prices": {"EUR": {"amount": 3000}},
    "allocation": {},
    "translations": {"ru": {"name": "Танцпол"}},
}
ENGLISH = {"Shirt · L / Black", "Live · Standing"}
RUSSIAN = {"Футболка · L / Чёрный", "Концерт · Танцпол"}


@pytest.fixture
async def shirt(staff_api: StaffApi) -> dict[str, Any]:
    """The product, with the id of its only variant."""
    product = await staff_api.add("/products", SHIRT)
    return product | {"variant": (await staff_api.add(f"/products/{product['id']}/variants", BLACK))["id"]}


@pytest.fixture
async def standing(staff_api: StaffApi) -> str:
    concert, _first = await staff_api.on_sale(translations={"ru": {"title": "Концерт"}})
    return str((await staff_api.add(f"/concerts/{concert['id']}/ticket-types", STANDING))["id"])


async def bought(customer: Customer, *offers: str, **facts: object) -> dict[str, Any]:
    """Paid, and the shirt goes by post."""
    lines = [{"offer": offer, "quantity": 1} for offer in offers]
    return await customer.pay(await customer.check_out(lines=lines, delivery="ship", address=HOME, **facts))


def titles(order: dict[str, Any]) -> set[str]:
    return {line["title"] for line in order["lines"]}


async def test_the_cart_speaks_the_language_of_who_looks(fan: Fan, customer: Customer, shirt: dict[str, Any]) -> None:
    await customer.add(shirt["variant"])
    assert titles(await customer.cart()) == {"Shirt · L / Black"}
    customer.client.headers["Accept-Language"] = "ru"
    (line,) = (await customer.cart())["lines"]
    assert line["title"] == "Футболка · L / Чёрный"
    assert titles(await customer.change(line["id"], 2)) == {"Футболка · L / Чёрный"}


async def test_the_cart_page_does_too(fan: Fan, shirt: dict[str, Any]) -> None:
    await fan.visit(f"/shop/{shirt['slug']}")
    await fan.press("Add to cart")
    assert "Футболка · L / Чёрный" in (await fan.visit("/cart?lang=ru")).text
    assert "1 × Футболка · L / Чёрный" in (await fan.visit("/checkout")).text
    assert "Shirt · L / Black" in (await fan.visit("/cart?lang=en")).text


@pytest.mark.parametrize("placed_in", ["en", "ru"])
async def test_an_order_is_read_in_either_language(
    fan: Fan, customer: Customer, shirt: dict[str, Any], standing: str, placed_in: str
) -> None:
    order = await bought(customer, shirt["variant"], standing, locale=placed_in)
    both = (("en", ENGLISH, RUSSIAN, "Germany"), ("ru", RUSSIAN, ENGLISH, "Германия"))
    for language, known, other, country in both:
        customer.client.headers["Accept-Language"] = language
        read = await customer.order(order)
        assert titles(read) == known
        assert {each["title"] for each in (*tickets_of(read), *shipments_of(read))} == known
        assert tickets_of(read)[0]["concert"]["venue"]["country"] == country
        page = (await fan.visit(f"{order['url']}&lang={language}")).text
        assert all(page.count(title) == 2 for title in known)
        assert not any(title in page for title in other)


@pytest.mark.parametrize(("placed_in", "known"), [("en", ENGLISH), ("ru", RUSSIAN)])
async def test_it_is_placed_and_mailed_in_the_language_it_names(
    customer: Customer, shirt: dict[str, Any], standing: str, placed_in: str, known: set[str]
) -> None:
    order = await customer.order_at_once(standing, locale=placed_in)
    assert titles(order) < known
    delivered, *_more = mails_about(await bought(customer, shirt["variant"], standing, locale=placed_in))
    text = delivered.get_body(("plain",)).get_content()
    assert all(title in text for title in known)


async def test_what_was_sold_stays_what_it_was(staff_api: StaffApi, customer: Customer, shirt: dict[str, Any]) -> None:
    order = await bought(customer, shirt["variant"])
    renamed = {"title": "Rag", "translations": {"ru": {"title": "Тряпка"}}}
    await staff_api.change(f"/products/{shirt['id']}", SHIRT | renamed)
    assert titles(await customer.order(order)) == {"Shirt · L / Black"}
    customer.client.headers["Accept-Language"] = "ru"
    assert titles(await customer.order(order)) == {"Футболка · L / Чёрный"}


async def test_a_line_from_before_has_its_one_title(customer: Customer, shirt: dict[str, Any], db: Database) -> None:
    order = await bought(customer, shirt["variant"], locale="ru")
    await sql(db, "UPDATE order_line SET title = 'Футболка · L / Black', translations = '{}'")
    assert titles(await customer.order(order)) == {"Футболка · L / Black"}


class TestOptions:
    async def test_a_product_shows_them_in_the_readers_language(self, fan: Fan, shirt: dict[str, Any]) -> None:
        there = f"/api/v1/products/{shirt['slug']}"
        shown = (await fan.client.get(there, headers={"Accept-Language": "ru"})).json()
        assert (shown["option_names"], shown["variants"][0]["options"]) == (["Size", "Цвет"], ["L", "Чёрный"])
        shown = (await fan.client.get(there)).json()
        assert (shown["option_names"], shown["variants"][0]["options"]) == (["Size", "Color"], ["L", "Black"])

    async def test_without_a_title_they_are_translated_alone(self, staff_api: StaffApi, shirt: dict[str, Any]) -> None:
        translations = {"ru": {"options": {"Black": "Чёрный"}}}
        changed = await staff_api.change(f"/products/{shirt['id']}", SHIRT | {"translations": translations})
        assert changed["translations"] == translations
        customer = Customer(staff_api.client, None)  # type: ignore[arg-type]
        assert titles(await customer.order_at_once(shirt["variant"], locale="ru")) == {"Shirt · L / Чёрный"}
