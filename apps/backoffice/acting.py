"""Verbs: GET asks whether it shall be done and tells what it affects; POST does it, with all rows or with none."""

from typing import TYPE_CHECKING, Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7
from wtforms import Form

from apps.backoffice.editing import add_spare_rows, work_of
from apps.backoffice.forms import show_errors
from apps.backoffice.once import keep_place, key_of, place_before
from apps.backoffice.pages import page
from apps.backoffice.places import list_place, row_place
from apps.backoffice.requests import db_of, id_of, locale_of, posted
from apps.backoffice.verbs import Verb
from apps.backoffice.views import View, name_references, resolve
from apps.core.errors import AppError, Invalid, NotFound
from apps.core.i18n import lazy as _

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice

MOST_AT_ONCE = 100


class NoneChosen(AppError):
    status = 422
    type = "none-chosen"
    message = _("Choose at least one from the list, and at most 100.")


class NotForThis(AppError):
    status = 409
    type = "not-for-this"
    message = _("This cannot be done with “{name}” as it is now.")


async def act(office: "BackOffice", request: Request) -> Response:
    view = office.view_for(request, "list")
    verb = view.verb(request.path_params["verb"])
    office.refuse_unless(request, view, f"do:{verb.name}")
    if request.method == "GET":
        form = verb.form() if verb.form else None
        return await _ask(office, request, view, verb, form, request.query_params.getlist("pks"))
    typed = await posted(request)
    form = verb.form(typed) if verb.form else None
    return await _do(office, request, view, verb, form, typed)


async def _ask(
    office: "BackOffice",
    request: Request,
    view: View,
    verb: Verb,
    form: Form | None,
    pks: list[str],
    *,
    error: AppError | None = None,
) -> Response:
    locale = locale_of(request)
    async with db_of(request).begin() as session:
        rows = await _rows(session, view, verb, pks)
        if form:
            await _fill_in(office, session, view, verb, form, rows)
        hanging = [(row, await view.hanging(session, row)) for row in rows] if verb.is_dangerous else []
    problems = show_errors(form, error.details["errors"], locale) if form and isinstance(error, Invalid) else []
    if form:
        add_spare_rows(form)
    return page(
        request,
        verb.template,
        status=error.status if error else 200,
        menu=office.menu_for(request),
        view=view,
        verb=verb,
        rows=rows,
        hanging=hanging,
        form=form,
        once=uuid7().hex,
        error=error.sentence(locale) if error else "",
        problems=problems,
    )


async def _fill_in(office: "BackOffice", session: Any, view: View, verb: Verb, form: Form, rows: Any) -> None:
    for row in rows:
        await view.prepare_verb(session, verb, form, row)
    await name_references(session, form, office.views_by_identity)


async def _do(
    office: "BackOffice", request: Request, view: View, verb: Verb, form: Form | None, typed: FormData
) -> Response:
    pks = _chosen(typed)
    try:
        if verb.before:
            _refuse_wrong_number(verb, pks)
            for id in filter(None, map(id_of, pks)):
                await verb.before(db_of(request), id)
        place = await _done(office, request, view, verb, form, typed)
    except Exception as error:
        refused = office.refusal_of(request, error)
        if isinstance(refused, NoneChosen | NotFound):
            raise
        return await _ask(office, request, view, verb, form, pks, error=refused)
    return RedirectResponse(place, 303)


async def _done(
    office: "BackOffice", request: Request, view: View, verb: Verb, form: Form | None, typed: FormData
) -> str:
    """In one transaction, and once. Where it leads to."""
    async with db_of(request).begin() as session:
        key = key_of(request, typed)
        if before := await place_before(session, key):
            return before
        rows = await _rows(session, view, verb, _chosen(typed))
        if form:
            await resolve(session, form, office.views_by_identity)
        work = work_of(request, session, key.id)
        in_order = sorted(rows, key=lambda row: row.id)  # so that two at once do not lock one another out
        done = [await _do_one(work, view, verb, row, form) for row in in_order]
        is_one = len(done) == 1 and not verb.ends_row
        place = row_place(view.identity, done[0]) if is_one else list_place(view.identity)
        place = f"{place}?done={verb.name}"
        await keep_place(session, key, place)
        return place


def _chosen(typed: FormData) -> list[str]:
    return [str(pk) for pk in typed.getlist("pks")]


async def _rows(session: Any, view: View, verb: Verb, pks: list[str]) -> Any:
    _refuse_wrong_number(verb, pks)
    return await view.find_many(session, pks)


def _refuse_wrong_number(verb: Verb, pks: list[str]) -> None:
    if not 0 < len(pks) <= (MOST_AT_ONCE if verb.many else 1):
        raise NoneChosen


async def _do_one(work: Any, view: View, verb: Verb, row: Any, form: Form | None) -> Any:
    """The row to go on with."""
    if not verb.applies(row):
        raise NotForThis(name=view.label(row))
    if form is not None:
        await view.prepare_verb(work.session, verb, form, row)
    made = await verb.run(work, row, form)
    return made if isinstance(made, view.model) else row
