"""What an app that sells adds to the orders in the back office."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.interfaces import ORMOption
from starlette.requests import Request
from wtforms import Form

from apps.backoffice.actions.action import Action
from apps.backoffice.formats import Formatter
from apps.backoffice.lists.filters import Filter
from apps.backoffice.panels import Panel
from apps.core.db.database import Base
from apps.core.text.i18n import Lazy
from apps.orders.kinds.parts import Part
from apps.orders.models import Offer, Order


@dataclass(frozen=True, slots=True)
class Column:
    """Of the list of orders: how it is called and shown."""

    title: Lazy
    formatter: Formatter


class OrderExtension:
    """Of one kind. `offer` is the model of its offers, `view` the identity of their view in the back office."""

    offer: ClassVar[type[Offer]]
    view: ClassVar[str]
    parent_name: ClassVar[Lazy]
    """What the list of orders calls the filter by what its offers belong to: "Concert"."""
    columns: ClassVar[Mapping[str, Column]] = {}
    """By the attribute of the rows that `complete` puts there."""
    filters: ClassVar[Sequence[Filter]] = ()
    actions: ClassVar[Sequence[Action]] = ()
    models: ClassVar[Sequence[type[Base]]] = ()
    """Whose changes are changes of the order."""
    delivered: ClassVar[Lazy]
    """What its history says of it when it was delivered."""
    sentences: ClassVar[Mapping[str, Lazy]] = {}
    """What its history says, by the action of the audit log."""
    states: ClassVar[Mapping[str, Mapping[Any, Lazy]]] = {}
    """What `{state}` is called in a sentence, by the action."""
    offer_options: ClassVar[Sequence[ORMOption]] = ()
    """What `offer_label` needs loaded."""

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        """Puts the columns on the rows of a list: one statement for all."""

    def impact(self, row: Any) -> Iterator[tuple[Lazy, Any]]:
        """How much of it goes with an order, for who is asked about something dangerous."""
        yield from ()

    def panels(self, parts: Sequence[Part], request: Request) -> Iterator[Panel]:
        """Of the order's page; `parts` are those of the kind."""
        yield from ()

    async def prepare_action(self, session: AsyncSession, action: Action, form: Form, row: Order) -> None:
        """Fills the form of one of its actions in."""

    def offer_label(self, offer: Any) -> str:
        """What it is called beside offers of other kinds."""
        return str(offer.title)

    def find_offers(self, words: str) -> Select[Any] | None:
        """Ids of those that the words find by more than their title."""
        return None
