"""A kind of thing to sell: what happens to it once it is paid for, and what its customer sees of it then.

Each app that sells has one in its `fulfilment.py`, as FULFILMENT. Nobody above it, and nobody here, knows it by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, false, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from apps.core.installed import modules
from apps.core.text.i18n import Lazy
from apps.orders.kinds.order_extension import OrderExtension
from apps.orders.kinds.parts import Part
from apps.orders.models import Offer, OrderLine
from apps.orders.repositories import ORDER_LINES, ORDERS


@dataclass(frozen=True, slots=True)
class Delivery:
    """An order to hand over, as its columns, and some of its lines."""

    order: Row[Any]
    lines: Sequence[Row[Any]]

    @staticmethod
    def quantity(line: Row[Any]) -> int:
        """What is left of it to hand over."""
        quantity: int = line.quantity - line.refunded_quantity
        return quantity


class Fulfilment(ABC):
    """What the app of a kind does for the lines of its kind. What a kind has no use for, it leaves as it is here."""

    kind: ClassVar[str]
    name: ClassVar[Lazy]
    on_sale: ClassVar[Lazy]
    """What those that can be bought are called together: "Merch on sale"."""
    rank: ClassVar[int] = 100
    """Where it stands among the kinds, wherever people see several; the lowest first."""
    part: ClassVar[type[Part] | None] = None
    parent: ClassVar[str]
    """What its offers belong to, as addresses name it: "concert". Ids of that find orders."""
    order_template: ClassVar[str] = ""
    """Shows the `parts` of the kind on the page of their `order`; it gets `words` besides."""
    mail_template: ClassVar[str] = ""
    """The same in the mail about what was delivered, without the ending: .txt and .html."""
    extension: ClassVar[OrderExtension]

    @abstractmethod
    def offers(self) -> Select[Any]:
        """(`offer_id`, `parent_id`) of all its offers."""

    def not_to_give(self) -> Select[Any]:
        """Ids of its offers that are not even given away: in the archive, or cancelled."""
        return select(Offer.id).where(false())

    def past(self) -> Select[Any]:
        """Ids of its offers that nobody looks for any more, though they may still be given away."""
        return select(Offer.id).where(false())

    async def closed(self, connection: AsyncConnection, offers: Collection[UUID]) -> Collection[UUID]:
        """Those of its offers that no money may be taken for any more.

        What is answered stays true until the end of the transaction.
        """
        return ()

    @abstractmethod
    async def deliver(self, connection: AsyncConnection, deliveries: Sequence[Delivery]) -> None:
        """Once, of what was not refunded; the orders are locked, and their lines are of this kind."""

    @abstractmethod
    async def take_back(self, session: AsyncSession, line: OrderLine, quantity: int) -> int:
        """Undo the delivery of `quantity` pieces; returns how many can be sold again. The order is locked."""

    async def renew_codes(self, session: AsyncSession, order_id: UUID) -> None:
        """Codes that were mailed become invalid, and new ones replace them."""
        return

    async def send_elsewhere(self, session: AsyncSession, order_id: UUID, address: Mapping[str, Any] | None) -> None:
        """What is not sent yet goes to the corrected address of the customer."""
        return

    async def parts(
        self,
        connection: AsyncConnection,
        order_id: UUID,
        titles: Mapping[UUID, str],
        *,
        locale: str,
        for_customer: bool,
    ) -> Sequence[Part]:
        """What the order consists of, in `locale`, called by the `titles` of its lines.

        What lets people in is only for the customer.
        """
        return ()

    def own(self, parts: Sequence[Part]) -> list[Part]:
        return [each for each in parts if self.part and isinstance(each, self.part)]

    async def words(
        self, connection: AsyncConnection, order: Any, parts: Sequence[Part], *, locale: str
    ) -> Mapping[str, Any]:
        """What else `order_template` needs, from the order's columns; also before it is delivered."""
        return {}

    def time_zones(self, offers: Collection[UUID]) -> Select[tuple[str]] | None:
        """Time zones (IANA names) of the places where these offers take place."""
        return None

    async def offers_to_give(self, session: AsyncSession, parent_id: UUID) -> Sequence[UUID]:
        """All of this concert, this product: for who gives them away."""
        of_parent = self.offers().subquery()
        found = select(of_parent.c.offer_id).where(of_parent.c.parent_id == parent_id)
        return list(await session.scalars(found.where(of_parent.c.offer_id.not_in(self.not_to_give()))))


@cache
def fulfilments() -> tuple[Fulfilment, ...]:
    """One of each kind that is installed, in the order in which people see them."""
    return tuple(sorted((module.FULFILMENT for module in modules("fulfilment")), key=attrgetter("rank")))


def fulfilment_of(kind: str) -> Fulfilment:
    """Raises KeyError where the app of the kind is not installed any more."""
    return {each.kind: each for each in fulfilments()}[kind]


def fulfilments_of(lines: Collection[Any]) -> list[Fulfilment]:
    """Those of the kinds that are among the lines."""
    kinds = {line.kind for line in lines}
    return [each for each in fulfilments() if each.kind in kinds]


def holds_offer_of(kind: Fulfilment, parent_id: UUID) -> ColumnElement[bool]:
    """Of an order: whether it holds something of this concert, this product."""
    offers = kind.offers().subquery()
    mine = select(offers.c.offer_id).where(offers.c.parent_id == parent_id)
    return ORDERS.c.id.in_(select(ORDER_LINES.c.order_id).where(ORDER_LINES.c.offer_id.in_(mine)))


async def parents_of(session: AsyncSession, lines: Collection[Any]) -> dict[UUID, tuple[str, UUID]]:
    """By offer, what it belongs to: ("concert", id). A statement for each kind among the lines."""
    found: dict[UUID, tuple[str, UUID]] = {}
    for kind in fulfilments_of(lines):
        offers = kind.offers().subquery()
        mine = select(offers).where(offers.c.offer_id.in_({line.offer for line in lines}))
        found |= {row.offer_id: (kind.parent, row.parent_id) for row in await session.execute(mine)}
    return found
