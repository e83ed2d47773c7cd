"""Which rows somebody wants something done with: those they ticked, or all that match their list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from wtforms import Form

from apps.backoffice.list_query import listing_of, query_of, read_asked
from apps.backoffice.lists import Asked, find_part, plan_anew
from apps.backoffice.verbs import AT_ONCE, TOGETHER, Verb
from apps.backoffice.views import View
from apps.core.errors import AppError, NotFound
from apps.core.i18n import lazy as _

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice

LONGEST_QUERY = 2000
ALL = "all"
"""The box beside "with the chosen ones": all that the list has, on all its pages."""


class NoneChosen(AppError):
    """`most`: how many there may be."""

    status = 422
    type = "none-chosen"
    message = _("Choose at least one from the list, and at most {most}.")


@dataclass(frozen=True, slots=True)
class VerbRequest:
    """A verb, and the rows that somebody wants it done with."""

    office: "BackOffice"
    request: Request
    view: View
    verb: Verb
    form: Form | None
    values: QueryParams | FormData

    @property
    def pks(self) -> Sequence[str]:
        return [str(pk) for pk in self.values.getlist("pks")]

    @property
    def listed(self) -> Mapping[str, str]:
        """The query of the list that they were chosen in: nothing but what such a list can be asked for."""
        return query_of(self._list)

    @property
    def _list(self) -> Asked:
        return read_asked(self.view, dict(parse_qsl(str(self.values.get("list", ""))[:LONGEST_QUERY])))

    def refuse_wrong_number(self) -> None:
        if not 0 < len(self.pks) <= self.verb.most:
            raise NoneChosen(most=TOGETHER if self.verb.run_together else AT_ONCE)

    def missing(self, rows: Sequence[Any]) -> int:
        """How many that were chosen are not there any more."""
        return len(set(self.pks)) - len(rows)

    async def rows(self, session: AsyncSession) -> Sequence[Any]:
        """Those that are still there. Raises NoneChosen, NotFound."""
        self.refuse_wrong_number()
        return await self.view.find_many(session, self.pks)

    async def rows_to_ask_about(self, session: AsyncSession) -> tuple[Sequence[Any], bool]:
        """With whether there are more that match than can be done at once. The same statements for many as for few."""
        if not (self.verb.many and self.values.get(ALL)):
            return await self.rows(session), False
        await plan_anew(session)
        found, next = await find_part(session, listing_of(self.view, self._list), after="", size=self.verb.most)
        if not found:
            raise NotFound
        return await self.view.find_many(session, [str(row.id) for row in found]), next is not None
