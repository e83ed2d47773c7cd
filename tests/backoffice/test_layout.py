"""In a browser: no page of the back office is wider than its window, and its menus, bars and "+" work."""

from pathlib import Path

import pytest

from apps.accounts.sessions.browser import SESSION
from apps.core.db.database import Database
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import PASSWORD
from tests.backoffice.merch import add_shirt
from tests.backoffice.orders import id_of, sent_shirt, tickets
from tests.backoffice.walk import Walk
from tests.journeys.chromium import BROWSER, Tab, tab
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql
from tests.plenty import Plenty
from tests.staff import in_browser_as, signed_in_as

__all__ = ["client", "customer"]
pytestmark = [pytest.mark.anyio, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]
PHONE, DESK = 390, 1280
TALLEST_BAR = 90
LONG = "Sommernachtsverabschiedungskonzertnachholtermin"
MEASURE = f"""
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
const tables = [...document.querySelectorAll(".scroll")].map((each) => each.scrollWidth - each.clientWidth);
const bar = document.querySelector(".foot")?.getBoundingClientRect().height ?? 0;
return [wide, ...tables].every((each) => each <= 0) && bar < {TALLEST_BAR} ? "" : [wide, tables, bar].join(" ");
"""

ADD_A_VENUE = """
const until = async (look) => {
  for (let tries = 0; tries < 400; tries++) {
    const found = look();
    if (found) return found;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error("Waited in vain");
};
const other = open("", "adds venue");
const form = await until(() => other.document.querySelector(".foot .strong")?.form);
const venue = {name: "Loft", city: "Kazan", time_zone: "Europe/Moscow"};
for (const [name, value] of Object.entries(venue)) form[name].value = value;
form.querySelector(".strong").click();
await until(() => document.querySelector("[name='venue']").value);
await until(() => other.closed);
return [document.querySelector("#title").value, document.querySelector("#venue").value, other.closed];
"""


@pytest.fixture
async def season(customer: Customer, db: Database) -> None:
    """Something of every kind, with long words in it."""
    await Plenty(customer, await signed_in_as(db, "admin")).grow(2)
    await sent_shirt(customer, db)
    await customer.at_provider(await customer.start_payment(await customer.order_at_once(await tickets(db))), "fail")
    await sql(db, f"UPDATE product SET title = '{LONG}'")
    await sql(db, f"UPDATE concert SET title = '{LONG}'")


async def sign_in(page: Tab, db: Database) -> None:
    cookie = await in_browser_as(db, "admin", email="browser@example.org")
    await page.run(f"document.cookie = '{SESSION}={cookie}; path=/'")


async def test_every_page_fits_into_its_window(season: None, admin: Clerk, db: Database, tmp_path: Path) -> None:
    walk = await Walk(admin.client, {}, most=1).through()
    places = [place for place in walk.pages if "/export/" not in place and "/do/" not in place]
    lists = [place for place in places if "/list" in place]
    too_wide = {}
    async with tab(f"{settings.base_url}/account/forgot", tmp_path) as page:
        await sign_in(page, db)
        for width in (PHONE, DESK):
            await page.resize(width, 900)
            for place in [*(f"{each}{'&' if '?' in each else '?'}lang=ru" for each in places), *lists]:
                await page.visit(f"{settings.base_url}{place}")
                if told := await page.run(MEASURE):
                    too_wide[f"{width} {place}"] = told
    assert len(places) > 40
    assert not too_wide, "\n".join(f"{place}: {told}" for place, told in too_wide.items())


async def test_the_menu_of_an_order_works_by_keys_and_folds_again(
    customer: Customer, db: Database, server: None, tmp_path: Path
) -> None:
    order = await sent_shirt(customer, db)
    async with tab(f"{settings.base_url}/account/forgot", tmp_path) as page:
        await sign_in(page, db)
        await page.visit(f"{settings.base_url}/admin/order/details/{await id_of(db, order)}")
        assert await page.run("return document.querySelector('.head .strong').textContent") == "Mark as packed"
        hidden = "return !document.querySelector('.more li a').checkVisibility()"
        assert await page.run(hidden)
        await page.run("document.querySelector('.more summary').focus()")
        await page.press_key("Enter")
        assert not await page.run(hidden)
        await page.press_key("Tab")
        assert await page.run("return document.activeElement.textContent") == "Add note"
        await page.press_key("Escape")
        assert await page.run(hidden)
        assert await page.run("return document.activeElement.tagName") == "SUMMARY"


async def test_what_plus_adds_is_chosen_where_it_was_missing(server: None, db: Database, tmp_path: Path) -> None:
    async with tab(f"{settings.base_url}/account/forgot", tmp_path) as page:
        await sign_in(page, db)
        await page.visit(f"{settings.base_url}/admin/concert/create")
        await page.run("document.querySelector('#title').value = 'Live'")
        await page.run("document.querySelector('[data-adds=venue]').focus()")
        await page.press_key("Enter")
        assert await page.run(ADD_A_VENUE) == ["Live", "Loft, Kazan", True]
        assert await sql(db, "SELECT name, id::text FROM venue") == [
            ("Loft", await page.run("return document.querySelector('[name=venue]').value"))
        ]


async def test_what_was_asked_of_an_action_is_there_again_after_signing_in(
    manager: Clerk, server: None, db: Database, tmp_path: Path
) -> None:
    id = await add_shirt(manager)
    async with tab(f"{settings.base_url}/account/forgot", tmp_path) as page:
        await sign_in(page, db)
        await page.visit(f"{settings.base_url}/admin/product/do/reprice?pks={id}")
        await page.run(f"document.cookie = '{SESSION}=; path=/; max-age=0'")
        await page.run("document.querySelector('#percent').value = '-10'")
        await page.lead_on("document.querySelector('.foot .strong').click()")
        assert "Your session has ended." in await page.run("return document.body.textContent")
        await page.run("document.querySelector('#email').value = 'manager-0@example.org'")
        await page.run(f"document.querySelector('#password').value = '{PASSWORD}'")
        await page.lead_on("document.querySelector('form[action=\"/account/sign-in\"] .strong').click()")
        assert await page.run("return document.querySelector('#percent').value") == "-10"


async def test_prices_stay_in_one_line_beside_a_title_of_many_words(
    manager: Clerk, server: None, db: Database, tmp_path: Path
) -> None:
    await add_shirt(manager, title=" ".join(["of the sea"] * 18))
    async with tab(f"{settings.base_url}/account/forgot", tmp_path) as page:
        await sign_in(page, db)
        await page.resize(DESK, 900)
        await page.visit(f"{settings.base_url}/admin/product/list")
        line = "return parseFloat(getComputedStyle(document.querySelector('td.c-price')).lineHeight)"
        select = "const text = document.createRange(); text.selectNodeContents(document.querySelector('td.c-price'));"
        assert await page.run(f"{select} return text.getBoundingClientRect().height") < 1.5 * await page.run(line)


async def test_too_much_to_send_is_told_before_it_is_sent(server: None, db: Database, tmp_path: Path) -> None:
    file = tmp_path / "film.mov"
    with file.open("wb") as much:
        much.truncate(600 * 1024 * 1024)
    async with tab(f"{settings.base_url}/account/forgot", tmp_path / "profile") as page:
        await sign_in(page, db)
        await page.visit(f"{settings.base_url}/admin/product/create")
        await page.choose_files("#uploads", [file])
        await page.run("document.querySelector('.foot .strong').click()")
        told = "return document.querySelector('#uploads').validationMessage"
        assert await page.run(told) == "These files are too large together."
        assert await page.run("return location.pathname") == "/admin/product/create"
