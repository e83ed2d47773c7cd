"""A bank's CSV: rows are matched with the orders that wait; nothing changes before somebody accepts what is sure."""

from collections.abc import Iterator

import pytest
from msgspec.structs import force_setattr

from apps.checkout.statements.reading import amount_of, read_statement
from apps.core.db.database import Database
from project.settings import settings
from tests.backoffice.browser import Clerk, Page
from tests.backoffice.conftest import SignIn
from tests.backoffice.orders import tickets
from tests.backoffice.test_imports import checked
from tests.journeys.conftest import client, customer
from tests.journeys.customer import Customer, sql

__all__ = ["client", "customer"]
pytestmark = pytest.mark.anyio
STATEMENTS = "/admin/bank-statement"
ACCEPT = "Mark all as received"
STALE = "UPDATE user_session SET proved_at = now() - interval '1 hour'"
ENGLISH = "Date,Amount,Currency,Reference,Name\n"
GERMAN = "Konto;DE89\n\nBuchungstag;Betrag;Währung;Verwendungszweck;Auftraggeber\n"
RUSSIAN = "Дата\tСумма\tВалюта\tНазначение платежа\tПлательщик\n"


@pytest.fixture(autouse=True)
def _offered() -> Iterator[None]:
    force_setattr(settings, "payment_providers", "demo bank_transfer")
    yield
    force_setattr(settings, "payment_providers", "demo")


async def waiting(customer: Customer, db: Database) -> dict:
    order = await customer.order_at_once(await tickets(db))
    await customer.start_payment(order, provider="bank_transfer")
    return order


def row(purpose: str, amount: str = "30.00", currency: str = "EUR") -> str:
    return f"2026-12-01,{amount},{currency},{purpose},A. Fan\n"


async def upload(clerk: Clerk, db: Database, text: str, **chosen: str) -> Page:
    return await checked(clerk, db, text.encode(), name="statement.csv", to=STATEMENTS, **chosen)


async def accept(clerk: Clerk, customer: Customer) -> Page:
    await clerk.follow(ACCEPT)
    page = await clerk.press(ACCEPT)
    await customer.jobs()
    return await clerk.visit(page.url.partition("?")[0])


async def test_what_is_sure_is_accepted_at_once_and_counts_once(
    manager: Clerk, customer: Customer, db: Database
) -> None:
    orders = [await waiting(customer, db) for _ in range(2)]
    text = ENGLISH + "".join(row(f"Tickets {each['number'][:4]} {each['number'][4:].lower()}") for each in orders)
    page = await upload(manager, db, text)
    assert "Matched 2 Already received 0 Skipped 0" in page.text
    assert f"2 {orders[0]['number']} Received – €30.00" in page.text
    assert [(await customer.order(each))["state"] for each in orders] == ["pending"] * 2
    page = await accept(manager, customer)
    assert [(await customer.order(each))["state"] for each in orders] == ["paid"] * 2
    told = "SELECT after->>'note' FROM audit_entry WHERE action = 'payments.receive' ORDER BY id"
    assert await sql(db, told) == [("2026-12-01 · A. Fan · #2",), ("2026-12-01 · A. Fan · #3",)]
    page = await upload(manager, db, text)
    assert "Matched 0 Already received 2 Skipped 0" in page.text
    assert ACCEPT not in page.links


async def test_what_is_not_sure_is_told_and_left_alone(manager: Clerk, customer: Customer, db: Database) -> None:
    short, one, two, late, twice = [await waiting(customer, db) for _ in range(5)]
    await customer.cancel(late)
    page = await upload(
        manager,
        db,
        ENGLISH
        + row(short["number"], "29.99")
        + row(one["number"], currency="USD")
        + row(f"{one['number']} {two['number']}")
        + row(late["number"])
        + row("Rent")
        + row(two["number"], "-30.00")
        + row(twice["number"])
        + row(f"again {twice['number']}"),
    )
    assert "Matched 1 Already received 0 Skipped 6" in page.text
    for told in (
        f"2 order {short['number']} waits for another amount",
        f"3 order {one['number']} waits for another amount",
        "4 fits more than one order",
        f"5 order {late['number']} waits for no money any more",
        "6 no order that waits for this money is named",
        f"9 fits more than one order, or an order that another row fits, too: {twice['number']}",
    ):
        assert told in page.text
    assert "A. Fan" not in page.text
    await accept(manager, customer)
    assert (await customer.order(twice))["state"] == "paid"
    assert await sql(db, "SELECT count(*) FROM payment WHERE state = 'confirmed'") == [(1,)]


async def test_what_was_marked_by_hand_meanwhile_is_not_received_again(
    manager: Clerk, customer: Customer, db: Database
) -> None:
    order = await waiting(customer, db)
    page = await upload(manager, db, ENGLISH + row(order["number"]))
    await customer.pay(order)
    await manager.visit(page.url)
    page = await accept(manager, customer)
    assert f"order {order['number']} waits for no money any more" in page.text
    assert await sql(db, "SELECT count(*) FROM audit_entry WHERE action = 'payments.receive'") == [(0,)]


async def test_somebody_says_which_columns(manager: Clerk, customer: Customer, db: Database) -> None:
    order = await waiting(customer, db)
    text = f"when;how much;what for\n1.12.;30,00;{order['number']}\n"
    page = await upload(manager, db, text)
    assert "no columns for amount and reference were found" in page.text
    assert "Matched 1" in (await upload(manager, db, text, amount="how much", purpose="What For")).text
    assert "Matched 1" in (await upload(manager, db, text, amount="2", purpose="3")).text


async def test_accepting_asks_who_somebody_is(manager: Clerk, customer: Customer, db: Database) -> None:
    order = await waiting(customer, db)
    await upload(manager, db, ENGLISH + row(order["number"]))
    await sql(db, STALE)
    assert "Confirm that it is you" in (await manager.follow(ACCEPT)).text


async def test_a_moderator_sees_none(clerk: SignIn) -> None:
    await (await clerk("moderator")).visit(f"{STATEMENTS}/list", status=404)


@pytest.mark.parametrize(
    "data",
    [
        (ENGLISH + '2026-12-01,"1,234.50",EUR,Tickets 2TBVR9MB,Jörg\n').encode("utf-8-sig"),
        (GERMAN + "01.12.2026;1.234,50;EUR;Tickets 2TBVR9MB;Jörg\n").encode("cp1252"),
        (GERMAN + "01.12.2026;1.234,50 €;;Tickets 2TBVR9MB;Jörg\n").encode(),
        (RUSSIAN + "01.12.2026\t1 234,50\tEUR\tЗаказ 2TBVR9MB\tЙорг\n").encode("cp1251"),
        (RUSSIAN + "01.12.2026\t+1 234,5\tEUR\tЗаказ 2TBVR9MB\tЙорг\n").encode(),
    ],
)
def test_banks_write_it_in_many_ways(data: bytes) -> None:
    reading = read_statement(data, {}, currency="EUR")
    assert reading.problems == []
    ((amount, currency, numbers, note),) = [(e.amount, e.currency, e.numbers, e.note) for e in reading.rows]
    assert (amount, currency) == (123450, "EUR")
    assert "2TBVR9MB" in numbers
    assert "J\u00f6rg" in note or "Йорг" in note


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("30", 3000),
        ("30,5", 3050),
        ("1.000", 100000),
        ("1,000,000.00", 100000000),
        ("12,00-", -1200),
        ("\u221212.00", -1200),
        ("€ 7.00", 700),
        ("-", None),
        ("1" * 40, None),
        ("1.2.3,4,5", None),
        ("", None),
    ],
)
def test_amounts(text: str, amount: int | None) -> None:
    assert amount_of(text, "EUR") == amount


@pytest.mark.parametrize("data", [b"", b"\x00\xff,;", b'"' * 300_000, b"a,b\n" * 20_000, b"Amount,Reference\n1"])
def test_whatever_it_is_it_is_read(data: bytes) -> None:
    assert len(read_statement(data, {"amount": "0", "purpose": "999999999999"}, currency="EUR")) == 0
