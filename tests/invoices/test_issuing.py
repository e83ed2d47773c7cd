"""Paid orders get an invoice, refunds a credit note: once each, whatever runs twice or fails on the way."""

import asyncio
from typing import Any

import msgspec
import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from project.settings import settings
from tests.factories import make_shirt, make_tickets
from tests.invoices.documents import schematron, text_of, xml_inside
from tests.journeys.customer import Customer, fail_refund, mails_about, sql
from tests.staff_api import StaffApi

pytestmark = pytest.mark.anyio
ADDRESS = {"line1": "Torstraße 1", "city": "Berlin", "postal_code": "10119", "country": "DE"}


async def paid(customer: Customer, db: Database, *, pieces: int = 2, issue: bool = True) -> dict[str, Any]:
    """Shirts of 25.00, some of them to be sent."""
    async with db.begin() as session:
        shirt = await make_shirt(session)
    placed = await customer.order_at_once(shirt.id, pieces, delivery="ship", address=ADDRESS, name="Анна Каренина")
    await customer.pay(placed)
    if issue:
        await customer.by_the_clock("invoices.issue")
    return placed


async def invoices(customer: Customer, order: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await customer.client.get(f"/api/v1/orders/{order['number']}/invoices?key={order['key']}")
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def refund(staff_api: StaffApi, order: dict[str, Any], key: str, **scope: Any) -> None:
    body = {"reason": "Does not fit", **scope}
    await staff_api.ask(
        "POST", f"/orders/{order['number']}/refund", json=body, headers={"Idempotency-Key": f"{key:-<16}"}
    )


@pytest.mark.usefixtures("taxed")
async def test_a_paid_order_has_an_invoice_that_its_customer_reads(customer: Customer, db: Database) -> None:
    order = await paid(customer, db, issue=False)
    assert await invoices(customer, order) == []
    page = f"/orders/{order['number']}?key={order['key']}"
    assert "Your invoice is being prepared" in (await customer.client.get(page)).text
    await customer.by_the_clock("invoices.issue", "invoices.issue")
    [invoice] = await invoices(customer, order)
    assert (invoice["net"], invoice["tax"], invoice["total"]) == (4614, 876, 5490)
    assert invoice["total"] == order["total"]
    assert invoice["tax"] == order["tax"]
    url = f"/orders/{order['number']}/invoices/{invoice['number']}?key={order['key']}"
    assert invoice["number"] in (await customer.client.get(page)).text
    for place in (url, f"/api/v1/orders/{order['number']}/invoices/{invoice['number']}/file?key={order['key']}"):
        file = await customer.client.get(place)
        assert file.headers["content-type"] == "application/pdf"
    text = text_of(file.content)
    for told in (invoice["number"], "Анна Каренина", "Torstraße 1", "Shirt · L", "€54.90", "Shipping"):
        assert told in text
    with schematron() as rules:
        assert rules.complaints(xml_inside(file.content)) == []
    [mail] = mails_about(order)
    assert "#invoices" in mail.get_body(("plain",)).get_content()


async def test_nobody_else_reads_it(customer: Customer, db: Database) -> None:
    mine, other = await paid(customer, db), await paid(customer, db)
    [invoice] = await invoices(customer, mine)
    for path in (
        f"/api/v1/orders/{other['number']}/invoices/{invoice['number']}/file?key={other['key']}",
        f"/orders/{other['number']}/invoices/{invoice['number']}?key={other['key']}",
        f"/orders/{mine['number']}/invoices/{invoice['number']}?key={other['key']}",
    ):
        assert (await customer.client.get(path)).status_code == 404


@pytest.mark.usefixtures("taxed")
async def test_refunds_are_credited_piece_by_piece_and_as_amounts(
    customer: Customer, db: Database, staff_api: StaffApi
) -> None:
    order = await paid(customer, db, pieces=3)
    line = (await customer.order(order))["lines"][0]["id"]
    await refund(staff_api, order, "one", lines=[{"line": line, "quantity": 1}])
    await refund(staff_api, order, "some", amount=1000)
    await customer.jobs()
    await customer.by_the_clock("invoices.issue")
    await refund(staff_api, order, "rest", whole=True)
    await customer.by_the_clock("invoices.issue", "invoices.issue")
    invoice, *notes = await invoices(customer, order)
    assert [note["total"] for note in notes] == [2500, 1000, 4490]
    assert {note["refers_to"] for note in notes} == {invoice["number"]}
    for name in ("net", "tax", "total"):
        assert sum(note[name] for note in notes) == invoice[name]
    titles = await sql(db, "SELECT lines->0->>'title', lines->0->>'quantity' FROM invoice ORDER BY created_at, serial")
    assert [tuple(row) for row in titles[1:3]] == [("Shirt · L", "1"), ("Refund", "1")]
    with schematron() as rules:
        for note in notes:
            path = f"/api/v1/orders/{order['number']}/invoices/{note['number']}/file?key={order['key']}"
            assert rules.complaints(xml_inside((await customer.client.get(path)).content)) == []


async def test_a_credit_note_stands_for_the_refund_that_follows_a_failed_one(
    customer: Customer, db: Database, staff_api: StaffApi
) -> None:
    order = await paid(customer, db)
    await refund(staff_api, order, "first", amount=1000)
    await customer.by_the_clock("invoices.issue")
    await fail_refund(customer, amount=1000)
    await refund(staff_api, order, "again", amount=1500)
    await customer.by_the_clock("invoices.issue")
    _invoice, *notes = await invoices(customer, order)
    assert [note["total"] for note in notes] == [1000, 500]


async def test_what_is_free_gets_none(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 10, price=0)
    order = await customer.order_at_once(ticket.id)
    await customer.jobs()
    await customer.by_the_clock("invoices.issue")
    assert await invoices(customer, order) == []
    assert await sql(db, "SELECT 1 FROM invoice_request") == []


async def test_an_order_of_before_is_invoiced_by_staff_with_its_refunds(
    customer: Customer, db: Database, staff_api: StaffApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.invoices.seller.settings", msgspec.structs.replace(settings, invoices=None))
    order = await paid(customer, db)
    await refund(staff_api, order, "some", amount=700)
    await customer.by_the_clock("invoices.issue")
    refused = await staff_api.ask("POST", f"/orders/{order['number']}/invoice", status=409)
    assert refused.json()["type"].endswith("invoices-not-set-up")
    monkeypatch.undo()
    assert await invoices(customer, order) == []
    await staff_api.ask("POST", f"/orders/{order['number']}/invoice", status=204)
    await customer.by_the_clock("invoices.issue")
    assert [each["total"] for each in await invoices(customer, order)] == [5000, 700]
    again = await staff_api.ask("POST", f"/orders/{order['number']}/invoice", status=409)
    assert again.json()["type"].endswith("already-invoiced")


async def test_an_order_taxed_at_no_known_rate_waits_for_its_rate(
    customer: Customer, db: Database, taxed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await paid(customer, db, issue=False)
    msgspec.structs.force_setattr(settings, "tax_percent", "21")
    await customer.by_the_clock("invoices.issue")
    assert await sql(db, "SELECT problem FROM invoice_request") == [("tax",)]
    known = msgspec.structs.replace(settings.invoices, former_tax_percent="19")
    monkeypatch.setattr("apps.invoices.seller.settings", msgspec.structs.replace(settings, invoices=known))
    await customer.by_the_clock("invoices.issue")
    [invoice] = await invoices(customer, order)
    assert invoice["tax"] == order["tax"]


async def test_workers_beside_one_another_issue_each_once_and_without_gaps(customer: Customer, db: Database) -> None:
    orders = [await paid(customer, db, issue=False) for _ in range(6)]
    twice = "INSERT INTO invoice_request (id, order_id) SELECT gen_random_uuid(), order_id FROM invoice_request"
    await sql(db, twice)
    await asyncio.gather(*(JOBS["invoices.issue"].run(db, None) for _ in range(6)))
    await customer.by_the_clock("invoices.issue")
    rows = await sql(db, "SELECT serial, order_id FROM invoice ORDER BY serial")
    assert [row.serial for row in rows] == list(range(1, len(orders) + 1))
    assert len({row.order_id for row in rows}) == len(orders)


async def test_staff_find_and_download(customer: Customer, db: Database, staff_api: StaffApi) -> None:
    order = await paid(customer, db)
    await paid(customer, db)
    found = await staff_api.get(f"/invoices?order={order['number'].lower()}&kind=invoice")
    [invoice] = found["items"]
    assert invoice["buyer"] == "Анна Каренина"
    assert await staff_api.get(f"/invoices/{invoice['number']}") == invoice
    file = await staff_api.ask("GET", f"/invoices/{invoice['number']}/file")
    assert file.content.startswith(b"%PDF-1.7")
    assert len((await staff_api.get("/invoices"))["items"]) == 2
    await staff_api.get("/invoices/INV-2026-999999", status=404)


async def test_without_the_key_nothing_is_shown(customer: Customer, db: Database) -> None:
    order = await paid(customer, db)
    assert (await customer.client.get(f"/api/v1/orders/{order['number']}/invoices")).status_code == 401
