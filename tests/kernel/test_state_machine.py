"""Whatever happens to a shop, in whatever order: after every step its books balance."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from apps.checkout.cart_view import CART_KEY
from apps.checkout.paying.cancel import cancel, expire
from apps.checkout.paying.pay import start_payment
from apps.checkout.queue import hold_limits
from apps.checkout.queue.commands import ChangeLine, JoinCarts
from apps.checkout.refunds.refund import refund
from apps.checkout.refunds.scope import Amount, LineQuantities, Scope, Whole
from apps.core.jobs import JOBS
from apps.core.security.signing import unsign
from apps.inventory.release import release_expired
from apps.payments import providers
from apps.payments.apply_reports import apply_report
from apps.payments.models import PaymentState, RefundState
from apps.payments.providers import RefundReport, Report
from apps.payments.refunds import apply_refund_report
from tests.conftest import WORKER, recreate, url_of
from tests.factories import make_pool, make_shirt, make_ticket_type
from tests.journeys.customer import age_holds
from tests.kernel.bank import Bank
from tests.kernel.books import mistakes, over_share
from tests.kernel.world import World
from tests.races.stampede import adding, make_user, new_key, placing

EMAILS = st.sampled_from(["ada@example.org", "boris@example.org"])
ALLOCATIONS = st.dictionaries(st.integers(0, 2), st.sampled_from([1, 1, 2]), max_size=2)
QUANTITIES = st.sampled_from([1, 1, 2, 3])
NETWORKS = st.sampled_from([None, 1, 1, 2])
SHARES = {"held_per_network": 5, "held_per_network_in_all": 9, "held_per_customer": 6, "held_per_customer_in_all": 8}
"""Less than customers try to hold here."""
ANY = st.integers(0, 7)
"""Which one of those there are."""
TIMES = st.sampled_from([1, 2])
"""How often a job is run: a queue delivers at least once."""


class Kernel(RuleBasedStateMachine):
    url: str
    offers, carts, orders = (Bundle(name) for name in ("offers", "carts", "orders"))

    def __init__(self) -> None:
        super().__init__()
        self.bank = Bank()
        providers.register(self.bank)
        self.world = World(self.url, self.bank)
        self.db = self.world.db

    # What there is to sell

    @initialize(target=offers, capacities=st.tuples(*[st.integers(1, 12)] * 3), limit=st.sampled_from([None, 3]))
    def open_shop(self, capacities: tuple[int, ...], limit: int | None) -> object:
        self.users = [self.world.do(make_user(self.db, email)) for email in ("ada@example.org", "boris@example.org")]
        return multiple(*self.world.do(self._open_shop(capacities, limit)))

    async def _open_shop(self, capacities: tuple[int, ...], limit: int | None) -> list[UUID]:
        """A hall with a front of its own, and shirts."""
        async with self.db.begin() as session:
            hall, front = [(await make_pool(session, capacity)).id for capacity in capacities[:2]]
            shirt = await make_shirt(session, stock=capacities[2], max_per_order=4)
            self.pools = [hall, front, shirt.allocation[0].pool_id]
            standing = await make_ticket_type(session, {hall: 1}, max_per_customer=limit, max_per_order=4)
            seated = await make_ticket_type(session, {hall: 1, front: 1}, max_per_order=4)
            return [standing.id, seated.id, shirt.id]

    @rule(target=offers, allocation=ALLOCATIONS, price=st.sampled_from([0, 1, 999]))
    def make_offer(self, allocation: dict[int, int], price: int) -> UUID:
        """A family ticket, a bundle, a free place: any mix of what there is."""
        return self.world.do(self._make_offer({self.pools[n]: units for n, units in allocation.items()}, price))

    async def _make_offer(self, allocation: dict[UUID, int], price: int) -> UUID:
        async with self.db.begin() as session:
            return (await make_ticket_type(session, allocation, price=price, max_per_order=4)).id

    # What customers do

    @rule(target=carts, offer=offers, quantity=QUANTITIES, network=NETWORKS)
    def begin_cart(self, offer: UUID, quantity: int, network: int | None) -> object:
        cart = self.world.submit(adding(offer, quantity, network=network))
        return unsign(CART_KEY, cart["token"]).id if cart else multiple()

    @rule(cart=carts, offer=offers, quantity=QUANTITIES, network=NETWORKS)
    def add_to_cart(self, cart: UUID, offer: UUID, quantity: int, network: int | None) -> None:
        self.world.submit(adding(offer, quantity, cart=cart, network=network))

    @rule(cart=carts, n=ANY, quantity=st.integers(0, 4), network=NETWORKS)
    def change_cart(self, cart: UUID, n: int, quantity: int, network: int | None) -> None:
        lines = self.world.sql("SELECT id FROM cart_line WHERE cart_id = :cart ORDER BY id", cart=cart)
        if lines:
            self.world.submit(ChangeLine(new_key(), cart, lines[n % len(lines)].id, quantity, "en", network))

    @rule(cart=carts, n=st.integers(0, 1))
    def join_carts(self, cart: UUID, n: int) -> None:
        """Nothing is taken or let go by it, unless there is more than one order may have."""
        user = self.users[n]
        before = self._running(cart, user)
        joined = self.world.submit(JoinCarts(new_key(), cart, "en", user))
        assert joined is None or joined["trimmed"] or self._running(cart, user) == before

    def _running(self, cart: UUID, user: UUID) -> list[tuple[UUID, int]]:
        """What is held in this cart, if it may be opened, and in the user's."""
        return self.world.sql(
            """SELECT pool_id, sum(units) FROM hold JOIN cart ON cart.id = owner_id
            WHERE hold.expires_at > now() AND NOT placed
              AND (user_id = :user OR cart.id = :cart AND user_id IS NULL) GROUP BY 1 ORDER BY 1""",
            cart=cart,
            user=user,
        )

    @rule(offer=offers, quantity=QUANTITIES, network=NETWORKS, n=st.integers(0, 1))
    def add_to_own_cart(self, offer: UUID, quantity: int, network: int | None, n: int) -> None:
        self.world.submit(adding(offer, quantity, network=network, user=self.users[n]))

    @rule(target=orders, email=EMAILS, n=st.integers(0, 1))
    def place_own_cart(self, email: str, n: int) -> object:
        placed = self.world.submit(placing(email=email, user=self.users[n]))
        return self.world.order_id(placed) if placed else multiple()

    @rule(target=orders, cart=carts, email=EMAILS, network=NETWORKS)
    def place_cart(self, cart: UUID, email: str, network: int | None) -> object:
        placed = self.world.submit(placing(cart=cart, email=email, network=network))
        return self.world.order_id(placed) if placed else multiple()

    @rule(
        target=orders,
        lines=st.lists(st.tuples(offers, QUANTITIES), min_size=1, max_size=2),
        email=EMAILS,
        network=NETWORKS,
    )
    def place_lines(self, lines: list[tuple[UUID, int]], email: str, network: int | None) -> object:
        placed = self.world.submit(placing(*lines, email=email, network=network))
        return self.world.order_id(placed) if placed else multiple()

    @rule(n=ANY)
    def repeat_a_request(self, n: int) -> None:
        """With the same key: the same answer."""
        if self.world.answered:
            command, answer = self.world.answered[-1 - n % len(self.world.answered)]
            assert self.world.do(self.world.queue.submit(command)) == answer

    @rule(order=orders)
    def call_off(self, order: UUID) -> None:
        self.world.attempt(cancel(self.db, order, actor="customer"))

    # What happens to money

    @rule(order=orders)
    def ask_for_payment(self, order: UUID) -> None:
        self.world.attempt(start_payment(self.db, self.world.payments, order, provider="demo"))

    @rule(order=orders, n=ANY, short=st.sampled_from([0, 0, 0, 1]))
    def pay(self, order: UUID, n: int, short: int) -> None:
        """Also when the page was closed meanwhile: as with a transfer that takes its time."""
        self.ask_for_payment(order)
        if payment := self._payment(order, n):
            self.bank.pay(payment, short=short)

    @rule(order=orders, n=ANY)
    def hear_the_truth(self, order: UUID, n: int) -> None:
        if payment := self._payment(order, n):
            self._apply(self.bank.report(payment))

    @rule(order=orders, n=ANY, state=st.sampled_from(["pending", "failed", "cancelled"]))
    def hear_old_news(self, order: UUID, n: int, state: str) -> None:
        if payment := self._payment(order, n):
            self._apply(Report(payment, PaymentState(state), 0, "EUR"))

    @rule(order=orders, n=ANY)
    def hear_of_other_money(self, order: UUID, n: int) -> None:
        """Another currency than was asked for, or another amount than came already."""
        if payment := self._payment(order, n):
            is_confirmed = self.world.sql("SELECT captured > 0 FROM payment WHERE id = :id", id=payment)[0][0]
            self._apply(Report(payment, PaymentState.confirmed, 77_777, "EUR" if is_confirmed else "USD"))

    @rule()
    def lose_jobs(self) -> None:
        """As when somebody gives them up."""
        self.world.sql("DELETE FROM pgqueuer WHERE entrypoint IN ('checkout.settle', 'checkout.deliver')")

    @rule(order=orders, late=st.booleans(), times=TIMES)
    def pay_and_hear_of_it(self, order: UUID, late: bool, times: int) -> None:
        self.ask_for_payment(order)
        if late:
            self.expire(order)
        self.pay(order, 0, 0)
        self.hear_the_truth(order, 0)
        self.world.run_jobs(times=times)

    def _payment(self, order: UUID, n: int) -> UUID | None:
        """One of the order's payments, the newest first."""
        found = self.world.sql("SELECT id FROM payment WHERE owner_id = :order ORDER BY id DESC", order=order)
        return found[n % len(found)].id if found else None

    def _apply(self, report: Report | RefundReport) -> None:
        async def apply() -> None:
            async with self.db.begin() as session:
                if isinstance(report, Report):
                    await apply_report(session, report)
                else:
                    await apply_refund_report(session, report)

        self.world.do(apply())

    @rule(order=orders, n=ANY)
    def refund_whole(self, order: UUID, n: int) -> None:
        self._refund(order, Whole(), n)

    @rule(order=orders, line=ANY, quantity=QUANTITIES, n=ANY)
    def refund_pieces(self, order: UUID, line: int, quantity: int, n: int) -> None:
        lines = self.world.sql("SELECT id FROM order_line WHERE order_id = :order ORDER BY position", order=order)
        self._refund(order, LineQuantities({lines[line % len(lines)].id: quantity}), n)

    @rule(order=orders, minor=st.integers(1, 3000), n=ANY)
    def refund_amount(self, order: UUID, minor: int, n: int) -> None:
        self._refund(order, Amount(minor), n)

    def _refund(self, order: UUID, part: Scope, n: int) -> None:
        async def give_back() -> None:
            async with self.db.begin() as session:
                await refund(session, order, part, key=f"{order}:{n}", reason="asked for", actor="manager")

        self.world.attempt(give_back())

    @rule(n=ANY, arrives=st.booleans())
    def hear_of_a_refund(self, n: int, arrives: bool) -> None:
        waiting = self.world.sql("SELECT id FROM refund WHERE state = 'in_transit' ORDER BY id")
        if waiting:
            id = waiting[n % len(waiting)].id
            done = RefundReport(id, RefundState.done, str(id))
            self._apply(done if arrives else self.bank.fail_refund(id))

    # What time does, and those who work by it

    @rule(n=ANY, times=TIMES)
    def run_a_job(self, n: int, times: int) -> None:
        self.world.run_job(n, times=times)

    @rule(times=TIMES)
    def run_all_jobs(self, times: int) -> None:
        self.world.run_jobs(times=times)

    @rule(minutes=st.sampled_from([10, 50]))
    def let_carts_grow_old(self, minutes: int) -> None:
        self.world.do(age_holds(self.db, minutes))

    @rule()
    def sweep(self) -> None:
        async def free() -> None:
            async with self.db.transaction() as connection:
                await release_expired(connection)

        self.world.do(free())

    @rule(order=orders)
    def expire(self, order: UUID) -> None:
        self.world.sql("UPDATE orders SET pay_until = now() - interval '1 second' WHERE id = :id", id=order)
        self.world.do(expire(self.db, order))

    @rule()
    def chase(self) -> None:
        self.world.sql("UPDATE payment SET checked_at = checked_at - interval '3 minutes'")
        self.world.sql("UPDATE refund SET checked_at = checked_at - interval '3 minutes'")
        self.world.sql("UPDATE orders SET paid_at = paid_at - interval '3 minutes'")
        for name in ("payments.chase", "checkout.chase_undelivered"):
            self.world.do(JOBS[name].run(self.db, None))

    # What always holds

    @invariant()
    def books_balance(self) -> None:
        assert self.world.do(mistakes(self.db, done=False)) == []

    @invariant()
    def no_network_holds_more_than_its_share(self) -> None:
        of_pool, in_all = SHARES["held_per_network"], SHARES["held_per_network_in_all"]
        assert self.world.do(over_share(self.db, of_pool=of_pool, in_all=in_all)) == []

    @invariant()
    def no_more_is_sent_back_than_came_in(self) -> None:
        for payment, captured in self.bank.captured.items():
            assert self.bank.sent_back(payment) <= captured

    def teardown(self) -> None:
        try:
            for _ in ("what was settled", "has to be delivered"):
                self.chase()
                self.world.run_jobs()
            assert self.world.do(mistakes(self.db, done=True)) == []
        finally:
            self.world.close()


@contextmanager
def providers_as_before() -> Iterator[None]:
    before = providers.provider_named("demo")
    try:
        yield
    finally:
        providers.register(before)


def test_the_books_of_the_kernel_always_balance(postgres: str, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold_limits, "settings", msgspec.structs.replace(hold_limits.settings, **SHARES))
    name = f"backline_machine_{WORKER}"
    asyncio.run(recreate(postgres, name, template=template))
    Kernel.url = url_of(postgres, name)
    bounded = settings(
        max_examples=40,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    with providers_as_before():
        run_machine(Kernel, settings=bounded)
