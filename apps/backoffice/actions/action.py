"""An action on rows of the back office: announce, refund, archive. A page asks for confirmation, a POST runs it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.current_user import CurrentUser
from apps.accounts.permissions import Permission
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, locale_of
from apps.core.db.database import Database
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionContext:
    """One posted form: its transaction, who sent it, and a key that stays the same when it is sent twice.

    Of an action: with how many `rows` it is done at once, and what its `before` has `prepared`, by the row's id.
    """

    session: AsyncSession
    current_user: CurrentUser
    key: UUID
    locale: str
    rows: int = 1
    prepared: Mapping[UUID, Any] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        return self.current_user.actor


def context_of(request: Request, session: AsyncSession, key: UUID) -> ActionContext:
    return ActionContext(session=session, current_user=current_user_of(request), key=key, locale=locale_of(request))


AT_ONCE, TOGETHER = 100, 1000
"""How many rows an action is done with, one after the other or in as many statements as for one."""
Run = Callable[[ActionContext, Any, Any], Awaitable[Any]]
Preview = Callable[[ActionContext, Sequence[Any], Any], Awaitable[Sequence[Panel]]]
RunTogether = Callable[[ActionContext, Sequence[Any], Any], Awaitable[Collection[UUID]]]
Idle = Callable[[AsyncSession, Sequence[Any]], Awaitable[Collection[UUID]]]
Before = Callable[[Database, UUID, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`run(context, row, form)` calls the service; `form` is what was asked for and filled in, if anything.

    `question` is what people are asked before, `applies` says for which rows it is offered. An action for `many` is
    offered for selections in the list, too: those that it does not apply to are left out, which `needless` explains,
    and those that `run` refuses by what the refusal says. `run_together` does the same with many rows in as many
    statements as with one, and returns the ids of those that there was nothing to do with after all. `idle` finds
    these beforehand, where the rows themselves do not tell, in one statement.
    Of those that are offered at a row, the first that `is_next` stands out; the others are in a menu.
    A dangerous one shows the impact on the rows, any other that on the rows it `concerns`; after one that
    `ends_row` there is no row to show; one that makes another row returns that.
    With a `preview(context, rows, form)` it is done once somebody has seen what it would change, as that is then: the
    first press shows it, and so does each after which it is another.
    With `needs_proof` it is for who has shown a short while ago that it is them; others are asked first.
    `before(db, id, form)` is what may not wait within a transaction, as calls of providers; done twice it changes
    nothing. What it returns `run` finds in `context.prepared`.
    """

    name: str
    title: Lazy
    question: Lazy
    done: Lazy
    permission: Permission
    run: Run
    run_together: RunTogether | None = None
    before: Before | None = None
    preview: Preview | None = None
    applies: Callable[[Any], bool] = lambda row: True
    idle: Idle | None = None
    needless: Lazy = _("There is nothing to do.")
    concerns: Callable[[Any], bool] = lambda row: False
    form: type[Form] | None = None
    many: bool = False
    is_next: bool = False
    is_dangerous: bool = False
    ends_row: bool = False
    needs_proof: bool = False
    template: str = "backoffice/action.html"

    @property
    def most(self) -> int:
        """With how many rows it is done at once."""
        if not self.many:
            return 1
        return TOGETHER if self.run_together else AT_ONCE
