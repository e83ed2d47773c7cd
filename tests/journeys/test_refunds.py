"""Money goes back, pieces go back on sale: the whole order, some pieces, or an amount."""

from uuid import UUID

import msgspec
import pytest

from apps.checkout.refunds.refund import NotPaid, refund
from apps.checkout.refunds.scope import Amount, LineQuantities, Scope, Whole
from apps.core.db.database import Database
from apps.payments.refunds import NothingToRefund
from project.settings import settings
from tests.factories import make_shirt, make_tickets
from tests.journeys.customer import Customer, mails_about, reserved, sql
from tests.parts import shipments_of, tickets_of

pytestmark = pytest.mark.anyio


async def give_back(customer: Customer, order: dict, part: Scope, *, key: str = "refund-1") -> dict:
    """As the back office does; then the order as its customer sees it."""
    ((order_id,),) = await sql(customer.db, "SELECT id FROM orders WHERE number = :number", number=order["number"])
    async with customer.db.begin() as session:
        await refund(session, order_id, part, key=key, reason="asked for", actor="manager@example.org")
    await customer.jobs()
    return await customer.order(order)


async def paid_order(customer: Customer, *, price: int = 3000) -> tuple[dict, UUID, UUID]:
    """A shirt and two tickets: the order, and both offers."""
    async with customer.db.begin() as session:
        shirt, ticket = await make_shirt(session, stock=1), await make_tickets(session, 2, price=price)
    await customer.add(shirt.id)
    await customer.add(ticket.id, 2)
    return await customer.pay(await customer.check_out()), shirt.id, ticket.id


def line_of(order: dict, offer: UUID) -> UUID:
    return next(UUID(line["id"]) for line in order["lines"] if line["offer"] == str(offer))


async def test_the_whole_order_comes_back(customer: Customer, db: Database) -> None:
    order, shirt, ticket = await paid_order(customer)
    after = await give_back(customer, order, Whole())
    assert (after["state"], after["refunded"]) == ("refunded", 8500)
    assert [(each["state"], each["code"]) for each in tickets_of(after)] == [("cancelled", None)] * 2
    assert [(each["state"], each["quantity"]) for each in shipments_of(after)] == [("cancelled", 0)]
    assert await reserved(db, shirt) + await reserved(db, ticket) == [0, 0]
    assert await sql(db, "SELECT state, amount FROM refund") == [("done", 8500)]
    assert await sql(db, "SELECT captured, refunded FROM payment") == [(8500, 8500)]
    told = mails_about(order)[1].get_body(("plain",)).get_content()
    assert [words for words in ("85.00", "1 × Shirt", "2 × Live · Standing") if words not in told] == []


async def test_one_line_comes_back_and_the_rest_stays(customer: Customer, db: Database) -> None:
    order, shirt, ticket = await paid_order(customer)
    after = await give_back(customer, order, LineQuantities({line_of(order, shirt): 1}))
    assert (after["state"], after["refunded"]) == ("paid", 2500)
    assert [each["state"] for each in tickets_of(after)] == ["valid", "valid"]
    assert [each["state"] for each in shipments_of(after)] == ["cancelled"]
    assert await reserved(db, shirt) + await reserved(db, ticket) == [0, 2]
    assert await sql(db, "SELECT refunded FROM demo_checkout") == [(2500,)]
    assert [line["refunded_quantity"] for line in after["lines"]] == [1, 0]


async def test_one_of_two_tickets_comes_back_and_can_be_bought_again(customer: Customer, db: Database) -> None:
    order, _, ticket = await paid_order(customer)
    after = await give_back(customer, order, LineQuantities({line_of(order, ticket): 1}))
    assert sorted(each["state"] for each in tickets_of(after)) == ["cancelled", "valid"]
    assert await reserved(db, ticket) == [1]
    other = await customer.pay(await customer.order_at_once(ticket))
    assert other["state"] == "paid"
    after = await give_back(customer, order, Whole(), key="refund-2")
    assert (after["state"], after["refunded"]) == ("refunded", 8500)
    assert await reserved(db, ticket) == [1]


async def test_what_came_back_may_be_bought_again_by_who_may_have_so_many(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 10, max_per_customer=2)).id
    order = await customer.pay(await customer.order_at_once(ticket, 2))
    await customer.order_at_once(ticket, status=409)
    await give_back(customer, order, LineQuantities({line_of(order, ticket): 1}))
    await customer.order_at_once(ticket)
    await customer.order_at_once(ticket, status=409)


async def test_money_alone_may_go_back(customer: Customer, db: Database) -> None:
    order, _, ticket = await paid_order(customer)
    after = await give_back(customer, order, Amount(500))
    assert (after["state"], after["refunded"], await reserved(db, ticket)) == ("paid", 500, [2])
    after = await give_back(customer, order, Whole(), key="refund-2")
    assert (after["state"], after["refunded"]) == ("refunded", 8500)
    assert sorted(await sql(db, "SELECT amount FROM refund")) == [(500,), (8000,)]


async def test_the_same_refund_twice_is_one(customer: Customer, db: Database) -> None:
    order, _, ticket = await paid_order(customer)
    part = LineQuantities({line_of(order, ticket): 1})
    first = await give_back(customer, order, part)
    assert await give_back(customer, order, part) == first
    assert await sql(db, "SELECT refunded FROM demo_checkout") == [(3000,)]
    assert len(mails_about(order)) == 2


async def test_the_same_refund_of_something_free_twice_is_one(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = await make_tickets(session, 10, price=0)
    order = await customer.order_at_once(ticket.id, 3)
    await customer.jobs()
    part = LineQuantities({line_of(order, ticket.id): 1})
    first = await give_back(customer, order, part)
    await sql(db, "DELETE FROM audit_entry")
    assert await give_back(customer, order, part) == first, "whatever the audit log still says"
    assert await reserved(db, ticket.id) == [2]


async def test_more_than_was_bought_or_paid_does_not_come_back(customer: Customer, db: Database) -> None:
    order, shirt, _ = await paid_order(customer)
    for part in (LineQuantities({line_of(order, shirt): 2}), LineQuantities({line_of(order, shirt): 0}), Amount(8501)):
        with pytest.raises(NothingToRefund):
            await give_back(customer, order, part)
    assert await sql(db, "SELECT * FROM refund") == []
    assert (await customer.order(order))["refunded"] == 0


async def test_a_piece_comes_back_once(customer: Customer, db: Database) -> None:
    """Though the rest of the order would pay for it."""
    order, _, ticket = await paid_order(customer, price=500)
    await give_back(customer, order, LineQuantities({line_of(order, ticket): 1}))
    with pytest.raises(NothingToRefund):
        await give_back(customer, order, LineQuantities({line_of(order, ticket): 2}), key="refund-2")
    assert (await customer.order(order))["refunded"] == 500


async def test_a_free_order_has_no_money_to_give_back(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 10, price=0)).id
    order = await customer.order_at_once(ticket)
    with pytest.raises(NothingToRefund):
        await give_back(customer, order, Amount(1))


async def test_something_free_comes_back_from_a_paid_order(customer: Customer, db: Database) -> None:
    order, _, ticket = await paid_order(customer, price=0)
    after = await give_back(customer, order, LineQuantities({line_of(order, ticket): 1}))
    assert (after["state"], after["refunded"]) == ("paid", 0)
    assert (await reserved(db, ticket), await sql(db, "SELECT * FROM refund")) == ([1], [])


async def test_what_came_back_is_written_down(customer: Customer, db: Database) -> None:
    order, shirt, ticket = await paid_order(customer, price=0)
    shirt_line, ticket_line = line_of(order, shirt), line_of(order, ticket)
    await give_back(customer, order, LineQuantities({shirt_line: 1, ticket_line: 1}))
    await give_back(customer, order, LineQuantities({ticket_line: 1}), key="refund-2")
    ((refund,),) = await sql(db, "SELECT id FROM refund")
    (first, second) = await sql(db, "SELECT key, reason, actor, amount, refund_id FROM order_refund ORDER BY id")
    assert first == ("refund-1", "asked for", "manager@example.org", 2500, refund)
    assert second == ("refund-2", "asked for", "manager@example.org", 0, None)
    lines = await sql(db, "SELECT order_line_id, quantity FROM order_refund_line ORDER BY order_refund_id")
    assert sorted(lines[:2]) == sorted([(shirt_line, 1), (ticket_line, 1)])
    assert lines[2:] == [(ticket_line, 1)]


async def test_the_whole_is_what_has_not_come_back_yet(customer: Customer, db: Database) -> None:
    order, shirt, ticket = await paid_order(customer)
    await give_back(customer, order, LineQuantities({line_of(order, shirt): 1}))
    after = await give_back(customer, order, Whole(), key="refund-2")
    assert (after["state"], after["refunded"]) == ("refunded", 8500)
    assert await reserved(db, shirt) + await reserved(db, ticket) == [0, 0]
    letters = [str(each.get_body(("plain",)).get_content()) for each in mails_about(order)]
    (told,) = [each for each in letters if "€60.00" in each and "refunded" in each]
    assert "2 × Live · Standing" in told
    assert "Shirt" not in told


async def test_shipping_comes_back_with_the_whole_alone(
    customer: Customer, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "apps.checkout.queue.sale_rules.settings", msgspec.structs.replace(settings, shipping_price=490)
    )
    async with db.begin() as session:
        shirt = (await make_shirt(session)).id
    address = {"line1": "Quay 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    order = await customer.pay(await customer.order_at_once(shirt, delivery="ship", address=address))
    after = await give_back(customer, order, LineQuantities({line_of(order, shirt): 1}))
    assert (after["state"], after["refunded"], after["total"]) == ("paid", 2500, 2990)
    after = await give_back(customer, order, Whole(), key="refund-2")
    assert (after["state"], after["refunded"]) == ("refunded", 2990)


async def test_an_unpaid_order_has_nothing_to_give_back(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = await make_shirt(session)
    order = await customer.order_at_once(shirt.id)
    with pytest.raises(NotPaid):
        await give_back(customer, order, Whole())


async def test_what_comes_back_before_it_is_delivered_is_not_delivered(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt, ticket = await make_shirt(session, price=0), await make_tickets(session, 10, price=0)
    lines = [{"offer": str(shirt.id)}, {"offer": str(ticket.id), "quantity": 2}]
    order = await customer.check_out(lines=lines)
    after = await give_back(
        customer, order, LineQuantities({line_of(order, shirt.id): 1, line_of(order, ticket.id): 1})
    )
    assert shipments_of(after) == []
    assert [each["state"] for each in tickets_of(after)] == ["valid"]
    assert await reserved(db, shirt.id) + await reserved(db, ticket.id) == [0, 1]


async def test_what_left_the_house_is_not_sold_again(customer: Customer, db: Database) -> None:
    order, shirt, _ = await paid_order(customer)
    await sql(db, "UPDATE shipment SET state = 'picked_up'")
    after = await give_back(customer, order, Whole())
    assert (after["state"], after["refunded"]) == ("refunded", 8500)
    assert [each["state"] for each in shipments_of(after)] == ["picked_up"]
    assert await reserved(db, shirt) == [1]
    await customer.order_at_once(shirt, status=409)


async def test_pieces_before_and_after_the_parcel_left_are_counted_apart(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        shirt = (await make_shirt(session, stock=5)).id
    order = await customer.pay(await customer.order_at_once(shirt, 5))
    await give_back(customer, order, LineQuantities({line_of(order, shirt): 2}), key="before")
    await sql(db, "UPDATE shipment SET state = 'picked_up'")
    await give_back(customer, order, LineQuantities({line_of(order, shirt): 3}), key="after")
    assert await reserved(db, shirt) == [3]


async def test_the_same_key_refunds_another_order_too(customer: Customer, db: Database) -> None:
    async with db.begin() as session:
        ticket = (await make_tickets(session, 4)).id
    for _ in range(2):
        order = await customer.pay(await customer.order_at_once(ticket))
        assert (await give_back(customer, order, Whole(), key="concert cancelled"))["state"] == "refunded"
    assert await reserved(db, ticket) == [0]
