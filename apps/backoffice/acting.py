"""Verbs: GET asks whether it shall be done and tells what it affects; POST does it, with all rows or with none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqladmin.authorization import Action
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from wtforms import Form

from apps.backoffice.editing import work_of
from apps.backoffice.forms import keep_untouched
from apps.backoffice.list_query import query_of, read_asked
from apps.backoffice.once import keep_place, key_of, place_before
from apps.backoffice.pages import form_page, led_to
from apps.backoffice.panels import Panel
from apps.backoffice.places import list_place, row_place
from apps.backoffice.references import name_references, resolve
from apps.backoffice.requests import db_of, id_of, posted
from apps.backoffice.verbs import Verb, Work
from apps.backoffice.views import View
from apps.core.errors import AppError, NotFound
from apps.core.i18n import lazy as _
from apps.core.idempotency import RequestKey

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice

MOST_AT_ONCE = 100
SEEN = "seen"
LONGEST_QUERY = 2000


class NoneChosen(AppError):
    status = 422
    type = "none-chosen"
    message = _("Choose at least one from the list, and at most 100.")


class NotForThis(AppError):
    status = 409
    type = "not-for-this"
    message = _("This cannot be done with “{name}” as it is now.")


class Unseen(Exception):
    """What would change was not shown yet, or is another by now."""

    def __init__(self, previews: Sequence[Panel]) -> None:
        super().__init__()
        self.previews = previews


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
        said = dict(parse_qsl(str(self.values.get("list", ""))[:LONGEST_QUERY]))
        return query_of(read_asked(self.view, said))

    def refuse_wrong_number(self) -> None:
        if not 0 < len(self.pks) <= (MOST_AT_ONCE if self.verb.many else 1):
            raise NoneChosen

    async def rows(self, session: AsyncSession) -> Sequence[Any]:
        """Raises NoneChosen, NotFound."""
        self.refuse_wrong_number()
        return await self.view.find_many(session, self.pks)


async def act(office: "BackOffice", request: Request) -> Response:
    view = office.view_for(request, Action.LIST)
    verb = view.verb(request.path_params["verb"])
    office.refuse_unless(request, view, f"do:{verb.name}")
    if request.method == "GET":
        form = verb.form() if verb.form else None
        return await _ask(VerbRequest(office, request, view, verb, form, request.query_params))
    typed = await posted(request)
    form = verb.form(typed) if verb.form else None
    return await _do(VerbRequest(office, request, view, verb, form, typed), key_of(request, typed))


async def _ask(asked: VerbRequest, *, error: AppError | None = None, previews: Sequence[Panel] = ()) -> Response:
    view, verb = asked.view, asked.verb
    async with db_of(asked.request).begin() as session:
        rows = await asked.rows(session)
        await _fill_in(session, asked, rows)
        concerned = [row for row in rows if verb.is_dangerous or verb.concerns(row)]
        hanging = await view.hanging(session, concerned, asked.request) if concerned else {}
    words = {"view": view, "verb": verb, "rows": rows, "hanging": hanging}
    words |= {"previews": previews, "seen": seen_of(previews)}
    way_back = {"query": urlencode(asked.listed), "back": _back(asked, rows)}
    return form_page(asked.office, asked.request, verb.template, asked.form, error=error, **words, **way_back)


def _back(asked: VerbRequest, rows: Sequence[Any]) -> str:
    identity, is_of_one = asked.view.identity, len(rows) == 1 and not asked.listed
    return row_place(identity, rows[0]) if is_of_one else list_place(identity, **asked.listed)


async def _fill_in(session: AsyncSession, asked: VerbRequest, rows: Sequence[Any]) -> None:
    if asked.form:
        for row in rows:
            await asked.view.prepare_verb(session, asked.verb, asked.form, row)
        await name_references(session, asked.form, asked.office.views_for(asked.request))


async def _do(asked: VerbRequest, key: RequestKey) -> Response:
    try:
        place = await _done(asked, key, await _prepared(asked))
    except Unseen as unseen:
        return await _ask(asked, previews=unseen.previews)
    except Exception as error:
        refused = asked.office.refusal_of(asked.request, error)
        if isinstance(refused, NoneChosen | NotFound):
            raise
        return await _ask(asked, error=refused)
    return led_to(place)


async def _prepared(asked: VerbRequest) -> Mapping[UUID, Any]:
    before, ids = asked.verb.before, filter(None, map(id_of, asked.pks))
    if before is None:
        return {}
    asked.refuse_wrong_number()
    return {id: await before(db_of(asked.request), id, asked.form) for id in ids}


async def _done(asked: VerbRequest, key: RequestKey, prepared: Mapping[UUID, Any]) -> str:
    """In one transaction, and once. Where it leads to."""
    async with db_of(asked.request).begin() as session:
        if before := await place_before(session, key):
            return before
        rows = await asked.rows(session)
        if asked.form:
            await resolve(session, asked.form, asked.office.views_for(asked.request))
        work = replace(work_of(asked.request, session, key.id), rows=len(rows), prepared=prepared)
        in_order = sorted(rows, key=lambda row: row.id)  # so that two at once do not lock one another out
        await _refuse_unseen(work, asked, in_order)
        place = _place_after(asked, [await _do_one(work, asked, row) for row in in_order])
        await keep_place(session, key, place)
        return place


async def _refuse_unseen(work: Work, asked: VerbRequest, rows: Sequence[Any]) -> None:
    """Raises Unseen, and whatever the verb would raise."""
    if asked.verb.preview is None:
        return
    previews = []
    for row in rows:
        if asked.form:
            await asked.view.prepare_verb(work.session, asked.verb, asked.form, row)
        previews.append(await asked.verb.preview(work, row, asked.form))
    if not (seen := seen_of(previews)) or seen != asked.values.get(SEEN):
        raise Unseen(previews)


def seen_of(previews: Sequence[Panel]) -> str:
    """Tells one set of changes from another; empty where there is none."""
    rows = [[str(cell) for cell in row] for panel in previews for row in panel.rows]
    return sha256(repr(rows).encode()).hexdigest() if rows else ""


async def _do_one(work: Work, asked: VerbRequest, row: Any) -> Any:
    """The row to go on with."""
    view, verb, form = asked.view, asked.verb, asked.form
    if not verb.applies(row):
        raise NotForThis(name=view.label(row))
    if form:
        await _prepare(work, asked, form, row)
    made = await verb.run(work, row, form)
    return made if isinstance(made, view.model) else row


async def _prepare(work: Work, asked: VerbRequest, form: Form, row: Any) -> None:
    await asked.view.prepare_verb(work.session, asked.verb, form, row)
    if work.rows == 1 and asked.verb.form:
        shown = asked.verb.form()
        await asked.view.prepare_verb(work.session, asked.verb, shown, row)
        keep_untouched(form, shown)


def _place_after(asked: VerbRequest, done: Sequence[Any]) -> str:
    identity, verb = asked.view.identity, asked.verb
    if len(done) == 1 and not verb.ends_row:
        return row_place(identity, done[0], done=verb.name)
    return list_place(identity, **asked.listed, done=verb.name)
