"""The raffle, installed: made in the back office, bought on a page of its own, mailed, refunded, given away."""

import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from project.web.openapi.document import document
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.factories import make_shirt
from tests.journeys.conftest import one_app
from tests.journeys.customer import Customer, mails_about, sql
from tests.site.browser import Fan
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
FAN = {"email": "fan@example.org", "name": "Ada Fan"}


@pytest.fixture
async def lot(clerk: SignIn, db: Database) -> str:
    """The offer of a raffle with 3 lots."""
    await make_raffle(await clerk("admin"))
    ((offer,),) = await sql(db, "SELECT offer_id FROM raffle_lot")
    return str(offer)


async def make_raffle(admin: Clerk) -> None:
    await admin.visit("/admin/raffle/create")
    made = await admin.press("Save", title="Signed guitar", price="5.00", lots="3")
    assert "Signed guitar" in made.text


async def bought(customer: Customer, lot: str, quantity: int = 2) -> dict:
    return await customer.pay(await customer.order_at_once(lot, quantity))


async def test_a_fan_buys_lots_on_a_page_that_the_app_brought(fan: Fan, lot: str, db: Database) -> None:
    await fan.visit("/")
    await fan.follow("Raffles")
    cart = await fan.press("Signed guitar · lot")
    assert cart.url.endswith("/cart")
    await fan.follow("Check out")
    await fan.press("Order and pay", **FAN)
    await fan.press("Pay €5.00")
    paid = await fan.press("Pay €5.00")
    await drain(db)
    shown = await fan.visit(paid.url)
    ((number,),) = await sql(db, "SELECT number FROM raffle_entry")
    assert "Your entries" in shown.text
    assert number in shown.text


async def test_no_more_are_sold_than_there_are(customer: Customer, lot: str) -> None:
    await bought(customer, lot, 2)
    refused = await customer.order_at_once(lot, 2, status=409)
    assert refused["type"].endswith("sold-out")


async def test_the_api_and_the_mail_tell_the_numbers(customer: Customer, lot: str) -> None:
    paid = await bought(customer, lot)
    assert [(each["kind"], each["state"]) for each in paid["parts"]] == [("lot", "taking_part")] * 2
    (letter,) = mails_about(paid)
    for ending in ("plain", "html"):
        words = str(letter.get_body((ending,)).get_content())
        assert all(each["number"] in words for each in paid["parts"])


def test_the_documents_variants_are_those_that_are_installed() -> None:
    api = document(one_app())
    part = api["components"]["schemas"]["Part"]
    assert part["discriminator"]["mapping"].keys() == {"lot", "merch", "ticket"}
    orders = api["paths"]["/api/v1/staff/orders"]["get"]["parameters"]
    assert {"concert", "product", "raffle"} <= {each.get("name") for each in orders}


async def test_a_lot_that_is_refunded_takes_no_part_and_can_be_bought_again(
    customer: Customer, staff_api: StaffApi, lot: str
) -> None:
    paid = await bought(customer, lot, 3)
    refund = {"reason": "He cannot come.", "lines": [{"line": paid["lines"][0]["id"], "quantity": 1}]}
    path = f"/orders/{paid['number']}/refund"
    await staff_api.ask("POST", path, json=refund, headers={"Idempotency-Key": "the-first-refund"})
    await customer.jobs()
    after = await customer.order(paid)
    assert [each["state"] for each in after["parts"]] == ["taking_part", "taking_part", "withdrawn"]
    assert after["refunded"] == 500
    await customer.order_at_once(lot, 1)


async def test_one_order_holds_things_of_several_kinds(customer: Customer, lot: str, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    await customer.add(lot)
    await customer.add(shirt.id)
    paid = await customer.pay(await customer.check_out())
    assert [each["kind"] for each in paid["parts"]] == ["merch", "lot"]


async def test_staff_find_see_and_give_them_away(clerk: SignIn, customer: Customer, lot: str, db: Database) -> None:
    paid = await bought(customer, lot)
    ((raffle,),) = await sql(db, "SELECT id FROM raffle")
    admin = await clerk("admin")
    for query in (f"raffle={raffle}", "entries=some"):
        assert paid["number"] in (await admin.visit(f"/admin/order/list?{query}")).text
    ((id,),) = await sql(db, "SELECT id FROM orders")
    page = await admin.visit(f"/admin/order/details/{id}")
    assert all(each["number"] in page.text for each in paid["parts"])
    assert "Entered into the raffle." in page.text
    assert page.links["Signed guitar · lot"] == f"/admin/raffle/details/{raffle}"
    form = await admin.visit(f"/admin/order/create?raffle={raffle}")
    given = await admin.press("Save", email="guest@example.org", reason="A prize")
    assert form.status == given.status == 200
    staff_api = StaffApi(customer.client, await signed_in_as(db, "manager"))
    found = await staff_api.get(f"/orders?raffle={raffle}")
    assert {each["email"] for each in found["items"]} == {"fan@example.org", "guest@example.org"}


async def test_stock_and_the_first_screen_know_of_them(clerk: SignIn, lot: str) -> None:
    admin = await clerk("admin")
    assert "Raffles to be drawn" in (await admin.visit("/admin/")).text
    assert "Signed guitar" in (await admin.visit("/admin/pool/list?for=lot")).text
