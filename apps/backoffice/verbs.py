"""What can be done with rows besides changing their fields: announce, refund, archive. Asked first, then posted."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from wtforms import Form

from apps.accounts.permissions import Permission
from apps.accounts.person import Person
from apps.backoffice.panels import Panel
from apps.core.db import Database
from apps.core.i18n import Lazy


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One posted form: its transaction, who sent it, and a key that stays the same when it is sent twice.

    Of a verb: with how many `rows` it is done at once, and what its `before` has `prepared`, by the row's id.
    """

    session: AsyncSession
    person: Person
    key: UUID
    locale: str
    rows: int = 1
    prepared: Mapping[UUID, Any] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        return self.person.actor


Run = Callable[[Work, Any, Any], Awaitable[Any]]
Preview = Callable[[Work, Any, Any], Awaitable[Panel]]
Before = Callable[[Database, UUID, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """`run(work, row, form)` calls the service; `form` is what was asked for and filled in, if anything.

    `question` is what people are asked before, `applies` says for which rows it is offered. A verb for `many` is
    offered for selections in the list, too: then it is done with all of them, or with none. A dangerous one tells what
    hangs on the rows, any other what hangs on those that it `concerns`; after one that `ends_row` there is no row to
    show; one that makes another row returns that.
    With a `preview(work, row, form)` it is done once somebody has seen what it would change, as that is then: the first
    press shows it, and so does each after which it is another.
    `before(db, id, form)` is what may not wait within a transaction, as calls of providers; done twice it changes
    nothing. What it returns `run` finds in `work.prepared`.
    """

    name: str
    title: Lazy
    question: Lazy
    done: Lazy
    permission: Permission
    run: Run
    before: Before | None = None
    preview: Preview | None = None
    applies: Callable[[Any], bool] = lambda row: True
    concerns: Callable[[Any], bool] = lambda row: False
    form: type[Form] | None = None
    many: bool = False
    is_dangerous: bool = False
    ends_row: bool = False
    template: str = "backoffice/verb.html"
