"""Forms: shown with what is there, saved by the view's services, shown again with all that is wrong or has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqladmin.authorization import Action
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7
from wtforms import Form

from apps.backoffice.fields import Row, Rows
from apps.backoffice.forms import leaves, show_errors, unread
from apps.backoffice.once import keep_place, key_of, place_before
from apps.backoffice.pages import page
from apps.backoffice.places import create_place, row_place
from apps.backoffice.requests import db_of, locale_of, person_of, read_form, refuse_forged
from apps.backoffice.verbs import Work
from apps.backoffice.views import View, name_references, resolve
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.preconditions import VersionStale, refuse_stale, version_of

if TYPE_CHECKING:
    from apps.backoffice.office import BackOffice

VERSION = "version"
ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Difference:
    """What the form says, and what somebody has saved meanwhile."""

    label: Any
    typed: str
    saved: str


async def create(office: "BackOffice", request: Request) -> Response:
    view = office.view_for(request, Action.CREATE)
    kind = view.form_create or view.form
    if request.method == "GET":
        return await _show(office, request, view, kind(), row=None)
    typed = await read_form(request)
    return await _save(office, request, view, kind(typed), typed, row=None)


async def edit(office: "BackOffice", request: Request) -> Response:
    view = office.view_for(request, Action.EDIT)
    async with db_of(request).begin() as session:
        row = await view.find(session, request.path_params["pk"])
        office.refuse_unchangeable(view, row)
        values = await view.initial(session, row) if request.method == "GET" else {}
    if request.method == "GET":
        return await _show(office, request, view, view.form(data=values), row=row)
    typed = await read_form(request)
    return await _save(office, request, view, view.form(typed), typed, row=row)


async def _save(
    office: "BackOffice", request: Request, view: View, form: Form, typed: FormData, *, row: Any | None
) -> Response:
    """One transaction; what is refused is shown beside what was typed, also to who had to sign in again meanwhile."""
    try:
        refuse_forged(request, typed)
        key = key_of(request, typed)
        await view.keep_files(db_of(request), form, person_of(request))
        async with db_of(request).begin() as session:
            if before := await place_before(session, key):
                return RedirectResponse(before, 303)
            saved = await _changed(office, work_of(request, session, key.id), view, form, typed, row)
            is_first_of_many = typed.get("then") == ANOTHER
            place = create_place(view.identity) if is_first_of_many else row_place(view.identity, saved)
            await keep_place(session, key, f"{place}?done=saved")
    except Exception as error:
        refused = office.refusal_of(request, error)
        return await _show(office, request, view, form, row=row, error=refused, version=str(typed.get(VERSION, "")))
    return RedirectResponse(f"{place}?done=saved", 303)


async def _changed(office: "BackOffice", work: Work, view: View, form: Form, typed: FormData, row: Any | None) -> Any:
    locked = None if row is None else await view.lock(work.session, row)
    await view.prepare(work.session, form, locked)
    await resolve(work.session, form, office.views_by_identity)
    if locked is None:
        return await view.add(work, form)
    refuse_stale(str(typed.get(VERSION, "")), await view.resource(work.session, locked), live=view.live)
    if unreadable := [FieldError(path, sentence) for path, sentence in unread(form)]:
        raise Invalid(errors=unreadable)
    await view.change(work, locked, form)
    return locked


def work_of(request: Request, session: AsyncSession, key: UUID) -> Work:
    return Work(session=session, person=person_of(request), key=key, locale=locale_of(request))


async def _show(
    office: "BackOffice",
    request: Request,
    view: View,
    form: Form,
    *,
    row: Any | None,
    error: AppError | None = None,
    version: str = "",
) -> Response:
    """`version` is what the form was made from; it stays so until the reader is shown what has changed since."""
    locale = locale_of(request)
    async with db_of(request).begin() as session:
        row = row and await view.find(session, str(row.id))
        await view.prepare(session, form, row)
        await name_references(session, form, office.views_by_identity)
        is_stale = row and isinstance(error, VersionStale)
        if row and (is_stale or not error):
            version = version_of(await view.resource(session, row), live=view.live)
        now = await _as_saved(office, session, view, row) if is_stale else None
    problems = show_errors(form, error.details["errors"], locale) if isinstance(error, Invalid) else []
    differences = _differences(form, now) if now else ()
    add_spare_rows(form)
    return page(
        request,
        view.form_template,
        status=error.status if error else 200,
        menu=office.menu_for(request),
        view=view,
        row=row,
        form=form,
        version=version,
        once=uuid7().hex,
        error=error.sentence(locale) if error else "",
        problems=problems,
        differences=differences,
        told=view.told(request),
    )


async def _as_saved(office: "BackOffice", session: AsyncSession, view: View, row: Any) -> Form:
    form: Form = view.form(data=await view.initial(session, row))
    await view.prepare(session, form, row)
    await name_references(session, form, office.views_by_identity)
    return form


def add_spare_rows(form: Form) -> None:
    """Rows within rows, too."""
    for field in form:
        if isinstance(field, Row):
            add_spare_rows(field.form)
        elif isinstance(field, Rows):
            for entry in field.entries:
                add_spare_rows(entry.form)
            field.add_spare()


def _differences(form: Form, now: Form) -> Sequence[Difference]:
    saved = {field.name: _shown(field) for field in leaves(now)}
    typed = [(field, _shown(field)) for field in leaves(form)]
    return [
        Difference(field.label.text, text, saved.get(field.name, ""))
        for field, text in typed
        if text != saved.get(field.name, "")
    ]


def _shown(field: Any) -> str:
    words = getattr(field, "words", None)
    return str(words if words is not None else field.text)
