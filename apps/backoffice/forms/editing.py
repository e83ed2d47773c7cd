"""The create and edit pages: the form is filled in, saved by the view's services, and shown again with its errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from wtforms import Form

from apps.accounts.sessions.proof import refuse_stale_proof
from apps.backoffice.actions.action import ActionContext, context_of
from apps.backoffice.errors import refusal_of
from apps.backoffice.forms.idempotency import keep_url, key_of, url_before
from apps.backoffice.forms.references import name_references, resolve
from apps.backoffice.forms.values import keep_untouched, leaves, takes_files, unread
from apps.backoffice.pages import form_page, led_to, page
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, db_of, read_form, read_form_with_files, refuse_forged
from apps.backoffice.urls import create_url, edit_url, row_url
from apps.backoffice.views.base import SAVED, View
from apps.backoffice.views.registry import ViewRegistry
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.http.preconditions import VersionStale, refuse_other_version, version_of

VERSION = "version"
ANOTHER, CONTINUE = "another", "continue"
"""What a form's other buttons say that saving leads to."""


@dataclass(frozen=True, slots=True)
class FormRequest:
    """A form that is asked for or was sent: of a row that is there, or for a new one."""

    views: ViewRegistry
    request: Request
    view: View
    row: Any | None

    @property
    def kind(self) -> Any:
        return self.view.form if self.row is not None else self.view.form_create or self.view.form


@dataclass(frozen=True, slots=True)
class Difference:
    """What the form says, and what somebody has saved meanwhile."""

    label: Any
    typed: str
    saved: str


@dataclass(frozen=True, slots=True)
class Saved:
    """Where it leads to, and what is told before that, this once."""

    url: str
    told_once: Panel | None = None


async def create(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.CREATE)
    _refuse_stale_proof(view, request)
    return await _answer(FormRequest(views, request, view, row=None))


async def edit(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.EDIT)
    _refuse_stale_proof(view, request)
    async with db_of(request).begin() as session:
        row = await view.find(session, request.path_params["pk"])
    if request.method == "GET":
        view.refuse_unchangeable(row)
    return await _answer(FormRequest(views, request, view, row))


def _refuse_stale_proof(view: View, request: Request) -> None:
    """Raises ProofNeeded."""
    if view.edits_need_proof:
        refuse_stale_proof(current_user_of(request))


async def _answer(asked: FormRequest) -> Response:
    return await (_show(asked) if asked.request.method == "GET" else _save(asked))


async def _save(asked: FormRequest) -> Response:
    """What is refused is shown beside what was typed, also to who had to sign in again meanwhile."""
    request = asked.request
    typed = await (read_form_with_files if takes_files(asked.kind()) else read_form)(request)
    form, version = asked.kind(typed), str(typed.get(VERSION, ""))
    try:
        refuse_forged(request, typed)
        if asked.row is not None:
            asked.view.refuse_unchangeable(asked.row)
        await asked.view.keep_files(db_of(request), form, current_user_of(request))
        saved = await _saved(asked, form, version, typed)
    except Exception as error:
        return await _show(asked, form, error=refusal_of(request, error), version=version)
    finally:
        await typed.close()
    return _tell_once(asked, saved.url, saved.told_once) if saved.told_once else led_to(saved.url)


def _tell_once(asked: FormRequest, url: str, panel: Panel) -> Response:
    menu = asked.views.menu_for(asked.request)
    url = url.partition("?")[0]
    return page(asked.request, "backoffice/once.html", menu=menu, view=asked.view, panel=panel, url=url)


async def _saved(asked: FormRequest, form: Form, version: str, typed: FormData) -> Saved:
    """In one transaction, and once."""
    key = key_of(asked.request, typed)
    async with db_of(asked.request).begin() as session:
        if before := await url_before(session, key):
            return Saved(before)
        row = await _changed(asked, context_of(asked.request, session, key.id), form, version)
        url = _url_after(asked, row, then=str(typed.get("then", "")))
        await keep_url(session, key, url)
        return Saved(url, asked.view.told_once(row) if asked.row is None else None)


def _url_after(asked: FormRequest, row: Any, *, then: str) -> str:
    """The next form for who may fill it in, else the row."""
    view, request = asked.view, asked.request
    if then == ANOTHER and view.may(request, Access.CREATE):
        return create_url(view.identity, done=SAVED)
    if then == CONTINUE and view.may(request, Access.EDIT) and view.may_change(row):
        return edit_url(view.identity, row, done=SAVED)
    return row_url(view.identity, row, done=SAVED)


async def _changed(asked: FormRequest, context: ActionContext, form: Form, version: str) -> Any:
    view = asked.view
    locked = asked.row and await view.lock(context.session, asked.row)
    await view.prepare(context.session, form, locked)
    await resolve(context.session, form, asked.views.visible_to(asked.request))
    if locked is None:
        return await view.add(context, form)
    refuse_other_version(version, await view.resource(context.session, locked), live=view.live)
    keep_untouched(form, await _saved_form(asked, context.session, locked))
    if unreadable := [FieldError(path, sentence) for path, sentence in unread(form)]:
        raise Invalid(errors=unreadable)
    await view.change(context, locked, form)
    return locked


async def _show(
    asked: FormRequest, form: Form | None = None, *, error: AppError | None = None, version: str = ""
) -> Response:
    """`version` is what the form was made from; it stays so until the reader is shown what has changed since."""
    request, view, is_stale = asked.request, asked.view, isinstance(error, VersionStale)
    async with db_of(request).begin() as session:
        row = asked.row and await view.find(session, str(asked.row.id))
        if row and (is_stale or not error):  # before the values: what is saved in between then counts as unseen
            version = version_of(await view.resource(session, row), live=view.live)
        form = await _filled_in(asked, session, row, form)
        now = await _filled_in(asked, session, row) if is_stale else None
    view.withhold(form, current_user_of(request))
    return form_page(
        asked.views,
        request,
        view.form_template,
        form,
        error=error,
        view=view,
        row=row,
        version=version,
        may_add=view.may(request, Access.CREATE),
        may_edit=view.may(request, Access.EDIT),
        differences=_differences(form, now) if now else (),
        told=view.told(request),
    )


async def _filled_in(asked: FormRequest, session: AsyncSession, row: Any | None, form: Form | None = None) -> Form:
    """`form`, else one that says what is saved."""
    if form is None:
        form = await _saved_form(asked, session, row)
    else:
        await asked.view.prepare(session, form, row)
    await name_references(session, form, asked.views.visible_to(asked.request))
    return form


async def _saved_form(asked: FormRequest, session: AsyncSession, row: Any | None) -> Form:
    form: Form = asked.kind(data=await _values(asked, session, row))
    await asked.view.prepare(session, form, row)
    return form


async def _values(asked: FormRequest, session: AsyncSession, row: Any | None) -> Mapping[str, Any]:
    if row is None:
        return await asked.view.initial_for_new(session, asked.request.query_params)
    return await asked.view.initial(session, row)


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
