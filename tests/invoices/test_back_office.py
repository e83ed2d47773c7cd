"""Invoices in the back office: on the order's page, as a list, as files, for who may see them."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from apps.core.db.database import Database
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn, clerk, manager
from tests.invoices.documents import xml_inside
from tests.invoices.test_issuing import paid
from tests.journeys.customer import Customer, sql

__all__ = ["clerk", "manager"]
pytestmark = pytest.mark.anyio


async def test_staff_see_invoices_and_download_a_month(customer: Customer, db: Database, manager: Clerk) -> None:
    order = await paid(customer, db)
    await paid(customer, db)
    listed = await manager.visit("/admin/invoice/list")
    assert order["number"] in listed.text
    [(id, number)] = await sql(db, f"SELECT order_id, number FROM invoice WHERE order_number = '{order['number']}'")
    page = await manager.visit(f"/admin/order/details/{id}")
    assert number in page.text
    pdf = await manager.client.get(page.links["PDF"])
    assert number.encode() in xml_inside(pdf.content)
    months = await manager.visit(listed.links["Download a month"])
    [url] = [url for url in months.links.values() if "month=" in url]
    with ZipFile(BytesIO((await manager.client.get(url)).content)) as archive:
        assert archive.testzip() is None
        *pdfs, table = archive.namelist()
        assert number.encode() in xml_inside(archive.read(f"{number}.pdf"))
        lines = archive.read(table).decode("utf-8-sig").splitlines()
    assert len(pdfs) == 2
    assert len(lines) == 3
    assert f"{number},invoice" in "\n".join(lines)
    assert await sql(db, "SELECT 1 FROM audit_entry WHERE action = 'backoffice.export'")


async def test_a_month_is_for_who_may_export(customer: Customer, db: Database, clerk: SignIn) -> None:
    await paid(customer, db)
    moderator = await clerk("moderator")
    assert "INV-" in (await moderator.visit("/admin/invoice/list")).text
    for name in ("months", "month?month=2026-12"):
        assert (await moderator.client.get(f"/admin/invoice/file/{name}")).status_code == 403
    door = await clerk("door")
    assert (await door.client.get("/admin/invoice/file/months")).status_code == 404


async def test_an_order_that_waits_is_asked_about(customer: Customer, db: Database, manager: Clerk) -> None:
    order = await paid(customer, db, issue=False)
    question = "Orders that have waited for an invoice for more than an hour"
    assert question not in (await manager.visit("/admin/")).links
    await sql(db, "UPDATE invoice_request SET created_at = created_at - interval '2 hours'")
    waiting = await manager.visit("/admin/order/list?invoice=waiting")
    assert order["number"] in waiting.text
    assert any("invoice=waiting" in url for url in (await manager.visit("/admin/")).links.values())


async def test_staff_issue_one_that_is_missing(customer: Customer, db: Database, manager: Clerk) -> None:
    await paid(customer, db, issue=False)
    await sql(db, "DELETE FROM invoice_request")
    [(id,)] = await sql(db, "SELECT id FROM orders")
    page = await manager.visit(f"/admin/order/details/{id}")
    assert "No invoice." in page.text
    await manager.visit(page.links["Issue invoice"])
    await manager.press("Issue invoice")
    await customer.by_the_clock("invoices.issue")
    assert "INV-" in (await manager.visit(f"/admin/order/details/{id}")).text
