"""Pages as a browser lays them out: narrow, with large text, with long words, in colours of the reader's own."""

from pathlib import Path

import pytest
from sqlalchemy import func, update

from apps.concerts.models import Concert, TicketType, Venue
from apps.core.db.database import Database
from apps.orders.models import OfferPrice
from apps.shop.models import Product, Variant
from project.settings import settings
from tests.journeys.chromium import BROWSER, Tab, tab
from tests.journeys.customer import sql
from tests.site.test_buying import sell
from tests.staff import in_browser_as

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LARGE_TEXT = "document.documentElement.style.fontSize = '200%';"
TOO_WIDE = """
const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
return wide ? [...document.querySelectorAll("main *, header *, footer *")].filter(
  (each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(
  (each) => each.tagName + "." + each.className).slice(0, 5).concat(location.pathname) : [];
"""
ADD = """
document.querySelector("[name=offer]:not(:disabled)").checked = true;
document.querySelector("main form button").click();
"""
BACKGROUNDS = """
document.querySelector("[name=offer]:not(:disabled)").checked = true;
return [":checked", ":not(:checked)"].map((state) =>
  getComputedStyle(document.querySelector(`.choice ${state} + label`)).backgroundColor);
"""
COLOURS_OF_BANNER = """
return ["form.demo button", "form.demo"].map((each) => getComputedStyle(document.querySelector(each)).color);
"""


async def sell_long(db: Database) -> tuple[str, str]:
    """Paths of a product and a concert whose every word is long."""
    shirt, concert = await sell(db)
    async with db.begin() as session:
        await session.execute(
            update(Product).values(title=LONG, option_names=["Size"], description=f"<p>{LONG}</p><pre>{LONG}</pre>")
        )
        await session.execute(update(Concert).values(title=LONG, description=LONG, lineup=[LONG, "Ada Quill"]))
        await session.execute(update(Venue).values(name=LONG, city=LONG, region=LONG))
        await session.execute(update(TicketType).values(name=LONG))
        await session.execute(update(Variant).values(options=[LONG]))
        small = Variant(title="Shirt · S", options=["S"], product_id=shirt.id)
        small.prices = [OfferPrice(currency="EUR", amount=1234567)]
        session.add(small)
    return f"/shop/{shirt.slug}", f"/concerts/{concert.slug}"


async def too_wide(page: Tab, path: str) -> list[str]:
    """What stands out to the right on a narrow phone, on a larger one with text twice as large, and on a desk."""
    found = []
    for width, text in ((320, ""), (390, LARGE_TEXT), (1280, "")):
        await page.resize(width, 900)
        await page.visit(f"{settings.base_url}{path}")
        found += [f"{width}: {each}" for each in await page.run(text + TOO_WIDE)]
    return found


async def test_no_page_scrolls_sideways(server: None, db: Database, tmp_path: Path) -> None:
    product, concert = await sell_long(db)
    async with tab(settings.base_url, tmp_path) as page:
        for path in (product, concert):
            await page.visit(f"{settings.base_url}{path}")
            await page.lead_on(ADD)
        found = []
        for path in ("/", "/concerts", "/shop", product, concert, "/cart", "/checkout", "/no/such/page"):
            found += await too_wide(page, path)
        async with db.begin() as session:
            await session.execute(update(Concert).values(starts_at=func.now()))
        found += await too_wide(page, "/concerts?when=past")
    assert not found, "\n".join(found)


async def test_what_is_chosen_is_seen_in_colours_of_the_readers_own(server: None, db: Database, tmp_path: Path) -> None:
    product, _ = await sell_long(db)
    async with tab(f"{settings.base_url}{product}", tmp_path) as page:
        for colours in ("none", "active"):
            await page.prefer(forced_colors=colours)
            chosen, other = await page.run(BACKGROUNDS)
            assert chosen != other


async def test_the_way_back_from_a_fans_view_can_be_read(server: None, db: Database, tmp_path: Path) -> None:
    cookie = await in_browser_as(db, "customer", email="fan@example.org")
    await in_browser_as(db, "admin", email="admin@example.org")
    await sql(db, "UPDATE user_session SET impersonator_id = (SELECT id FROM users WHERE email = 'admin@example.org')")
    async with tab(settings.base_url, tmp_path) as page:
        await page.run(f"document.cookie = 'session={cookie}; path=/'")
        await page.visit(f"{settings.base_url}/account")
        for scheme in ("light", "dark"):
            await page.prefer(prefers_color_scheme=scheme)
            button, banner = await page.run(COLOURS_OF_BANNER)
            assert button == banner
