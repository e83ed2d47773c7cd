"""A fan's account in the browser, by forms alone."""

from urllib.parse import urlsplit

import httpx
import pytest

from apps.core.db.database import Database
from tests.factories import make_concert, make_pool, make_ticket_type, make_tickets
from tests.journeys.conftest import customer
from tests.journeys.customer import Customer, sql
from tests.letters import newest_letter, text_of
from tests.queries import counting
from tests.site.browser import Fan

__all__ = ["customer"]
pytestmark = pytest.mark.anyio
EMAIL = "fan@example.org"
PASSWORD = "seven gulls over the harbour"
OTHER = "nine herons under the bridge"


def path_in(text: str) -> str:
    """Of the link in a mail."""
    link = next(word for word in text.split() if "token=" in word)
    return f"{urlsplit(link).path}?{urlsplit(link).query}"


async def open_account(fan: Fan, db: Database) -> None:
    await fan.visit("/account/register")
    await fan.press("Create account", email=EMAIL, name="Ada", password=PASSWORD)
    await fan.visit(path_in(text_of(await newest_letter(db))))
    await fan.press("Confirm and sign in", password=PASSWORD)


@pytest.fixture
async def member(fan: Fan, db: Database) -> Fan:
    """Somebody with an account, who is signed in."""
    await open_account(fan, db)
    return fan


class TestOpening:
    async def test_register_confirm_and_be_signed_in(self, fan: Fan, db: Database) -> None:
        await fan.visit("/")
        await fan.follow("Sign in")
        await fan.follow("Create an account")
        told = await fan.press("Create account", email=EMAIL, name="Ada", password=PASSWORD)
        assert "We have written to fan@example.org" in told.text
        await fan.visit(path_in(text_of(await newest_letter(db))))
        account = await fan.press("Confirm and sign in", password=PASSWORD)
        assert account.url.endswith("/account")
        assert account.links["Ada"] == "/account"
        assert "Nothing ordered yet." in account.text

    async def test_what_is_wrong_stands_beside_the_fields(self, fan: Fan) -> None:
        await fan.visit("/account/register")
        page = await fan.press("Create account", status=422, email="nobody", name="Ada", password="short")
        assert "An email address looks like name@example.org." in page.text
        assert "A password has 8 to 128 characters." in page.text
        assert page.tag("name")["value"] == "Ada"
        assert page.tag("password")["value"] == ""

    async def test_a_weak_password_is_refused_at_its_field(self, fan: Fan) -> None:
        await fan.visit("/account/register")
        page = await fan.press("Create account", status=422, email=EMAIL, name="Ada", password=EMAIL)
        assert page.tag("password")["aria-invalid"] == "true"

    async def test_the_wrong_password_does_not_confirm(self, fan: Fan, db: Database) -> None:
        await fan.visit("/account/register")
        await fan.press("Create account", email=EMAIL, name="Ada", password=PASSWORD)
        await fan.visit(path_in(text_of(await newest_letter(db))))
        page = await fan.press("Confirm and sign in", status=403, password=OTHER)
        assert "This is not the password that you registered with." in page.text
        await fan.press("Confirm and sign in", password=PASSWORD)

    async def test_a_link_that_is_over_asks_for_nothing_and_leads_on(self, fan: Fan) -> None:
        await fan.visit("/account/confirm?token=nonsense")
        page = await fan.press("Confirm and sign in", status=410, password=PASSWORD)
        assert not any("password" in each.fields for each in page.forms)
        assert page.links["Create an account"] == "/account/register"

    async def test_blanks_are_a_part_of_a_password(self, fan: Fan, db: Database) -> None:
        """As over the API, and in the back office."""
        password = f" {PASSWORD} "
        await fan.visit("/account/register")
        await fan.press("Create account", email=EMAIL, name=" Ada ", password=password)
        await fan.visit(path_in(text_of(await newest_letter(db))))
        await fan.press("Confirm and sign in", status=403, password=PASSWORD)
        await fan.press("Confirm and sign in", password=password)
        form = {"grant_type": "password", "username": EMAIL, "password": password}
        assert (await fan.client.post("/api/v1/auth/token", data=form)).status_code == 200
        assert await sql(db, "SELECT name FROM users") == [("Ada",)]

    async def test_a_form_larger_than_any_is_refused(self, fan: Fan) -> None:
        await fan.visit("/account/sign-in")
        await fan.press("Sign in", status=413, email="a" * 70_000, password=PASSWORD)

    async def test_a_link_alone_changes_nothing(self, fan: Fan, db: Database) -> None:
        """Programs that look at mails open every link."""
        await fan.visit("/account/register")
        await fan.press("Create account", email=EMAIL, name="Ada", password=PASSWORD)
        await fan.visit(path_in(text_of(await newest_letter(db))))
        assert await sql(db, "SELECT 1 FROM users") == []


class TestSigningIn:
    async def test_out_and_in_again(self, member: Fan) -> None:
        out = await member.press("Sign out")
        assert out.links["Sign in"] == "/account/sign-in"
        await member.follow("Sign in")
        page = await member.press("Sign in", status=400, email=EMAIL, password=OTHER)
        assert "The email address or the password is not right." in page.text
        assert page.tag("email")["value"] == EMAIL
        assert (await member.press("Sign in", email="FAN@example.org", password=PASSWORD)).url.endswith("/account")

    async def test_each_sign_in_has_an_id_of_its_own_and_the_old_one_is_dead_after_signing_out(
        self, member: Fan
    ) -> None:
        before = member.client.cookies["session"]
        await member.press("Sign out")
        await member.visit("/account/sign-in")
        await member.press("Sign in", email=EMAIL, password=PASSWORD)
        assert member.client.cookies["session"] != before
        member.client.cookies.set("session", before)
        assert "/account/sign-in" in (await member.visit("/account")).url

    @pytest.mark.parametrize("page", ["", "/tickets", "/details", "/addresses", "/security", "/devices"])
    async def test_a_page_of_the_account_takes_few_statements(self, member: Fan, page: str) -> None:
        await member.visit("/shop")
        with counting() as sent:
            await member.visit(f"/account{page}")
        assert len(sent) <= 8, sent

    async def test_signing_in_once_more_leaves_no_session_behind(self, member: Fan, db: Database) -> None:
        page = await member.visit("/account/forgot")
        form = {"csrf": page.forms[-1].fields["csrf"], "email": EMAIL, "password": PASSWORD}
        await member.send("/account/sign-in", form)
        assert await sql(db, "SELECT count(*) FROM user_session WHERE ended_at IS NULL") == [(1,)]

    async def test_a_page_that_needs_it_leads_back(self, member: Fan) -> None:
        await member.press("Sign out")
        page = await member.visit("/account/security")
        assert "Please sign in to go on." in page.text
        assert (await member.press("Sign in", email=EMAIL, password=PASSWORD)).url.endswith("/account/security")

    @pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "/\tevil", "x"])
    async def test_nobody_is_led_to_another_site(self, member: Fan, next: str) -> None:
        await member.press("Sign out")
        await member.visit("/account/sign-in")
        assert (await member.press("Sign in", email=EMAIL, password=PASSWORD, next=next)).url.endswith("/account")

    async def test_a_fans_session_opens_no_back_office(self, member: Fan) -> None:
        assert (await member.client.get("/admin/")).status_code == 403

    @pytest.mark.parametrize("path", ["/account/sign-in", "/account/register", "/account/password", "/account/details"])
    async def test_a_form_of_another_site_does_nothing(self, member: Fan, path: str) -> None:
        await member.send(path, {"email": EMAIL, "password": PASSWORD}, status=403)

    async def test_who_is_signed_in_costs_a_page_two_queries(self, member: Fan) -> None:
        """Who they are, and whether they have a cart, on whatever device it was filled."""
        with counting() as signed_in:
            await member.visit("/shop")
        member.client.cookies.delete("session")
        with counting() as signed_out:
            await member.visit("/shop")
        assert len(signed_in) == len(signed_out) + 2

    async def test_a_device_is_remembered_beyond_the_session(self, member: Fan) -> None:
        device = member.client.cookies["device"]
        await member.press("Sign out")
        await member.visit("/account/sign-in")
        await member.press("Sign in", email=EMAIL, password=PASSWORD)
        assert member.client.cookies["device"] == device


class TestForgetting:
    async def test_a_new_password_by_mail(self, member: Fan, db: Database) -> None:
        await member.press("Sign out")
        member.client.cookies.clear()
        await member.visit("/account/sign-in")
        await member.follow("Forgot your password?")
        assert "We have written to" in (await member.press("Email me a link", email=EMAIL)).text
        await member.visit(path_in(text_of(await newest_letter(db))))
        await member.press("Set password", password=OTHER)
        assert "device" in member.client.cookies
        await member.press("Sign in", email=EMAIL, password=OTHER)

    async def test_a_link_that_is_over_says_so(self, fan: Fan) -> None:
        await fan.visit("/account/reset?token=nonsense")
        page = await fan.press("Set password", status=410, password=OTHER)
        assert "This link has been used, or is too old." in page.text
        assert page.links["Get a new link"] == "/account/forgot"


class TestOwn:
    async def test_orders_of_the_account_and_of_the_guest_with_the_confirmed_address(
        self, fan: Fan, db: Database
    ) -> None:
        async with db.begin() as session:
            offer = str((await make_tickets(session, 10)).id)
        body = {"email": EMAIL, "lines": [{"offer": offer}]}
        as_guest = (await fan.client.post("/api/v1/checkout", json=body)).json()
        other = await fan.client.post("/api/v1/checkout", json=body | {"email": "other@example.org"})
        await open_account(fan, db)
        assert f"Order {as_guest['number']}" in fan.page.text
        assert other.json()["number"] not in fan.page.text
        assert f"Order {as_guest['number']}" in (await fan.follow(f"Order {as_guest['number']}")).text

    async def test_nobody_sees_a_guests_orders_before_the_address_is_confirmed(self, fan: Fan, db: Database) -> None:
        async with db.begin() as session:
            offer = str((await make_tickets(session, 10)).id)
        order = await fan.client.post("/api/v1/checkout", json={"email": EMAIL, "lines": [{"offer": offer}]})
        await open_account(fan, db)
        await sql(db, "UPDATE users SET email_confirmed_at = NULL")
        assert order.json()["number"] not in (await fan.visit("/account")).text

    async def test_name_and_language(self, member: Fan, db: Database) -> None:
        await member.follow("Your details")
        page = await member.press("Save", name="Ada Lovelace", locale="ru")
        assert "Saved." in page.text
        assert await sql(db, "SELECT name, locale FROM users") == [("Ada Lovelace", "ru")]
        assert "Please fill this in." in (await member.press("Save", status=422, name="")).text

    async def test_news_are_switched_on_and_off_and_stay_as_they_were_beside_a_mistake(
        self, member: Fan, db: Database
    ) -> None:
        page = await member.visit("/account/details")
        assert "checked" not in page.tag("news")
        await member.press("Save", news="true")
        (agreed,) = await sql(db, "SELECT news_agreed_at FROM users")
        assert "checked" in (await member.visit("/account/details")).tag("news")
        assert "checked" in (await member.press("Save", status=422, name="")).tag("news")
        await member.visit("/account/details")
        await member.press("Save", name="Ada L.")
        assert await sql(db, "SELECT news_agreed_at FROM users") == [agreed]
        await member.visit("/account/details")
        form = next(each for each in member.page.forms if each.action == "/account/details")
        await member.send(form.action, {name: text for name, text in form.fields.items() if name != "news"})
        assert await sql(db, "SELECT news_agreed_at FROM users") == [(None,)]

    async def test_news_asked_for_at_registration(self, fan: Fan, db: Database) -> None:
        page = await fan.visit("/account/register")
        assert "checked" not in page.tag("news")
        await fan.press("Create account", email=EMAIL, name="Ada", password=PASSWORD, news="true")
        await fan.visit(path_in(text_of(await newest_letter(db))))
        await fan.press("Confirm and sign in", password=PASSWORD)
        assert "checked" in (await fan.visit("/account/details")).tag("news")

    async def test_a_new_password_keeps_this_session_alone(self, member: Fan, db: Database) -> None:
        await member.visit("/account/security")
        page = await member.press("Change password", status=403, current=OTHER, new=OTHER)
        assert "The current password is not right." in page.text
        page = await member.press("Change password", current=PASSWORD, new=OTHER)
        assert "Your password is changed." in page.text
        assert len(await sql(db, "SELECT 1 FROM user_session WHERE ended_at IS NULL")) == 1

    async def test_signing_out_elsewhere(self, member: Fan, client: httpx.AsyncClient, db: Database) -> None:
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        token = (await client.post("/api/v1/auth/token", data=form)).json()["access_token"]
        await member.visit("/account/devices")
        assert "signed out everywhere else" in (await member.press("Sign out everywhere else")).text
        me = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 401

    async def test_an_order_placed_signed_in_is_theirs(self, member: Fan, db: Database) -> None:
        async with db.begin() as session:
            concert, pool = await make_concert(session), await make_pool(session, 10)
            await make_ticket_type(session, {pool.id: 1}, concert=concert)
        await member.visit(f"/concerts/{concert.slug}")
        await member.press("Add to cart", quantity=1)
        checkout = await member.follow("Check out")
        assert (checkout.tag("email")["value"], checkout.tag("name")["value"]) == (EMAIL, "Ada")
        await member.press("Order and pay", email="gift@example.org")
        assert len(await sql(db, "SELECT 1 FROM orders JOIN users ON users.id = user_id")) == 1
        assert "Unpaid" in (await member.visit("/account")).text

    async def test_signing_out_leaves_nothing_to_the_next_at_this_computer(self, member: Fan, db: Database) -> None:
        """The cart leads to the order that was made of it."""
        async with db.begin() as session:
            concert, pool = await make_concert(session), await make_pool(session, 10)
            await make_ticket_type(session, {pool.id: 1}, concert=concert)
        await member.visit(f"/concerts/{concert.slug}")
        await member.press("Add to cart", quantity=1)
        await member.follow("Check out")
        await member.press("Order and pay", email=EMAIL)
        assert "/orders/" in (await member.visit("/checkout")).url
        await member.visit("/account")
        await member.press("Sign out")
        assert (await member.visit("/checkout")).url.endswith("/cart")


async def test_who_has_paid_as_a_guest_opens_an_account_with_one_field(
    fan: Fan, customer: Customer, db: Database
) -> None:
    async with db.begin() as session:
        offer = await make_tickets(session, 10)
    order = await customer.pay(await customer.order_at_once(offer.offer_id, email=EMAIL, name="Ada"))
    page = await fan.visit(f"/orders/{order['number']}?key={order['key']}")
    assert "Keep your orders together" in page.text
    assert "Check your email" in (await fan.press("Create account", password=PASSWORD)).text
    await fan.visit(path_in(text_of(await newest_letter(db))))
    page = await fan.press("Confirm and sign in", password=PASSWORD)
    assert order["number"] in page.text
    page = await fan.visit(f"/orders/{order['number']}?key={order['key']}")
    assert "Keep your orders together" not in page.text


HOSTILE = [
    "\0",
    "a\0b",
    "\U0001f426" * 200,
    "\u202e",
    "<script>",
    "'; --",
    "x" * 10_000,
    "%00",
    "\ud83c".encode(errors="surrogatepass").decode(errors="replace"),
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "path",
    [
        "sign-in",
        "sign-in/code",
        "sign-in/passkey",
        "register",
        "forgot",
        "reset",
        "confirm",
        "confirm-address",
        "not-me",
    ],
)
async def test_whatever_is_typed_is_answered(fan: Fan, path: str, text: str) -> None:
    page = await fan.visit("/account/forgot")
    names = ("email", "name", "password", "code", "passkey", "token", "next")
    form = {"csrf": page.forms[-1].fields["csrf"], **dict.fromkeys(names, text)}
    answer = await fan.client.post(f"/account/{path}", data=form)
    assert answer.status_code in (303, 400, 403, 410, 413, 422), answer.text


async def test_a_password_of_a_megabyte_is_not_read(fan: Fan) -> None:
    page = await fan.visit("/account/sign-in")
    form = {"csrf": page.forms[0].fields["csrf"], "email": EMAIL, "password": "x" * 1_000_000}
    assert (await fan.client.post("/account/sign-in", data=form)).status_code == 413
