"""The same order from two sides at once: placed twice, paid twice, paid while it expires, refunded twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.paying.cancel import BeingPaid, cancel, expire
from apps.checkout.paying.settle import settle
from apps.checkout.queue.checkout_queue import execute, open_checkout_queue
from apps.checkout.queue.sale_rules import CustomerLimit
from apps.checkout.refunds.refund import refund
from apps.checkout.refunds.scope import LineQuantities, Whole
from apps.core.db.database import Database
from apps.core.http.idempotency import RequestKey
from apps.core.jobs import drain
from apps.orders.repositories import OrderRepository
from apps.payments.apply_reports import apply_report
from apps.payments.models import PaymentState
from apps.payments.providers import Report
from tests.factories import make_shirt
from tests.journeys.customer import Customer, make_overdue, reopen_at_provider, reserved, sql
from tests.kernel.books import mistakes
from tests.kernel.processes import somebody_waits, until
from tests.parts import tickets_of
from tests.payments.preparing import prepare
from tests.races.stampede import Shop, adding, cart_of, make_offer, names_of, new_key, placing, spread, stampede

pytestmark = pytest.mark.anyio


async def only_order(db: Database) -> UUID:
    ((order_id,),) = await sql(db, "SELECT id FROM orders")
    return order_id


class TestPlacing:
    async def test_a_customer_keeps_to_the_limit_at_two_processes(self, db: Database, shops: list[Shop]) -> None:
        """Of merch that is not counted: there is no pool at which one of them would wait for the other."""
        async with db.begin() as session:
            shirt = (await make_shirt(session, stock=None)).id
        await sql(db, "UPDATE offer SET max_per_customer = 1")
        async with db.transaction() as first:
            await execute(first, [placing((shirt, 1))])
            second = asyncio.create_task(shops[0].queue.submit(placing((shirt, 1))))
            await until(lambda: somebody_waits(db))
        with pytest.raises(CustomerLimit):
            await second

    async def test_a_cart_placed_by_many_at_once_is_one_order(self, db: Database, shops: list[Shop]) -> None:
        offer = await make_offer(db, 10)
        cart = cart_of(await shops[0].queue.submit(adding(offer, 2)))
        won, lost = await stampede(spread(shops, 12, lambda shop, _: shop.queue.submit(placing(cart=cart))))
        assert (len({answer.body for answer in won}), lost) == (1, [])
        assert len(await sql(db, "SELECT * FROM orders")) == 1
        assert await reserved(db, offer) == [2]

    async def test_one_key_in_many_processes_is_one_order(self, db: Database, shops: list[Shop]) -> None:
        offer = await make_offer(db, 10)
        command = placing((offer, 2), key=RequestKey(new_key().id, b"the same body"))
        won, lost = await stampede(spread(shops, 12, lambda shop, _: shop.queue.submit(command)))
        assert (len({answer.body for answer in won}), lost) == (1, [])
        assert await reserved(db, offer) == [2]

    async def test_adding_while_placing_never_changes_the_order(self, db: Database, shops: list[Shop]) -> None:
        offer = await make_offer(db, 100)
        cart = cart_of(await shops[0].queue.submit(adding(offer, 2)))
        adds = spread(shops, 6, lambda shop, _: shop.queue.submit(adding(offer, 1, cart=cart)))
        await stampede([*adds, shops[3].queue.submit(placing(cart=cart))])
        assert len(await sql(db, "SELECT * FROM orders")) == 1
        assert await reserved(db, offer) == [8]

    async def test_a_batch_whose_first_request_fails_serves_the_others(self, db: Database, shops: list[Shop]) -> None:
        offer = await make_offer(db, 3)
        queue = shops[0].queue
        poison = queue.submit(placing((offer, 1), email="a\0b@example.org"))
        outcomes = await asyncio.gather(
            poison, *(queue.submit(placing((offer, 1))) for _ in range(5)), return_exceptions=True
        )
        assert isinstance(outcomes[0], DBAPIError)
        assert len([each for each in outcomes[1:] if not isinstance(each, Exception)]) == 3
        assert await reserved(db, offer) == [3]
        assert len(await sql(db, "SELECT * FROM orders")) == 3

    async def test_a_commit_whose_answer_is_lost_is_not_done_again(self, db: Database, shops: list[Shop]) -> None:
        offer = await make_offer(db, 10)
        lossy = Lossy(db.url, pool_size=2)
        queue = open_checkout_queue(lossy)
        answers = await asyncio.gather(*(queue.submit(placing((offer, 1))) for _ in range(4)))
        await lossy.close()
        assert lossy.lost == 1
        assert len({answer.body for answer in answers}) == 4
        assert len(await sql(db, "SELECT * FROM orders")) == 4
        assert await reserved(db, offer) == [4]


class Lossy(Database):
    """The connection breaks right after the first COMMIT."""

    lost = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        async with super().transaction() as connection:
            yield connection
        if not self.lost:
            self.lost += 1
            raise ConnectionResetError


class TestPaying:
    async def test_two_payments_of_one_order_settle_as_one(self, db: Database, shops: list[Shop]) -> None:
        offer = await make_offer(db, 10)
        await shops[0].queue.submit(placing((offer, 2)))
        order = await only_order(db)
        payments = [await self.confirmed_payment(db, order) for _ in range(3)]

        await stampede(spread(shops, 12, lambda shop, n: self.settled(shop, order, payments[n % 3])))
        assert sorted(await sql(db, "SELECT refunded FROM payment")) == [(0,), (6000,), (6000,)]
        assert await sql(db, "SELECT state FROM orders") == [("paid",)]
        assert len(await sql(db, "SELECT * FROM ticket")) == 2

    @staticmethod
    async def confirmed_payment(db: Database, order: UUID) -> UUID:
        ((until, total),) = await sql(db, "SELECT pay_until, total FROM orders")
        async with db.begin() as session:
            payment = await prepare(await session.connection(), order, amount=total, pay_until=until)
            await apply_report(session, Report(payment.id, PaymentState.confirmed, total, "EUR"))
        await sql(db, "DELETE FROM pgqueuer")
        return payment.id

    async def test_one_payment_reported_by_many_at_once_is_settled_once(
        self, db: Database, shops: list[Shop], customer: Customer
    ) -> None:
        order = await customer.order_at_once(await make_offer(db, 10), 2)
        await customer.at_provider(await customer.start_payment(order), "pay")
        await asyncio.gather(*(drain(shop.db) for shop in shops))
        await customer.jobs()
        assert len(tickets_of(await customer.order(order))) == 2
        assert await mistakes(db, done=True) == []

    @pytest.mark.parametrize("late", [False, True])
    async def test_expiring_while_it_is_paid_ends_one_way_or_the_other(
        self, db: Database, shops: list[Shop], customer: Customer, late: bool
    ) -> None:
        offer = await make_offer(db, 100)
        orders = [await customer.order_at_once(offer, 2) for _ in range(8)]
        payments = [await customer.start_payment(order) for order in orders]
        for order, payment in zip(orders, payments, strict=True):
            await make_overdue(db, order)
            await reopen_at_provider(db, payment)
        ids = [row.id for row in await sql(db, "SELECT id FROM orders ORDER BY created_at")]

        async def pay(n: int) -> None:
            await customer.client.post(f"{payments[n]['pay_url']}/pay")
            if late:
                await drain(shops[n % 2].db)

        await asyncio.gather(*(expire(shops[n % 4].db, ids[n]) for n in range(8)), *(pay(n) for n in range(8)))
        await customer.jobs()
        states = [(await customer.order(order))["state"] for order in orders]
        assert set(states) <= {"paid", "expired"}
        assert await reserved(db, offer) == [2 * states.count("paid")]
        assert await mistakes(db, done=True) == []

    async def test_cancelling_while_it_is_paid_ends_one_way_or_the_other(
        self, db: Database, shops: list[Shop], customer: Customer
    ) -> None:
        offer = await make_offer(db, 100)
        orders = [await customer.order_at_once(offer) for _ in range(8)]
        payments = [await customer.start_payment(order) for order in orders]
        ids = [row.id for row in await sql(db, "SELECT id FROM orders ORDER BY created_at")]
        pays = [customer.client.post(f"{payment['pay_url']}/pay") for payment in payments]
        cancels = spread(shops, 8, lambda shop, n: cancel(shop.db, ids[n], actor="customer"))
        _, refused = await stampede([*cancels, *pays])
        await customer.jobs()
        states = [(await customer.order(order))["state"] for order in orders]
        assert (states.count("paid"), states.count("cancelled")) == (len(refused), 8 - len(refused))
        assert await mistakes(db, done=True) == []

    async def test_who_pays_while_the_order_is_called_off_keeps_it(
        self, db: Database, shops: list[Shop], customer: Customer
    ) -> None:
        """The page is opened after the open ones were closed, and before the order is let go."""
        order = await customer.order_at_once(await make_offer(db, 10))
        ((id, pay_until),) = await sql(db, "SELECT id, pay_until FROM orders")
        async with shops[0].db.begin() as session:
            await OrderRepository(session=session).lock(id)
            calling_off = asyncio.create_task(cancel(shops[1].db, id, actor="customer"))
            await until(lambda: somebody_waits(db))
            await prepare(await session.connection(), id, amount=order["total"], pay_until=pay_until)
        with pytest.raises(BeingPaid):
            await calling_off
        assert (await customer.pay(order))["state"] == "paid"

    async def test_late_payments_of_one_customer_keep_to_the_limit(
        self, db: Database, shops: list[Shop], customer: Customer
    ) -> None:
        """Of merch that is not counted: there is no pool at which one of them would wait for the other."""
        async with db.begin() as session:
            shirt = (await make_shirt(session, stock=None)).id
        await sql(db, "UPDATE offer SET max_per_customer = 3")
        late = [await self.late_payment(customer, shirt) for _ in range(2)]
        async with shops[0].db.begin() as session:
            await settle(session, order_id=late[0][0], payment_id=late[0][1])
            second = asyncio.create_task(self.settled(shops[1], *late[1]))
            await until(lambda: somebody_waits(db))
        await second
        await customer.jobs()
        assert await sql(db, "SELECT state FROM orders ORDER BY created_at") == [("paid",), ("expired",)]
        assert await sql(db, "SELECT refunded FROM payment ORDER BY created_at") == [(0,), (5000,)]
        assert await mistakes(db, done=True) == []

    @staticmethod
    async def late_payment(customer: Customer, offer: UUID) -> tuple[UUID, UUID]:
        """Of an order of two pieces that has expired: the order, and what came for it and is not settled."""
        order = await customer.order_at_once(offer, 2)
        payment = await customer.start_payment(order)
        await make_overdue(customer.db, order)
        await customer.by_the_clock("checkout.expire_unpaid")
        await reopen_at_provider(customer.db, payment)
        await customer.at_provider(payment, "pay")
        ((id, owner),) = await sql(
            customer.db, "SELECT id, owner_id FROM payment WHERE id = :id", id=payment["payment"]
        )
        async with customer.db.begin() as session:
            await apply_report(session, Report(id, PaymentState.confirmed, order["total"], "EUR"))
        await sql(customer.db, "DELETE FROM pgqueuer")
        return owner, id

    @staticmethod
    async def settled(shop: Shop, order: UUID, payment: UUID) -> None:
        async with shop.db.begin() as session:
            await settle(session, order_id=order, payment_id=payment)

    async def test_payments_asked_for_in_many_processes_are_one(
        self, db: Database, shops: list[Shop], customer: Customer
    ) -> None:
        order = await customer.order_at_once(await make_offer(db, 10))
        answers = await asyncio.gather(*(customer.start_payment(order) for _ in range(10)))
        assert len({answer["payment"] for answer in answers}) == 1
        assert len(await sql(db, "SELECT * FROM demo_checkout")) == 1


class TestRefunding:
    @pytest.fixture
    async def paid(self, db: Database, customer: Customer) -> dict:
        return await customer.pay(await customer.order_at_once(await make_offer(db, 10), 4))

    async def test_the_whole_order_refunded_by_many_goes_back_once(
        self, db: Database, shops: list[Shop], customer: Customer, paid: dict
    ) -> None:
        order = await only_order(db)
        await stampede(spread(shops, 8, lambda shop, n: self.refunds(shop, order, Whole(), n)))
        await customer.jobs()
        assert await sql(db, "SELECT captured, refunded FROM payment") == [(12000, 12000)]
        assert await mistakes(db, done=True) == []

    async def test_no_more_pieces_come_back_than_were_bought(
        self, db: Database, shops: list[Shop], customer: Customer, paid: dict
    ) -> None:
        order, line = await only_order(db), UUID(paid["lines"][0]["id"])
        won, lost = await stampede(
            spread(shops, 8, lambda shop, n: self.refunds(shop, order, LineQuantities({line: 1}), n))
        )
        assert (len(won), names_of(lost)) == (4, {"nothing-to-refund"})
        await customer.jobs()
        assert (await customer.order(paid))["state"] == "refunded"
        assert await mistakes(db, done=True) == []

    @staticmethod
    async def refunds(shop: Shop, order: UUID, part: Whole | LineQuantities, n: int) -> None:
        async with shop.db.begin() as session:
            await refund(session, order, part, key=f"refund-{n}", reason="asked for", actor="manager")
