"""Endpoints in the back office."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import and_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.formats import NOTHING, plainly
from apps.backoffice.lists.filters import Choice, archive_filter
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.resource_view import ResourceView, common_actions
from apps.core.db.database import now
from apps.core.text.i18n import lazy as _
from apps.webhooks.admin.deliveries import WEBHOOKS, latest_deliveries
from apps.webhooks.admin.endpoint_actions import ACTIONS
from apps.webhooks.delivering.signing import CURRENT, needs_new_secret, shown_secret
from apps.webhooks.event_types import NAMES, EventType
from apps.webhooks.models import Disabled, WebhookEndpoint
from apps.webhooks.names import DISABLED
from apps.webhooks.resources import WEBHOOK

SECRET_SHOWN_FOR = timedelta(minutes=10)
"""After it was made, to whoever may change the webhook."""
ENABLED, FAILING = _("Enabled"), _("Failing")
BROKEN = WebhookEndpoint.disabled.in_([Disabled.gone, Disabled.failing])


class EndpointForm(Form):
    url = fields.Input(
        _("URL"),
        required=True,
        help=_("Starts with https://. Events are sent to it as POST requests with a JSON body."),
    )
    description = fields.Input(_("Description"), help=_("What it is for. Only staff see it."))
    events = fields.Choices(
        _("Events"),
        choices=[(each.value, NAMES[each]) for each in EventType],
        help=_("Choose none to send all events, also those that are added later."),
    )


def heard(row: WebhookEndpoint, name: str, request: Request) -> str:
    locale = locale_of(request)
    names = [NAMES[EventType(each)].in_locale(locale) for each in row.events]
    return ", ".join(names) or _("All events").in_locale(locale)


def condition(row: WebhookEndpoint, name: str, request: Request) -> Markup:
    kind, told = ("failed", FAILING) if row.failing_since else ("done", ENABLED)
    if row.disabled:
        kind, told = "archived" if row.disabled is Disabled.by_staff else "failed", DISABLED[row.disabled]
    return Markup('<span class="badge state-{}">{}</span>').format(kind, told.in_locale(locale_of(request)))


def secret(row: WebhookEndpoint, name: str, request: Request) -> Any:
    """What is to be known of it, without it."""
    locale = locale_of(request)
    if needs_new_secret(row):
        return _("Made with an old SECRET_KEY. Renew it before that key is removed.").in_locale(locale)
    return plainly(row, "secret_made_at", request)


def former(row: WebhookEndpoint, name: str, request: Request) -> Any:
    return plainly(row, "former_until", request) if row.former_until else NOTHING


class WebhookEndpointAdmin(ResourceView, model=WebhookEndpoint):
    declared = WEBHOOK
    edits_need_proof = True
    name, name_plural, group = _("Webhook"), _("Webhooks"), WEBHOOKS
    name_of_new = _("New webhook")
    menu_place = 85
    column_list = ["url", "description", "events", "condition"]
    column_details_list = [*column_list, "failing_since", "secret", "former", "created_at", "archived_at"]
    column_labels = {
        "condition": _("Status"),
        "failing_since": _("Failing since"),
        "secret": _("Secret made"),
        "former": _("Former secret signs until"),
        "created_at": _("Created"),
        "archived_at": _("Archived on"),
    }
    column_formatters = {"events": heard, "condition": condition, "secret": secret, "former": former}
    sorts = {
        "created_at": Sort(WebhookEndpoint.id, UUID, is_descending=True),
        "url": Sort(WebhookEndpoint.url, str),
    }
    filters = (
        Choice(
            "state",
            _("Status"),
            {
                "enabled": (ENABLED, and_(WebhookEndpoint.disabled.is_(None))),
                "failing": (
                    FAILING,
                    and_(WebhookEndpoint.disabled.is_(None), WebhookEndpoint.failing_since.is_not(None)),
                ),
                "broken": (_("Disabled after failures"), and_(BROKEN)),
                "old-secret": (
                    _("Old secret"),
                    and_(WebhookEndpoint.disabled.is_(None), WebhookEndpoint.key_id != CURRENT),
                ),
                "disabled": (_("Disabled"), and_(WebhookEndpoint.disabled == Disabled.by_staff)),
            },
        ),
        archive_filter(WebhookEndpoint.archived_at),
    )
    search_help = _("URL or description")
    empty = _("No webhooks yet. Add one to tell another program what happens here.")
    form = EndpointForm
    actions = (
        *ACTIONS,
        *common_actions(
            WEBHOOK,
            archive=_("Archive this webhook? Nothing is sent to it any more; what was sent stays on record."),
            delete=_("Delete"),
        ),
    )

    async def panels(self, session: AsyncSession, row: WebhookEndpoint, request: Request) -> Sequence[Panel]:
        found = [await latest_deliveries(session, row, request)]
        is_new = row.secret_made_at > await now(session) - SECRET_SHOWN_FOR
        return [secret_panel(row), *found] if is_new and self.may(request, Access.EDIT) else found


def secret_panel(row: WebhookEndpoint) -> Panel:
    return Panel(
        title=_("Signing secret"),
        columns=[_("Copy it to the receiver now: it is shown for ten minutes only.")],
        rows=[[Markup("<code>{}</code>").format(shown_secret(row))]],
        empty=_("Nothing yet."),
    )
