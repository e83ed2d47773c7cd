"""Forms: every bad field is named beside it, and what was typed stays."""

import httpx
import pytest
from litestar.routes import HTTPRoute

from apps.core.db.database import Database
from apps.core.http.forms import fill
from apps.site.checkout.checkout_form import CheckoutForm
from project.app import create_app
from tests.site.browser import Fan
from tests.site.test_buying import FAN, ordered, sell

pytestmark = pytest.mark.anyio
BROWSER = {"Sec-Fetch-Site": "same-origin"}
FROM_ELSEWHERE = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://elsewhere.example"},
)


class TestCheckout:
    async def test_every_bad_field_is_named_and_kept(self, fan: Fan, db: Database) -> None:
        await self.at_checkout(fan, db)
        typed = {"email": "no address", "name": "", "line1": "Am <Kai>", "postal_code": "1" * 21, "country": "Nowhere"}
        page = await fan.press("Order and pay", status=422, **typed)
        assert "5 fields are not right yet" in page.text
        for name in ("email", "name", "postal_code", "city", "country"):
            assert page.tag(name)["aria-invalid"] == "true"
            assert f"{name}-error" in page.tag(name)["aria-describedby"]
            assert page.tag(f"{name}-error")["class"] == "error"
        assert page.tag("email")["value"] == "no address"
        assert page.tag("line1")["value"] == "Am <Kai>"
        assert "aria-invalid" not in page.tag("line1")

    async def test_nobody_is_asked_for_an_address_at_the_merch_table(self, fan: Fan, db: Database) -> None:
        await self.at_checkout(fan, db)
        page = await fan.press("Order and pay", email="x", delivery="pickup", status=422)
        assert "2 fields are not right yet" in page.text

    async def test_a_total_that_changed_meanwhile_is_shown_again(self, fan: Fan, db: Database) -> None:
        await self.at_checkout(fan, db)
        page = await fan.press("Order and pay", **FAN, delivery="pickup", seen_pickup=1, status=409)
        assert "The total has changed" in page.text
        assert page.tag("name")["value"] == "Ada Fan"

    async def test_nothing_to_check_out(self, fan: Fan) -> None:
        assert (await fan.visit("/checkout")).url.endswith("/cart")

    async def at_checkout(self, fan: Fan, db: Database) -> None:
        shirt, _ = await sell(db)
        await fan.visit(f"/shop/{shirt.slug}")
        await fan.press("Add to cart")
        await fan.follow("Check out")


@pytest.mark.parametrize("number", ["99999999999999999999999", "-1", "many", "1\0"])
def test_a_number_out_of_reach_is_an_error_not_a_failure(number: str) -> None:
    filled = fill(CheckoutForm, {**FAN, "delivery": "pickup", "seen_ship": number})
    assert set(filled.errors) == {"seen_ship"}


class TestForgery:
    async def test_a_form_without_our_token_is_refused(self, fan: Fan, db: Database) -> None:
        shirt, _ = await sell(db)
        form = (await fan.visit(f"/shop/{shirt.slug}")).forms[0]
        for token in ("", "nonsense", form.fields["csrf"][:-1] + "_"):
            page = await fan.send(form.action, {**form.fields, "csrf": token}, status=403)
            assert "did not come from our page" in page.text

    async def test_another_browsers_token_is_refused(self, fan: Fan, db: Database) -> None:
        shirt, _ = await sell(db)
        page = await fan.visit(f"/shop/{shirt.slug}")
        fan.client.cookies.clear()
        await fan.visit(f"/shop/{shirt.slug}")
        await fan.send(page.forms[0].action, page.forms[0].fields, status=403)

    async def test_every_page_has_another_token_and_each_is_good(self, fan: Fan, db: Database) -> None:
        """Pages are compressed: a token that stayed the same could be guessed by their size."""
        shirt, _ = await sell(db)
        first, second = [(await fan.visit(f"/shop/{shirt.slug}")).forms[0].fields for _ in range(2)]
        assert first["csrf"] != second["csrf"]
        for fields in (first, second):
            await fan.send(f"/shop/{shirt.slug}", fields)

    async def test_a_form_sent_from_elsewhere_is_refused(self, fan: Fan, db: Database) -> None:
        order = await ordered(fan, db)
        for headers in FROM_ELSEWHERE:
            await fan.visit(order)
            await fan.press("Pay", status=403, headers=headers)

    async def test_the_demo_provider_too_takes_no_form_from_elsewhere(self, fan: Fan, db: Database) -> None:
        await ordered(fan, db)
        there = await fan.press("Pay", headers=BROWSER)
        for headers in FROM_ELSEWHERE:
            fan.page = there
            await fan.press("Pay", status=403, headers=headers)
        assert "This is paid" not in (await fan.visit(there.url)).text

    async def test_no_page_takes_a_form_without_a_token(self, client: httpx.AsyncClient) -> None:
        for path in form_paths():
            answer = await client.post(path, data={"quantity": "1"}, headers=BROWSER)
            assert answer.status_code == 403, path


def form_paths() -> list[str]:
    """Every path of the pages that takes a POST, save the demo provider's: it has no session."""
    routes = [route for route in create_app().routes if isinstance(route, HTTPRoute) and "POST" in route.methods]
    paths = [route.path_format for route in routes if not route.path.startswith(("/api/", "/demo/pay/"))]
    known = {"{id}": "01890a5d-ac96-774b-bcce-b302099a8057", "{slug}": "x", "{number}": "X"}
    for name, value in known.items():
        paths = [path.replace(name, value) for path in paths]
    assert len(paths) >= 7
    return paths
