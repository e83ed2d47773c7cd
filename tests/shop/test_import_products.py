"""import-products: Shopify's product CSV becomes products, and a second time changes nothing."""

import csv
import io
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from apps.core.db.database import Database
from apps.core.importing import BEGINNING, Tally
from apps.inventory import services as inventory
from apps.shop import commands
from apps.shop.imports import shopify_sheet
from apps.shop.imports.file_import import refusal_of
from apps.shop.imports.importing import import_products
from apps.shop.imports.shopify import read_products
from project import database
from project.settings import ROOT
from tests.queries import counting

pytestmark = pytest.mark.anyio

SHARED = ROOT.parent / "shared" / "data"
RUSSIAN = '{"ru": {"title": "Футболка", "options": {"S": "Малая"}}}'
Row = dict[str, str]


def shirt(**cells: str) -> Row:
    """The first line of a shirt that is counted: 5 of size S."""
    return {
        "Handle": "shirt",
        "Title": "Shirt",
        "Body (HTML)": "<p>Soft</p>",
        "Tags": "new, cotton",
        "Published": "true",
        "Option1 Name": "Size",
        "Option1 Value": "S",
        "Variant Grams": "180",
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": "5",
        "Variant Inventory Policy": "deny",
        "Variant Price": "19.90",
        "Image Src": "https://example.com/shirt.jpg",
    } | {name.replace("_", " "): value for name, value in cells.items()}


def size(value: str, **cells: str) -> Row:
    return {
        name: text
        for name, text in shirt(Option1_Value=value, **cells).items()
        if name in ("Handle", "Option1 Value") or name.startswith("Variant")
    }


def sheet(*rows: Row) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


async def load(db: Database, data: bytes, *, currency: str = "EUR", **options: Any) -> Tally:
    return await import_products(db, read_products(data, currency=currency), currency=currency, **options)


async def rows(db: Database, query: str) -> list[Any]:
    async with db.reads() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def stock(db: Database) -> list[Any]:
    return await rows(db, "SELECT name, capacity FROM pool ORDER BY name")


async def prices(db: Database) -> list[Any]:
    return await rows(
        db, "SELECT title, currency, amount, compare_at FROM offer JOIN offer_price ON offer_id = id ORDER BY 1, 2"
    )


def sentences(tally: Tally) -> list[str]:
    return [str(problem) for problem in sorted(tally.problems)]


class TestWhatComesIn:
    async def test_several_lines_are_one_product_and_options_are_its_variants(self, db: Database) -> None:
        tally = await load(db, sheet(shirt(), size("M", Variant_Compare_At_Price="25"), size("L")))
        assert (tally.created, tally.bad) == (1, 0)
        assert await rows(db, "SELECT slug, title, tags, option_names FROM product") == [
            ("shirt", "Shirt", ["new", "cotton"], ["Size"])
        ]
        assert await rows(db, "SELECT options, position, grams FROM variant ORDER BY position") == [
            (["S"], 0, 180),
            (["M"], 1, 180),
            (["L"], 2, 180),
        ]
        assert await prices(db) == [
            ("Shirt · L", "EUR", 1990, None),
            ("Shirt · M", "EUR", 1990, 2500),
            ("Shirt · S", "EUR", 1990, None),
        ]

    async def test_what_is_new_of_a_translated_product_is_called_after_it(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        await rows(db, f"UPDATE product SET translations = '{RUSSIAN}' RETURNING id")
        assert (await load(db, sheet(shirt(), size("M")))).changed == 1
        shown = "SELECT translations->'ru'->>'title' FROM offer ORDER BY 1"
        assert await rows(db, shown) == [("Футболка · M",), ("Футболка · Малая",)]
        assert (await load(db, sheet(shirt(), size("M")))).unchanged == 1

    async def test_pictures_of_ours_are_kept_from_the_sweep(self, db: Database) -> None:
        image = "id, hash, media_type, size, width, height, state, used_at"
        values = f"gen_random_uuid(), '\\x{'ab' * 32}', 'image/png', 1, 1, 1, 'ready', '2026-01-01'"
        await rows(db, f"INSERT INTO image ({image}) VALUES ({values}) RETURNING id")
        await load(db, sheet(shirt(Image_Src=f"https://example.com/media/{'ab' * 32}/1280.webp")))
        assert await rows(db, "SELECT used_at > now() - interval '1 hour' FROM image") == [(True,)]

    async def test_lines_of_a_product_need_not_stand_together(self, db: Database) -> None:
        other = shirt(Handle="cap", Title="Cap", Option1_Name="Title", Option1_Value="Default Title")
        assert (await load(db, sheet(size("M"), other, shirt()))).created == 2
        assert await rows(db, "SELECT options FROM variant ORDER BY options::text") == [(["M"],), (["S"],), ([],)]

    async def test_default_title_is_no_option(self, db: Database) -> None:
        await load(db, sheet(shirt(Option1_Name="Title", Option1_Value="Default Title")))
        found = await rows(
            db, "SELECT option_names, options, offer.title FROM product, variant JOIN offer ON id = offer_id"
        )
        assert found == [([], [], "Shirt")]

    async def test_stock_is_received(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        assert await stock(db) == [("Shirt · S", 5)]
        assert await rows(db, "SELECT delta, reason, actor FROM stock_movement") == [(5, "received", "import-products")]

    @pytest.mark.parametrize("cells", [{"Variant_Inventory_Tracker": ""}, {"Variant_Inventory_Policy": "continue"}])
    async def test_what_is_not_counted_has_no_pool(self, db: Database, cells: dict[str, str]) -> None:
        await load(db, sheet(shirt(**cells)))
        assert await stock(db) == []

    async def test_less_than_nothing_is_nothing(self, db: Database) -> None:
        tally = await load(db, sheet(shirt(Variant_Inventory_Qty="-3")))
        assert await stock(db) == [("Shirt · S", 0)]
        assert [str(warning) for warning in tally.warnings] == ["line 2: the quantity -3 was read as 0"]

    @pytest.mark.parametrize(
        ("cells", "published"),
        [({}, True), ({"Published": "FALSE"}, False), ({"Status": "draft"}, False), ({"Status": "active"}, True)],
    )
    async def test_drafts_are_not_published_nor_sold(
        self, db: Database, cells: dict[str, str], published: bool
    ) -> None:
        await load(db, sheet(shirt(**cells)))
        assert await rows(db, "SELECT published, active FROM product, offer") == [(published, published)]

    async def test_an_unpublished_product_sells_none_of_its_variants(self, db: Database) -> None:
        await load(db, sheet(shirt(), size("M")))
        await load(db, sheet(shirt(Published="FALSE")))
        assert await rows(db, "SELECT title, active FROM offer ORDER BY 1") == [
            ("Shirt · M", False),
            ("Shirt · S", False),
        ]

    async def test_what_it_publishes_waits_for_its_time_no_more(self, db: Database) -> None:
        await load(db, sheet(shirt(Published="FALSE")))
        await rows(db, "UPDATE product SET publish_at = '2099-05-01T10:00Z' RETURNING id")
        await load(db, sheet(shirt(Published="FALSE", Title="Tee")))
        assert await rows(db, "SELECT title FROM product WHERE publish_at IS NOT NULL") == [("Tee",)]
        await load(db, sheet(shirt()))
        assert await rows(db, "SELECT published, publish_at FROM product") == [(True, None)]

    async def test_html_is_sanitised(self, db: Database) -> None:
        html = '<p onclick="x()">A <b>good</b> <script>x()</script><a href="javascript:x()">shirt</a></p>'
        await load(db, sheet(shirt(**{"Body (HTML)": html + "<img src=x onerror=x()>"})))
        [(description,)] = await rows(db, "SELECT description FROM product")
        assert description == '<p>A <b>good</b> <a rel="noopener noreferrer">shirt</a></p>'

    async def test_picture_addresses_are_kept_once_each(self, db: Database) -> None:
        back = {"Handle": "shirt", "Image Src": "//cdn.example.com/back.jpg", "Image Alt Text": "Back"}
        again = {"Handle": "shirt", "Image Src": "https://example.com/shirt.jpg"}
        assert (await load(db, sheet(shirt(), back, again))).bad == 0
        assert await rows(db, "SELECT source_url, alt, position FROM product_image ORDER BY position") == [
            ("https://example.com/shirt.jpg", "", 1),
            ("https://cdn.example.com/back.jpg", "Back", 2),
        ]
        assert len(await rows(db, "SELECT 1 FROM variant")) == 1

    async def test_the_newer_column_names_are_read(self, db: Database) -> None:
        row = {
            "Title": "Cap",
            "URL handle": "cap",
            "Description": "<p>Warm</p>",
            "Product category": "Apparel & Accessories > Hats",
            "Published on online store": "TRUE",
            "Status": "Active",
            "Price": "12.00",
            "Charge tax": "FALSE",
            "Inventory tracker": "shopify",
            "Inventory quantity": "4",
            "Continue selling when out of stock": "DENY",
            "Weight value (grams)": "99.6",
        }
        await load(db, sheet(row))
        assert await rows(db, "SELECT slug, description, published FROM product") == [("cap", "<p>Warm</p>", True)]
        assert await rows(db, "SELECT c.slug, c.title FROM category c JOIN product ON category_id = c.id") == [
            ("hats", "Hats")
        ]
        assert await rows(db, "SELECT grams, tax_class FROM variant JOIN offer ON id = offer_id") == [(100, "exempt")]
        assert await stock(db) == [("Cap", 4)]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
    async def test_spreadsheets_encodings_are_read(self, db: Database, encoding: str) -> None:
        await load(db, sheet(shirt(Title="Über-Shirt")).decode().encode(encoding))
        assert await rows(db, "SELECT title FROM product") == [("Über-Shirt",)]

    @pytest.mark.parametrize(
        ("delimiter", "encoding"), [(";", "utf-8-sig"), (";", "cp1252"), ("\t", "utf-16"), (",", "utf-16")]
    )
    async def test_spreadsheets_delimiters_are_read(self, db: Database, delimiter: str, encoding: str) -> None:
        lines = csv.reader(io.StringIO(sheet(shirt(Title="Über-Shirt", Tags="a, b"), size("M")).decode(), newline=""))
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(lines)
        data = out.getvalue().encode(encoding)
        assert refusal_of(data) is None
        tally = await load(db, data)
        assert (tally.created, tally.bad) == (1, 0)
        assert await rows(db, "SELECT title, tags FROM product") == [("Über-Shirt", ["a", "b"])]

    def test_only_the_beginning_tells_what_kind_it_is(self) -> None:
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            long = sheet(shirt(Title="ü" * 200_000)).decode().encode(encoding)
            assert refusal_of(long) is refusal_of(long[: BEGINNING + 1]) is None

    async def test_currencies_have_their_own_minor_units(self, db: Database) -> None:
        await load(db, sheet(shirt(Variant_Price="1200")), currency="JPY")
        assert await prices(db) == [("Shirt · S", "JPY", 1200, None)]


class TestASecondTime:
    async def test_changes_nothing(self, db: Database) -> None:
        data = sheet(shirt(), size("M"))
        await load(db, data)
        tables = ("product", "variant", "offer", "offer_price", "offer_pool", "pool", "stock_movement", "product_image")
        before = [await rows(db, f"SELECT *, xmin::text FROM {table} ORDER BY 1") for table in tables]
        tally = await load(db, data)
        assert (tally.created, tally.changed, tally.unchanged) == (0, 0, 1)
        assert [await rows(db, f"SELECT *, xmin::text FROM {table} ORDER BY 1") for table in tables] == before

    async def test_changes_what_differs_and_keeps_what_is_not_in_the_file(self, db: Database) -> None:
        await load(db, sheet(shirt(), size("M")))
        tally = await load(db, sheet(shirt(Title="Good shirt", Variant_Price="21")))
        assert (tally.created, tally.changed) == (0, 1)
        assert await prices(db) == [("Good shirt · S", "EUR", 2100, None), ("Shirt · M", "EUR", 1990, None)]

    async def test_another_currency_stands_beside(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        tally = await load(db, sheet(shirt(Variant_Price="22")), currency="USD")
        assert tally.changed == 1
        assert await prices(db) == [("Shirt · S", "EUR", 1990, None), ("Shirt · S", "USD", 2200, None)]

    async def test_columns_the_file_has_not_are_left_as_they_are(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        few = {name: shirt()[name] for name in ("Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price")}
        assert (await load(db, sheet(few))).unchanged == 1

    async def test_a_category_is_known_by_its_slug(self, db: Database) -> None:
        await load(db, sheet(shirt(Type="T-Shirts"), shirt(Handle="other", Type="t shirts")))
        await load(db, sheet(shirt(Type="T-Shirts"), shirt(Handle="other")))
        assert await rows(db, "SELECT slug, title FROM category") == [("t-shirts", "T-Shirts")]
        categories = "SELECT product.slug, category.slug FROM product LEFT JOIN category ON category.id = category_id"
        assert await rows(db, f"{categories} ORDER BY 1") == [("other", None), ("shirt", "t-shirts")]
        without = {name: cell for name, cell in shirt().items() if name != "Type"}
        assert (await load(db, sheet(without))).unchanged == 1

    async def test_what_is_archived_stays_off_sale(self, db: Database) -> None:
        await load(db, sheet(shirt(), size("M")))
        await load(db, sheet(shirt(Handle="other")))
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE product SET archived_at = now() WHERE slug = 'shirt'"))
            await connection.execute(text("UPDATE offer SET archived_at = now() WHERE title <> 'Shirt · M'"))
        await load(db, sheet(shirt(), size("M"), shirt(Handle="other")))
        assert await rows(db, "SELECT 1 FROM offer WHERE active") == []

    async def test_stock_is_never_touched(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        assert (await load(db, sheet(shirt(Variant_Inventory_Qty="50")))).unchanged == 1
        assert await stock(db) == [("Shirt · S", 5)]

    async def test_stock_is_counted_with_set_stock(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE pool SET reserved = 2"))
        tally = await load(db, sheet(shirt(Variant_Inventory_Qty="50")), set_stock=True)
        assert tally.changed == 1
        assert await rows(db, "SELECT capacity, reserved FROM pool") == [(52, 2)]
        assert await rows(db, "SELECT delta, reason FROM stock_movement ORDER BY id") == [
            (5, "received"),
            (47, "counted"),
        ]
        assert (await load(db, sheet(shirt(Variant_Inventory_Qty="50")), set_stock=True)).unchanged == 1

    async def test_a_blank_quantity_sets_nothing(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        assert (await load(db, sheet(shirt(Variant_Inventory_Qty="")), set_stock=True)).unchanged == 1


class TestAuditEntries:
    async def test_what_is_new_is_told_as_a_form_tells_it(self, db: Database) -> None:
        await load(db, sheet(shirt(Type="Shirts"), size("M")), actor="somebody")
        audit_entries = "SELECT action, actor, subject, name FROM audit_entry ORDER BY created_at"
        assert await rows(db, audit_entries) == [
            ("shop.add_category", "somebody", "Category", "Shirts"),
            ("shop.add_variant", "somebody", "Variant", "Shirt · S"),
            ("shop.add_variant", "somebody", "Variant", "Shirt · M"),
            ("shop.add_product", "somebody", "Product", "Shirt"),
        ]

    async def test_what_changes_is_told_with_before_and_after_and_a_second_time_nothing(self, db: Database) -> None:
        await load(db, sheet(shirt(), size("M")))
        await load(db, sheet(shirt()), currency="USD")
        changed = sheet(shirt(Title="Wake"), size("M", Variant_Price="25"))
        told = (
            "SELECT subject, before, after FROM audit_entry WHERE action LIKE '%change%' ORDER BY created_at OFFSET 1"
        )
        for _n in range(2):
            await load(db, changed)
            price = {"minimum": None, "compare_at": None, "reduced": None, "member_amount": None}
            assert await rows(db, told) == [
                (
                    "Variant",
                    {"prices": {"EUR": {"amount": 1990, **price}}},
                    {"prices": {"EUR": {"amount": 2500, **price}}},
                ),
                ("Product", {"title": "Shirt"}, {"title": "Wake"}),
            ]

    async def test_it_takes_as_many_statements_for_many_as_for_one(self, db: Database) -> None:
        counts = []
        for prices in ("20", "21"):
            many = [shirt(Handle=f"shirt-{n}", Variant_Price=prices) for n in range(1 if prices == "20" else 5)]
            await load(db, sheet(*(shirt(Handle=f"shirt-{n}") for n in range(5))))
            with counting() as sent:
                await load(db, sheet(*many))
            counts.append(len(sent))
        assert counts[0] == counts[1]


class TestBadLines:
    @pytest.mark.parametrize(
        ("line", "sentence"),
        [
            (size("M", Variant_Price="abc"), "the price 'abc' is not a number (a price is written 19.90)"),
            (size("M", Variant_Price="-1"), "the price '-1' is not a number (a price is written 19.90)"),
            (size("M", Variant_Price=""), "the price is empty"),
            (size("M", Variant_Price="999999999"), "the price 999999999 is too high"),
            (size("M", Variant_Inventory_Qty="many"), "the quantity 'many' is not a number"),
            (size("M", Variant_Grams="99999999999"), "the weight 99999999999 is out of range"),
            (size("M", Variant_Barcode="1" * 256), "the barcode is longer than 255 characters"),
            (size("", Variant_SKU="x"), "there is no value for the option Size"),
            (size("S"), "Shirt · S is there already, on line 2"),
            (size("M", Variant_Price="1\0"), "a cell holds a character that cannot be stored"),
            (
                {"Handle": "shirt", "Image Src": "javascript:x"},
                "the image's address 'javascript:x' is not a URL",
            ),
            ({"Option1 Value": "M", "Variant Price": "1"}, "there is neither a handle nor a title"),
            (shirt(Handle="cap", Title="T" * 256), "the title is longer than 255 characters; the product was left out"),
            (shirt(Handle="cap", Title=""), "'cap' has no title; the product was left out"),
            (shirt(Handle="h" * 201), "the handle is longer than 200 characters; the product was left out"),
        ],
    )
    async def test_is_reported_and_stops_nothing(self, db: Database, line: Row, sentence: str) -> None:
        tally = await load(db, sheet(shirt(), line, size("L")))
        assert sentences(tally) == [f"line 3: {sentence}"]
        assert await rows(db, "SELECT options FROM variant ORDER BY position") == [(["S"],), (["L"],)]

    @pytest.mark.parametrize("bad", [{"Variant_Price": "x"}, {"Variant_SKU": "a\0"}])
    async def test_the_others_keep_their_places(self, db: Database, bad: dict[str, str]) -> None:
        picture = {"Handle": "shirt", "Image Src": "javascript:x"}
        last = size("L") | {"Image Src": "https://example.com/back.jpg"}
        for _n in range(2):
            await load(db, sheet(shirt(), size("M", **bad), picture, last))
            assert await rows(db, "SELECT options, position FROM variant ORDER BY position") == [(["S"], 0), (["L"], 2)]
            assert await rows(db, "SELECT position FROM product_image ORDER BY position") == [(1,), (3,)]

    async def test_lines_are_counted_as_an_editor_shows_them(self, db: Database) -> None:
        tally = await load(
            db, sheet(shirt(**{"Body (HTML)": "<p>one\r\ntwo\r\nthree</p>"}), size("M", Variant_Price="x"))
        )
        assert [problem.line for problem in tally.problems] == [5]

    async def test_an_open_quotation_mark_is_told(self, db: Database) -> None:
        tally = await load(db, sheet(shirt()) + b'cap,"Cap\r\nhat,Hat\r\n')
        assert sentences(tally) == ["line 3: a quotation mark is opened and never closed; nothing after it was read"]
        assert tally.created == 1

    def test_too_many_lines_are_not_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shopify_sheet, "MOST_LINES", 2)
        reading = read_products(b"Title,Price\n" + b"".join(b"Shirt %d,1\n" % n for n in range(4)), currency="EUR")
        assert [each.title for each in reading.products] == ["Shirt 0", "Shirt 1"]
        assert [(each.line, "split the file" in str(each)) for each in reading.problems] == [(4, True)]

    async def test_gift_cards_are_left_out(self, db: Database) -> None:
        tally = await load(db, sheet(shirt(Gift_Card="true")))
        assert (tally.total, tally.bad, len(tally.warnings)) == (0, 0, 1)

    @pytest.mark.parametrize("data", [b"", b"\n\n", b"name;price\nx;1\n", b"\x89PNG\r\n\x1a\n\0\0"])
    def test_another_kind_of_file_is_told(self, data: bytes) -> None:
        reading = read_products(data, currency="EUR")
        assert [str(each) for each in reading.problems] == [
            "line 1: this is not Shopify's product CSV: there is no column Handle or Title"
        ]

    @hypothesis_settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=300), st.booleans())
    def test_no_bytes_whatever_raise(self, data: bytes, with_header: bool) -> None:
        header = b"Handle,Title,Option1 Value,Variant Price,Variant Inventory Qty,Image Src\r\n" if with_header else b""
        read_products(header + data, currency="EUR")

    @hypothesis_settings(max_examples=300, deadline=None)
    @given(st.lists(st.fixed_dictionaries({name: st.text(max_size=8) for name in shirt()}), max_size=4))
    def test_no_cells_whatever_raise(self, lines: list[Row]) -> None:
        read_products(sheet(shirt(), *lines).replace(b"\xed", b""), currency="EUR")


class TestCommand:
    @pytest.fixture
    def run(self, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setattr(database, "ensure_database", lambda: db.url)

        async def invoke(data: bytes, *options: str) -> Result:
            file = tmp_path / "products.csv"
            file.write_bytes(data)
            return await anyio.to_thread.run_sync(
                CliRunner().invoke, commands.import_products_command, [str(file), *options]
            )

        return invoke

    async def test_says_what_it_did(self, run: Any) -> None:
        result = await run(sheet(shirt(), size("M", Variant_Price="x")))
        assert result.exit_code == 0
        assert "line 3: the price 'x' is not a number" in result.output
        assert "Products: 1 created, 0 changed, 0 unchanged, 1 bad" in result.output

    async def test_dry_run_writes_nothing(self, run: Any, db: Database) -> None:
        result = await run(sheet(shirt()), "--dry-run")
        assert "1 created" in result.output
        assert await rows(db, "SELECT 1 FROM product") == []

    async def test_strict_writes_nothing_when_a_line_is_bad(self, run: Any, db: Database) -> None:
        result = await run(sheet(shirt(), size("M", Variant_Price="x")), "--strict")
        assert result.exit_code == 1
        assert await rows(db, "SELECT 1 FROM product") == []

    async def test_strict_writes_when_all_is_well(self, run: Any, db: Database) -> None:
        assert (await run(sheet(shirt()), "--strict")).exit_code == 0
        assert await rows(db, "SELECT slug FROM product") == [("shirt",)]

    async def test_currency_is_checked(self, run: Any) -> None:
        assert "XQZ is not a currency" in (await run(sheet(shirt()), "--currency", "XQZ")).output

    async def test_another_kind_of_file_fails(self, run: Any) -> None:
        assert (await run(b"not a CSV")).exit_code == 1


class TestStockVerbs:
    async def test_there_is_never_less_than_is_sold(self, db: Database) -> None:
        await load(db, sheet(shirt()))
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE pool SET reserved = 2"))
        [(pool,)] = await rows(db, "SELECT id FROM pool")
        with pytest.raises(inventory.StockInUse):
            async with db.transaction() as connection:
                await inventory.move(connection, {pool: -4}, reason=inventory.MovementReason.damaged, actor="test")
        assert await rows(db, "SELECT capacity FROM pool") == [(5,)]


class TestRealFiles:
    @pytest.mark.parametrize(("name", "variants"), [("shopify-apparel.csv", 22), ("shopify-home-and-garden.csv", 21)])
    async def test_come_in_whole_and_once(self, db: Database, name: str, variants: int) -> None:
        if not (SHARED / name).exists():
            pytest.skip(f"{name} is not in ../shared/data")
        data = (SHARED / name).read_bytes()
        tally = await load(db, data)
        assert (tally.created, tally.bad, tally.warnings) == (20, 0, [])
        assert len(await rows(db, "SELECT 1 FROM variant")) == variants
        assert (await load(db, data)).unchanged == 20
