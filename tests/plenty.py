"""A band with as many rows of every kind as a test asks for, each with rows that belong to it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.accounts.models import (
    ApiKey,
    Entitlement,
    Role,
    SessionKind,
    SignIn,
    SignInMethod,
    SignInResult,
    User,
    UserAddress,
    UserRole,
    UserSession,
)
from apps.accounts.repositories import keep_password
from apps.concerts.models import Concert, Tour, Venue
from apps.core.db.bulk import insert_rows
from apps.inventory.models import MovementReason, Pool, StockMovement
from apps.invoices.issuing.numbers import take_numbers
from apps.invoices.repositories import INVOICES
from apps.orders.models import OfferPool, OfferPrice, OrderLine
from apps.orders.repositories import ORDERS
from apps.payments.books.models import Account, Cause
from apps.payments.books.transfers import Entry, write
from apps.shop.models import MERCH, Category, Product, ProductImage, Variant
from apps.shop.withdrawals.models import Withdrawal, WithdrawalLine, WithdrawalState
from apps.webhooks.models import (
    DeliveryState,
    Disabled,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from tests.factories import make_concert, make_pool, make_shirt, make_ticket_type
from tests.invoices.rows import row
from tests.journeys.customer import Customer
from tests.staff import SOME_HASH

ADDRESS = {"line1": "Quay 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
RUSSIAN = {"ru": {"title": "По-русски"}}


@dataclass
class Plenty:
    """The first product, concert and pool, the cart and the last order have a part for every row."""

    customer: Customer
    signed_in: dict[str, str]
    rows: int = 0
    offers: list[str] = field(default_factory=list)
    order: str = ""
    product: Product = field(init=False)
    concert: Concert = field(init=False)
    pool: Pool = field(init=False)
    user: User = field(init=False)

    @property
    def headers(self) -> dict[str, str]:
        """Of who placed the orders, and has the cart."""
        return {**self.signed_in, "Cart-Token": self.customer.token or ""}

    @property
    def names(self) -> dict[str, object]:
        """For the gaps in a path."""
        return {
            "product": self.product.id,
            "product_slug": self.product.slug,
            "concert": self.concert.id,
            "concert_slug": self.concert.slug,
            "pool": self.pool.id,
            "order": self.order,
            "user": self.user.id,
        }

    async def grow(self, rows: int) -> None:
        for _ in range(rows):
            self.rows += 1
            async with self.customer.db.begin() as session:
                await self._add_person(session)
                await self._add_api_keys(session)
                await self._add_visits(session)
                shirt, concert = await self._add_shirt(session), await self._add_concert(session)
                await self._add_parts(session, shirt, concert)
                await self._add_webhook(session)
                await self._add_payout(session)
            await self._buy(shirt)
        await self.customer.jobs()
        await self._invoice()
        await self._withdraw()

    async def _withdraw(self) -> None:
        """From each line of merch."""
        async with self.customer.db.begin() as session:
            done = select(WithdrawalLine.order_line_id)
            left = select(OrderLine).where(OrderLine.kind == MERCH, OrderLine.id.not_in(done))
            for line in (await session.scalars(left)).all():
                facts = {"order_number": "A", "name": "Ada", "email": "fan@example.org", "statement": "I withdraw"}
                withdrawal = Withdrawal(order_id=line.order_id, key=uuid7(), state=WithdrawalState.open, **facts)
                session.add(withdrawal)
                await session.flush()
                session.add(WithdrawalLine(withdrawal_id=withdrawal.id, order_line_id=line.id, quantity=1))
                await session.flush()

    async def _invoice(self) -> None:
        """Every order."""
        async with self.customer.db.transaction() as connection:
            left = select(ORDERS.c.id).where(ORDERS.c.id.not_in(select(INVOICES.c.order_id)))
            orders = (await connection.scalars(left)).all()
            numbers = (await take_numbers(connection, {"INV-2026": len(orders)}))["INV-2026"]
            rows = [row(order, "INV-2026", serial) for order, serial in zip(orders, numbers, strict=True)]
            await insert_rows(connection, INVOICES, rows)

    async def _add_person(self, session: AsyncSession) -> None:
        role = Role(name=f"role-{self.rows}", title="Role", permissions=["orders.view"])
        user = User(email=f"{self.rows}@example.org", locale="en")
        session.add_all([role, user])
        await session.flush()
        await keep_password(session, user.id, SOME_HASH)
        session.add(UserRole(user_id=user.id, role_id=role.id))
        if self.rows == 1:
            self.user = user
        session.add(Entitlement(user_id=self.user.id, key=f"club.{self.rows}", source="staff"))

    async def _add_api_keys(self, session: AsyncSession) -> None:
        """One of the band, and one of each user; the first of them is who is signed in."""
        users = await session.scalars(select(User.id).order_by(User.id))
        for user_id in (None, *users):
            facts = {"name": f"Key {self.rows}", "prefix": "bl_abcdefgh", "permissions": ["orders.view"]}
            session.add(ApiKey(user_id=user_id, key_hash=uuid7().bytes * 2, **facts))

    async def _add_visits(self, session: AsyncSession) -> None:
        """A session, an attempt to sign in and an address of each user."""
        for user_id in await session.scalars(select(User.id)):
            ends = datetime.now(UTC) + timedelta(days=1)
            session.add(UserSession(user_id=user_id, kind=SessionKind.api, program="Tests", expires_at=ends))
            facts = {"kind": SessionKind.api, "method": SignInMethod.password, "result": SignInResult.wrong_password}
            session.add(SignIn(user_id=user_id, **facts))
            session.add(UserAddress(user_id=user_id, name=f"Ada {self.rows}", address=ADDRESS))

    async def _add_payout(self, session: AsyncSession) -> None:
        """Of a currency of its own, so that it has balances of its own."""
        entry = Entry("demo", f"X{self.rows:02}".translate(LETTERS), None, date(2026, 12, 1))
        row = entry.row(f"payout:demo:{self.rows}", Cause.payout, (Account.bank, Account.provider), 100)
        await write(await session.connection(), [row])

    async def _add_webhook(self, session: AsyncSession) -> None:
        """That is disabled, with something that was sent to it before."""
        facts = {"nonce": bytes(16), "key_id": bytes(8), "disabled": Disabled.gone}
        endpoint = WebhookEndpoint(url=f"https://example.org/{self.rows}", **facts)
        message = WebhookMessage(type="ping", thing=uuid7(), body="{}")
        session.add_all([endpoint, message])
        await session.flush()
        delivery = WebhookDelivery(
            endpoint_id=endpoint.id, message_id=message.id, type="ping", thing=message.thing, state=DeliveryState.failed
        )
        session.add(delivery)
        await session.flush()
        session.add(WebhookAttempt(delivery_id=delivery.id, milliseconds=10, status=410, answer="Gone"))

    async def _add_shirt(self, session: AsyncSession) -> Variant:
        """With a category of its own, a picture and another language."""
        shirt = await make_shirt(session, price=0)
        shirt.product.category = Category(slug=f"shirts-{self.rows}", title="Shirts", translations=RUSSIAN)
        shirt.product.translations = RUSSIAN
        session.add(ProductImage(product_id=shirt.product.id, source_url="/static/media/no-picture.svg"))
        return shirt

    async def _add_concert(self, session: AsyncSession) -> Concert:
        """With a venue, a tour and a ticket type of its own."""
        concert = await make_concert(session)
        tour = Tour(slug=f"tour-{self.rows}", title="Tour", translations=RUSSIAN)
        session.add(tour)
        await session.flush()
        concert.tour_id, concert.translations = tour.id, RUSSIAN
        venue = await session.get_one(Venue, concert.venue_id)
        venue.latitude, venue.longitude = 52, 13
        await make_ticket_type(session, {(await make_pool(session, 100)).id: 1}, concert=concert, price=0)
        return concert

    async def _add_parts(self, session: AsyncSession, shirt: Variant, concert: Concert) -> None:
        if self.rows == 1:
            self.product, self.concert, self.pool = shirt.product, concert, await make_pool(session, 100)
        variant = Variant(title="Shirt", options=[str(self.rows)], product_id=self.product.id)
        variant.prices = [OfferPrice(currency=currency, amount=1) for currency in ("EUR", "USD")]
        variant.allocation = [OfferPool(pool_id=pool.id) for pool in (self.pool, await make_pool(session, 100))]
        session.add(variant)
        ticket_type = await make_ticket_type(session, {self.pool.id: 1}, concert=self.concert, price=0)
        self.offers.append(str(ticket_type.id))
        session.add(StockMovement(pool_id=self.pool.id, delta=1, reason=MovementReason.received, actor="test"))

    async def _buy(self, shirt: Variant) -> None:
        """The shirt goes into the cart; all there is is ordered, for nothing, and so paid at once."""
        await self.customer.add(shirt.id)
        self.offers.append(str(shirt.id))
        body = {
            "email": self.customer.email,
            "delivery": "pickup",
            "lines": [{"offer": offer, "quantity": 1} for offer in self.offers],
        }
        answer = await self.customer.client.post("/api/v1/checkout", json=body, headers=self.signed_in)
        assert answer.status_code == 201, answer.text
        self.order = answer.json()["number"]
