"""The pages of an action: GET asks for confirmation and shows what is affected; POST runs it in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from wtforms import Form

from apps.accounts.sessions.proof import refuse_stale_proof
from apps.backoffice.actions.action import ActionContext, context_of
from apps.backoffice.actions.outcome import LeftOut, Outcome, keep_outcome
from apps.backoffice.actions.previews import Unseen, refuse_unseen, seen_of
from apps.backoffice.actions.selection import ActionRequest, NoneChosen
from apps.backoffice.errors import refusal_of
from apps.backoffice.forms.idempotency import keep_url, key_of, url_before
from apps.backoffice.forms.references import name_references, resolve
from apps.backoffice.forms.values import keep_untouched
from apps.backoffice.lists.pages import COUNTED
from apps.backoffice.pages import form_page, led_to
from apps.backoffice.panels import Panel
from apps.backoffice.requests import current_user_of, db_of, id_of, read_form, refuse_forged
from apps.backoffice.urls import list_url, row_url
from apps.backoffice.views.base import NONE_CHOSEN
from apps.backoffice.views.registry import ViewRegistry, refuse_unless
from apps.core.errors import AppError, Invalid, NotFound
from apps.core.http.idempotency import RequestKey
from apps.core.text.i18n import lazy as _

GONE = _("No longer exists.")


class NotForThis(AppError):
    status = 409
    type = "not-for-this"
    message = _("This cannot be done with “{name}” at the moment.")


async def handle_action(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.LIST)
    action = view.action(request.path_params["action"])
    refuse_unless(request, view, f"do:{action.name}")
    if action.needs_proof:
        refuse_stale_proof(current_user_of(request))
    values = request.query_params if request.method == "GET" else await read_form(request)
    form = action.form(None if request.method == "GET" else values) if action.form else None
    asked = ActionRequest(views, request, view, action, form, values)
    if asked.is_about_none:
        return led_to(list_url(view.identity, **asked.listed, done=NONE_CHOSEN))
    return await (_ask(asked) if isinstance(values, QueryParams) else _do(asked, values))


async def _ask(asked: ActionRequest, *, error: AppError | None = None, previews: Sequence[Panel] = ()) -> Response:
    view, action = asked.view, asked.action
    async with db_of(asked.request).begin() as session:
        chosen = await asked.rows_to_ask_about(session)
        rows = chosen.rows
        await _fill_in(session, asked, rows)
        due = rows if len(rows) == 1 else await _due(session, asked, rows)
        left_out = [row for row in rows if row not in due]
        concerned = [row for row in due if action.is_dangerous or action.concerns(row)]
        impact = await view.impact(session, concerned, asked.request) if concerned else {}
    words = {"view": view, "action": action, "rows": rows, "due": due, "left_out": left_out, "impact": impact}
    words |= {"previews": previews, "seen": seen_of(previews)}
    words |= {"chosen": chosen, "counted": COUNTED, "others": asked.url_of(chosen.rest)}
    way_back = {"params": urlencode(asked.listed), "back": _back(asked, rows)}
    return form_page(asked.views, asked.request, action.template, asked.form, error=error, **words, **way_back)


async def _due(session: AsyncSession, asked: ActionRequest, rows: Sequence[Any]) -> Sequence[Any]:
    """Those that there is something to do with."""
    fit = [row for row in rows if asked.action.applies(row)]
    idle = await asked.action.idle(session, fit) if asked.action.idle and len(rows) > 1 else ()
    return [row for row in fit if row.id not in idle]


def _back(asked: ActionRequest, rows: Sequence[Any]) -> str:
    identity, is_of_one = asked.view.identity, len(rows) == 1 and not asked.listed
    return row_url(identity, rows[0]) if is_of_one else list_url(identity, **asked.listed)


async def _fill_in(session: AsyncSession, asked: ActionRequest, rows: Sequence[Any]) -> None:
    if asked.form:
        for row in rows:
            await asked.view.prepare_action(session, asked.action, asked.form, row)
        await name_references(session, asked.form, asked.views.visible_to(asked.request))


async def _do(asked: ActionRequest, typed: FormData) -> Response:
    """What is refused is shown beside what was typed, also to who had to sign in again meanwhile."""
    try:
        refuse_forged(asked.request, typed)
        url = await _done(asked, key_of(asked.request, typed), await _prepared(asked))
    except Unseen as unseen:
        return await _ask(asked, previews=unseen.previews)
    except Exception as error:
        refused = refusal_of(asked.request, error)
        if isinstance(refused, NoneChosen | NotFound):
            raise
        return await _ask_again(asked, refused)
    return led_to(url)


async def _ask_again(asked: ActionRequest, refused: AppError) -> Response:
    try:
        return await _ask(asked, error=refused)
    except NotFound:
        raise refused from None


async def _prepared(asked: ActionRequest) -> Mapping[UUID, Any]:
    before, ids = asked.action.before, filter(None, map(id_of, asked.pks))
    if before is None:
        return {}
    asked.refuse_wrong_number()
    return {id: await before(db_of(asked.request), id, asked.form) for id in ids}


async def _done(asked: ActionRequest, key: RequestKey, prepared: Mapping[UUID, Any]) -> str:
    """In one transaction, and once. Where it leads to."""
    async with db_of(asked.request).begin() as session:
        if before := await url_before(session, key):
            return before
        rows = await asked.rows(session)
        if asked.form:
            await resolve(session, asked.form, asked.views.visible_to(asked.request))
        context = replace(context_of(asked.request, session, key.id), rows=len(rows), prepared=prepared)
        in_order = sorted(rows, key=lambda row: row.id)  # so that two at once do not lock one another out
        due = await _due(session, asked, in_order)
        await refuse_unseen(context, asked, due)
        url = await _url_after(context, asked, key, in_order, due)
        await keep_url(session, key, url)
        return url


async def _url_after(
    context: ActionContext, asked: ActionRequest, key: RequestKey, rows: Sequence[Any], due: Sequence[Any]
) -> str:
    identity, action = asked.view.identity, asked.action
    if len(set(asked.pks)) == 1:
        row = await _do_one(context, asked, rows[0])
        here = list_url(identity, **asked.listed, done=action.name)
        return here if action.ends_row else row_url(identity, row, done=action.name)
    left_out = await _do_many(context, asked, rows, due)
    if not left_out and not asked.rest:
        return list_url(identity, **asked.listed, done=action.name)
    done, back = len(set(asked.pks)) - len(left_out), list_url(identity, **asked.listed)
    outcome = Outcome(identity, action.name, context.current_user.id, done, left_out, back, asked.url_of(asked.rest))
    return await keep_outcome(context.session, key, outcome)


async def _do_many(
    context: ActionContext, asked: ActionRequest, rows: Sequence[Any], due: Sequence[Any]
) -> list[LeftOut]:
    """With all that are due; the others, and why."""
    action, names = asked.action, {row.id: asked.view.label(row) for row in rows}
    needless = action.needless.in_locale(context.locale)
    why = {row.id: needless for row in rows if row not in due}
    if action.run_together:
        why |= dict.fromkeys(await action.run_together(context, due, asked.form), needless)
    else:
        refused = {id: await _try(context, asked, row) for id, row in [(row.id, row) for row in due]}
        why |= {id: sentence for id, sentence in refused.items() if sentence}
    gone = LeftOut(None, "–", GONE.in_locale(context.locale))
    return [LeftOut(id, names[id], sentence) for id, sentence in why.items()] + asked.missing(rows) * [gone]


async def _try(context: ActionContext, asked: ActionRequest, row: Any) -> str:
    """What it was refused for, if it was. A form that is wrong is wrong for all."""
    try:
        async with context.session.begin_nested():
            await _do_one(context, asked, row)
    except AppError as error:
        if isinstance(error, Invalid) or error.status >= 500:
            raise
        return error.sentence(context.locale)
    return ""


async def _do_one(context: ActionContext, asked: ActionRequest, row: Any) -> Any:
    """The row to go on with."""
    view, action, form = asked.view, asked.action, asked.form
    if not action.applies(row):
        raise NotForThis(name=view.label(row))
    if form:
        await _prepare(context, asked, form, row)
    made = await action.run(context, row, form)
    return made if isinstance(made, view.model) else row


async def _prepare(context: ActionContext, asked: ActionRequest, form: Form, row: Any) -> None:
    await asked.view.prepare_action(context.session, asked.action, form, row)
    if context.rows == 1 and asked.action.form:
        shown = asked.action.form()
        await asked.view.prepare_action(context.session, asked.action, shown, row)
        keep_untouched(form, shown)
