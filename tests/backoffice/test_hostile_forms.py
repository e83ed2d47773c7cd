"""Forms that no browser of ours would send."""

import asyncio
import csv
from io import StringIO
from urllib.parse import urlsplit

import pytest

from apps.backoffice.fields.rows import MOST_ROWS
from apps.backoffice.lists.csv_lines import harmless, quoted
from apps.backoffice.requests import LARGEST_FORM
from apps.core.db.database import Database
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio


async def test_who_is_not_signed_in_is_refused_before_a_large_form_is_read(server: None) -> None:
    place = urlsplit(settings.base_url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = [
        "POST /account/sign-in HTTP/1.1",
        f"Host: {place.netloc}",
        f"Origin: {settings.base_url}",
        "Content-Type: multipart/form-data; boundary=b",
        f"Content-Length: {LARGEST_FORM + 1}",
    ]
    writer.write("\r\n".join([*head, "", "--b"]).encode())
    try:
        answer = await asyncio.wait_for(reader.readline(), timeout=5)
    finally:
        writer.close()
    assert b" 413 " in answer


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "-1", ""])
async def test_rows_have_numbers(manager: Clerk, number: str) -> None:
    await manager.visit("/admin/product/create")
    form, _button = manager.page.form_with("Save")
    typed = {**dict(form.fields), "title": "Shirt", f"options-{number}-name": "Size"}
    answer = await manager.client.post(form.action, data=typed)
    assert answer.status_code == 303


async def test_nobody_fills_in_thousands_of_rows(manager: Clerk) -> None:
    await manager.visit("/admin/product/create")
    form, _button = manager.page.form_with("Save")
    rows = {f"options-{number}-name": "x" for number in range(MOST_ROWS + 1)}
    answer = await manager.client.post(form.action, data={**dict(form.fields), **rows})
    assert answer.status_code == 413


async def test_a_file_is_no_text(manager: Clerk) -> None:
    await manager.visit("/admin/category/create")
    form, _button = manager.page.form_with("Save")
    typed = {name: value for name, value in form.fields if name != "title"}
    for title, status in ((("hats.txt", b"Hats"), 422), ((None, b"Hats"), 303)):
        answer = await manager.client.post(form.action, data=typed, files={"title": title})
        assert answer.status_code == status


@pytest.mark.parametrize("cell", ["Ann;=1+1", "Ann\n=1+1", 'Ann"', "Ann\t=1+1"])
def test_a_cell_is_one_cell_wherever_spreadsheets_part_them(cell: str) -> None:
    for sign in (";", ",", "\t"):
        assert list(csv.reader(StringIO(quoted(cell), newline=""), delimiter=sign)) == [[cell]]


@pytest.mark.parametrize("cell", ["=1+1", "\n=1+1", "＝1+1", "＠SUM(1)"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


async def test_who_may_not_look_at_people_learns_no_names_from_a_filter(
    manager: Clerk, admin: Clerk, db: Database
) -> None:
    await sql(db, """UPDATE role SET permissions = '["orders.view"]' WHERE name = 'manager'""")
    (row,) = await sql(db, "SELECT id, email FROM users WHERE email LIKE 'admin-%'")
    place = f"/admin/order/list?user={row.id}"
    assert row.email not in (await manager.visit(place)).answer.text
    assert row.email in (await admin.visit(place)).answer.text
