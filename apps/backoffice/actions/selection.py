"""The rows that an action is run on: those that are ticked, or all that match the list's filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from wtforms import Form

from apps.backoffice.actions.action import AT_ONCE, TOGETHER, Action
from apps.backoffice.lists.pages import Listing, ListQuery, Sort, counted, find_part, plan_anew
from apps.backoffice.lists.query import narrowed, params_of, read_query
from apps.backoffice.urls import action_url
from apps.backoffice.views.base import View
from apps.backoffice.views.registry import ViewRegistry
from apps.core.errors import AppError, NotFound
from apps.core.text.i18n import lazy as _

LONGEST_QUERY = 2000
ALL = "all"
"""The box beside "with the chosen ones": all that the list has, on all its pages."""


class NoneChosen(AppError):
    """`most`: how many there may be."""

    status = 422
    type = "none-chosen"
    message = _("Select at least one row, and at most {most}.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """`rest` is the place in the list where the next ones begin, empty after the last; of `count` that match."""

    rows: Sequence[Any]
    rest: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """An action, and the rows that somebody wants it done with."""

    views: ViewRegistry
    request: Request
    view: View
    action: Action
    form: Form | None
    values: QueryParams | FormData

    @property
    def pks(self) -> Sequence[str]:
        return [str(pk) for pk in self.values.getlist("pks")]

    @property
    def listed(self) -> Mapping[str, str]:
        """The query of the list that they were chosen in: nothing but what such a list can be asked for."""
        return params_of(self._list)

    @property
    def _list(self) -> ListQuery:
        return read_query(self.view, dict(parse_qsl(str(self.values.get("list", ""))[:LONGEST_QUERY])))

    @property
    def is_about_none(self) -> bool:
        return not self.pks and not (self.action.many and self.values.get(ALL))

    def refuse_wrong_number(self) -> None:
        if not 0 < len(self.pks) <= self.action.most:
            raise NoneChosen(most=TOGETHER if self.action.run_together else AT_ONCE)

    def missing(self, rows: Sequence[Any]) -> int:
        """How many that were chosen are not there any more."""
        return len(set(self.pks)) - len(rows)

    async def rows(self, session: AsyncSession) -> Sequence[Any]:
        """Those that are still there. Raises NoneChosen, NotFound."""
        self.refuse_wrong_number()
        return await self.view.find_many(session, self.pks)

    async def rows_to_ask_about(self, session: AsyncSession) -> Chosen:
        """The same statements for many as for few."""
        if self.action.many and self.values.get(ALL):
            return await self._all_from(session, after=str(self.values.get("after", ""))[:LONGEST_QUERY])
        count = str(self.values.get("count", ""))[:9]
        return Chosen(await self.rows(session), self.rest, int(count) if count.isdecimal() else 0)

    async def _all_from(self, session: AsyncSession, *, after: str) -> Chosen:
        """By their ids, because the action may change what the list is sorted by. Raises NotFound, BadCursor."""
        id, found = self.view.model.id, narrowed(self.view, self._list)
        await plan_anew(session)
        listing = Listing(found, Sort(id, UUID, is_descending=True), id, self._list)
        part, rest = await find_part(session, listing, after=after, size=self.action.most)
        if not part:
            raise NotFound
        count = await session.scalar(select(counted(found))) or 0
        return Chosen(await self.view.find_many(session, [str(row.id) for row in part]), rest or "", count)

    @property
    def rest(self) -> str:
        """Of those that were asked about when the form was made."""
        return str(self.values.get("rest", ""))[:LONGEST_QUERY]

    def url_of(self, rest: str) -> str:
        """Where the action asks about those that match and were more than are done at once; empty without any."""
        query = {ALL: "yes", "list": urlencode(self.listed), "after": rest}
        return action_url(self.view.identity, self.action.name, **query) if rest else ""
