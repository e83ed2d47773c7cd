"""Reports of payment providers that could not be understood, in the back office."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import msgspec
from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, or_
from starlette.requests import Request

from apps.backoffice.actions.action import Action, ActionContext, Run
from apps.backoffice.formats import NOTHING
from apps.backoffice.lists.filters import Choice
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from apps.payments.attention import IS_PARKED
from apps.payments.inbox.webhooks import dismiss, try_again
from apps.payments.models import WebhookEvent
from apps.payments.names import PROBLEMS
from apps.payments.permissions import PaymentPermission

WAITING, DISMISSED = _("Waiting"), _("Dismissed")
NOT_HANDLED = _("Not processed.")
LONGEST_SHOWN = 10_000
"""Characters of a body."""


def state(row: WebhookEvent, name: str, request: Request) -> Markup:
    kind, text = ("done", DISMISSED) if row.handled_at else ("failed", WAITING)
    return Markup('<span class="badge state-{}">{}</span>').format(kind, text.in_locale(locale_of(request)))


def problem(row: WebhookEvent, name: str, request: Request) -> Markup:
    text = PROBLEMS[row.problem] if row.problem else NOT_HANDLED
    return Markup('{} <span class="quiet">{}</span>').format(text.in_locale(locale_of(request)), row.detail)


def body(row: WebhookEvent, name: str, request: Request) -> Any:
    raw = row.body if row.body is not None else msgspec.json.format(msgspec.json.encode(row.payload))
    text = raw.decode(errors="replace")[:LONGEST_SHOWN]
    return Markup('<pre class="scroll">{}</pre>').format(text) if text else NOTHING


def by(service: Callable[..., Awaitable[None]]) -> Run:
    async def run(context: ActionContext, event: WebhookEvent, form: None) -> None:
        await service(context.session, event.id, actor=context.actor)

    return run


class WebhookEventAdmin(View, model=WebhookEvent):
    name, name_plural, group = _("Provider report"), _("Provider reports"), _("System")
    menu_place = 91
    permissions = {Access.LIST: PaymentPermission.PAYMENTS_REPORTS, Access.DETAILS: PaymentPermission.PAYMENTS_REPORTS}
    column_list = ["event_id", "provider", "problem", "state", "created_at"]
    column_details_list = ["provider", "event_id", "problem", "state", "created_at", "handled_at", "body"]
    column_labels = {
        "event_id": _("Type at the provider"),
        "provider": _("Provider"),
        "problem": _("Problem"),
        "state": _("Status"),
        "created_at": _("Received at"),
        "handled_at": _("Dismissed at"),
        "body": _("Content"),
    }
    column_formatters = {"problem": problem, "state": state, "body": body}
    sorts = {"created_at": Sort(WebhookEvent.id, UUID, is_descending=True)}
    filters = (
        Choice(
            "state",
            _("Status"),
            {"waiting": (WAITING, IS_PARKED), "dismissed": (DISMISSED, WebhookEvent.handled_at.is_not(None))},
        ),
    )
    searched, search_help = ("event_id",), _("Type at the provider")
    empty = _("No reports.")
    actions = (
        Action(
            name="retry",
            title=_("Try again"),
            question=_("Process this report again? This helps once the payment it is about exists here."),
            done=_("The report is being processed again. If that fails, it comes back to this list."),
            permission=PaymentPermission.PAYMENTS_ATTEND,
            run=by(try_again),
            applies=lambda event: event.handled_at is None,
            many=True,
            ends_row=True,
        ),
        Action(
            name="dismiss",
            title=_("Dismiss"),
            question=_("Dismiss this report? It stays in this list but no longer needs attention."),
            done=_("Dismissed."),
            permission=PaymentPermission.PAYMENTS_ATTEND,
            run=by(dismiss),
            applies=lambda event: event.handled_at is None,
            many=True,
        ),
    )

    def scope(self) -> Select[Any]:
        return super().scope().where(or_(WebhookEvent.problem.is_not(None), IS_PARKED))

    def label(self, row: WebhookEvent) -> str:
        return f"{row.provider} · {row.event_id}"
