"""New prices at the back office: seen before they hold, rounded, with a price before that somebody chose."""

from typing import Any

import pytest

from apps.core.db.database import Database
from apps.shop.products.repricing import Rounding, rounded
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.merch import LIST, add_shirt
from tests.factories import make_shirt
from tests.journeys.customer import sql
from tests.queries import counting

pytestmark = pytest.mark.anyio
PRICES = "SELECT DISTINCT amount, compare_at FROM offer_price ORDER BY amount"
FOR_A_TIME = "SELECT DISTINCT amount, reduced, reduced_compare_at, reduced_from, reduced_until FROM offer_price"
PREVIEW, ON = "Preview changes", "Continue with the rest"


async def preview(clerk: Clerk, *products: str, status: int = 200, **typed: Any) -> Page:
    await clerk.visit("/admin/product/do/reprice?" + "&".join(f"pks={id}" for id in products))
    return await clerk.press(PREVIEW, status=status, **typed)


async def reprice(clerk: Clerk, *products: str, **typed: Any) -> Page:
    await preview(clerk, *products, **typed)
    return await clerk.press("New prices")


async def on_sale(db: Database) -> None:
    """For €49.60, and €62.00 before."""
    await sql(db, "UPDATE offer_price SET amount = 4960, compare_at = 6200")


async def test_nothing_changes_before_it_was_seen(manager: Clerk, db: Database) -> None:
    ids = [await add_shirt(manager, title=f"Shirt {n}", price=price) for n, price in ((0, "19.90"), (1, "10"))]
    await manager.visit(LIST)
    await manager.press("New prices", ticked=tuple(ids))
    page = await manager.press(PREVIEW, percent="-15", before="price")
    assert "S / Black €19.90 €16.92 (was €19.90)" in page.text
    assert "S / Black €10.00 €8.50 (was €10.00)" in page.text
    assert await sql(db, PRICES) == [(1000, None), (1990, None)]
    await manager.press("New prices")
    assert await sql(db, PRICES) == [(850, 1000), (1692, 1990)]


async def test_what_was_seen_is_what_is_done(manager: Clerk, db: Database) -> None:
    """Other wishes, or other prices meanwhile, are shown anew."""
    id = await add_shirt(manager)
    await preview(manager, id, percent="-10")
    page = await manager.press("New prices", percent="-20")
    assert "€15.92" in page.text
    await sql(db, "UPDATE offer_price SET amount = 3000")
    page = await manager.press("New prices")
    assert "€30.00 €24.00" in page.text
    assert await sql(db, PRICES) == [(3000, None)]
    await manager.press("New prices")
    assert await sql(db, PRICES) == [(2400, None)]


async def test_the_price_before_stays_through_another_change(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    await on_sale(db)
    await reprice(manager, id, percent="-10")
    assert await sql(db, PRICES) == [(4464, 6200)]
    await on_sale(db)
    await reprice(manager, id, percent="5")
    assert await sql(db, PRICES) == [(5208, 6200)]


@pytest.mark.parametrize(("before", "kept"), [("stays", 6200), ("price", 4960), ("none", None)])
async def test_somebody_says_what_becomes_of_the_price_before(
    before: str, kept: int | None, manager: Clerk, db: Database
) -> None:
    id = await add_shirt(manager)
    await on_sale(db)
    await reprice(manager, id, percent="-10", before=before)
    assert await sql(db, PRICES) == [(4464, kept)]


async def test_what_is_no_higher_is_no_price_before(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    await on_sale(db)
    await reprice(manager, id, price="62")
    assert await sql(db, PRICES) == [(6200, None)]


async def test_prices_end_as_somebody_wishes(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    await reprice(manager, id, percent="5", rounding="90")
    assert await sql(db, PRICES) == [(2090, None)]


@pytest.mark.parametrize(
    ("amount", "currency", "rounding", "told"),
    [
        (4960, "EUR", Rounding.exact, 4960),
        (4960, "EUR", Rounding.whole, 5000),
        (4960, "EUR", Rounding.half, 4950),
        (4960, "EUR", Rounding.ninety, 4990),
        (4960, "EUR", Rounding.ninety_nine, 4999),
        (4940, "EUR", Rounding.ninety, 4990),
        (4939, "EUR", Rounding.ninety, 4890),
        (30, "EUR", Rounding.ninety, 90),
        (0, "EUR", Rounding.ninety, 0),
        (1234, "JPY", Rounding.ninety, 1234),
    ],
)
def test_the_nearest_price_is_taken(amount: int, currency: str, rounding: Rounding, told: int) -> None:
    assert rounded(amount, currency, rounding) == told


async def test_a_sale_begins_and_ends_by_date(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    times = {"begins_at": "2099-12-01T00:00", "ends_at": "2099-12-08T00:00"}
    page = await preview(manager, id, percent="-20", before="price", **times)
    told = "€19.90; €15.92 (was €19.90) from 1 Dec 2099, 00:00 until 8 Dec 2099, 00:00"
    assert f"€19.90 {told}" in page.text
    assert told in (await manager.press("New prices")).text
    ((amount, reduced, before, begins, ends),) = await sql(db, FOR_A_TIME)
    assert (amount, reduced, before, (ends - begins).days) == (1990, 1592, 1990, 7)
    await manager.follow("End sale")
    await manager.press(PREVIEW)
    await manager.press("End sale")
    assert await sql(db, FOR_A_TIME) == [(1990, None, None, None, None)]


async def test_all_that_match_get_new_prices_at_once(manager: Clerk, db: Database) -> None:
    """More than the hundred that are done one after the other; seen on one page, and each once."""
    async with db.begin() as session:
        for _n in range(103):
            await make_shirt(session)
    before = await sql(db, PRICES)
    await manager.visit(LIST)
    await manager.press("New prices", ticked=("all",))
    page = await manager.press(PREVIEW, percent="-10")
    assert "Selected: 103" in page.text
    await manager.press("New prices")
    assert await sql(db, PRICES) == [(amount * 9 // 10, compare_at) for amount, compare_at in before]


async def test_what_is_more_than_that_is_told_in_the_preview_too(
    manager: Clerk, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.backoffice.actions.action.TOGETHER", 26)
    async with db.begin() as session:
        for _n in range(28):
            await make_shirt(session)
    for number, told in ((26, "These are 26 of 28 matching"), (2, "€")):
        page = manager.page if number == 2 else await manager.visit(LIST)
        page = await (manager.follow(ON) if number == 2 else manager.press("New prices", ticked=("all",)))
        page = await manager.press(PREVIEW, percent="-10")
        assert told in page.text
        await manager.press("New prices")
    assert len(await sql(db, PRICES)) == 1


async def test_products_without_a_sale_are_left_out_where_sales_end(manager: Clerk, db: Database) -> None:
    sale, usual = await add_shirt(manager, title="Reduced"), await add_shirt(manager, title="Usual")
    await reprice(manager, sale, percent="-20", ends_at="2099-12-08T00:00")
    page = await manager.visit(f"/admin/product/do/end-sale?pks={sale}&pks={usual}")
    assert "Skipped: 1 No current or planned sale, or archived. Usual" in page.text
    page = await manager.press(PREVIEW)
    assert "No price would change." not in page.text
    page = await manager.press("End sale")
    assert "Done: 1, skipped: 1." in page.text
    assert await sql(db, FOR_A_TIME) == [(1990, None, None, None, None)]


@pytest.mark.parametrize("action", ["reprice", "end-sale"])
async def test_more_products_are_not_more_statements(action: str, manager: Clerk, db: Database) -> None:
    counts = []
    for number in (2, 9):
        async with db.begin() as session:
            ids = [str((await make_shirt(session)).product_id) for _n in range(number)]
        await sql(db, "UPDATE offer_price SET reduced = 100, compare_at = CASE WHEN random() < 0.5 THEN 9000 END")
        await manager.visit(f"/admin/product/do/{action}?" + "&".join(f"pks={id}" for id in ids))
        with counting() as sent:
            await manager.press(PREVIEW, **({"percent": "-5"} if action == "reprice" else {}))
            await manager.press("New prices" if action == "reprice" else "End sale")
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_sale_that_would_not_be_cheaper_or_not_begin_is_refused(manager: Clerk) -> None:
    id = await add_shirt(manager)
    page = await preview(manager, id, status=422, percent="5", ends_at="2099-12-08T00:00")
    assert "A sale price must be lower" in page.text
    times = {"begins_at": "2099-12-08T00:00", "ends_at": "2099-12-01T00:00"}
    page = await preview(manager, id, status=422, percent="-5", **times)
    assert "The sale must end later than it begins." in page.text
    await preview(manager, id, status=422, price="25", percent="3")
    page = await preview(manager, id, status=422, percent="-5", ends_at="2020-12-01T00:00")
    assert page.errors == ["This moment is over."]


async def test_bounds_are_told_as_people_write_them(manager: Clerk) -> None:
    page = await preview(manager, await add_shirt(manager), status=422, percent="-95")
    assert page.errors == ["Must be at least -90."]


async def test_what_costs_nothing_may_be_given_away_as_in_the_form(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    await reprice(manager, id, price="0")
    assert await sql(db, PRICES) == [(0, None)]
    await manager.follow("Edit")
    page = await manager.press("Save", variants_0_price="0", variants_0_max_per_order="1.5", status=422)
    assert page.errors == ["Must be a whole number."]


async def test_a_sale_survives_other_changes_of_the_form_and_of_the_variant(manager: Clerk, db: Database) -> None:
    id = await add_shirt(manager)
    await reprice(manager, id, percent="-20", ends_at="2099-12-08T00:00")
    await manager.follow("Edit")
    await manager.press("Save", title="Other shirt")
    await manager.follow("S / Black")
    await manager.follow("Edit")
    await manager.press("Save", grams="210")
    assert [row.reduced for row in await sql(db, FOR_A_TIME)] == [1592]
    await manager.follow("Edit")
    await manager.press("Save", prices_0_reduced_amount="12", prices_0_reduced_ends_at="2099-12-09T00:00")
    assert {row.reduced for row in await sql(db, FOR_A_TIME)} == {1592, 1200}
    await manager.follow("Edit")
    page = await manager.press("Save", status=422, prices_0_reduced_amount="20")
    assert "A sale price must be lower than the price." in page.errors
