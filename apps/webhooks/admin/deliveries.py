"""What was sent to webhooks, in the back office."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, false, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload
from starlette.requests import Request

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import NOTHING, badge, clock, heading_of, link_to, plainly
from apps.backoffice.lists.filters import Choice, Days, Related, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.requests import id_of, locale_of
from apps.backoffice.urls import details_url, list_url
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _
from apps.webhooks.delivering.replay import send_again
from apps.webhooks.event_types import NAMES
from apps.webhooks.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage
from apps.webhooks.names import DELIVERY_STATES, told
from apps.webhooks.permissions import WebhookPermission as P
from project.settings import settings

WEBHOOKS = _("System")
LATEST = 10
STATUS, EVENT = _("Status"), _("Event")


def event_name(row: WebhookDelivery, name: str, request: Request) -> str:
    return NAMES[row.type].in_locale(locale_of(request)) if row.type in NAMES else row.type


def result(row: Any, name: str, request: Request) -> str:
    """Of the last attempt."""
    return told(row.status, row.error, locale_of(request)) or NOTHING


def next_try(row: WebhookDelivery, name: str, request: Request) -> Any:
    return plainly(row, "try_at", request) if row.state is DeliveryState.waiting else NOTHING


def payload(row: Any, name: str, request: Request) -> Markup:
    return Markup('<pre class="scroll">{}</pre>').format(msgspec.json.format(row.body))


async def latest_deliveries(session: AsyncSession, endpoint: WebhookEndpoint, request: Request) -> Panel:
    found = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint.id)
    rows = await session.scalars(found.order_by(WebhookDelivery.id.desc()).limit(LATEST))
    return Panel(
        title=_("Latest deliveries"),
        columns=[EVENT, STATUS, _("Last answer"), _("Happened at")],
        rows=[
            [
                heading_of(details_url("webhook-delivery", row.id), event_name(row, "type", request), request),
                badge(DELIVERY_STATES)(row, "state", request),
                result(row, "status", request),
                plainly(row, "created_at", request),
            ]
            for row in rows
        ],
        empty=_("Nothing was sent yet."),
        more=list_url("webhook-delivery", webhook=str(endpoint.id)),
    )


async def resend(context: ActionContext, delivery: WebhookDelivery, form: None) -> None:
    await send_again(context.session, delivery, actor=context.actor)


class WebhookDeliveryAdmin(View, model=WebhookDelivery):
    name, name_plural, group = _("Webhook delivery"), _("Webhook deliveries"), WEBHOOKS
    menu_place = 86
    permissions = {Access.LIST: P.WEBHOOKS_VIEW, Access.DETAILS: P.WEBHOOKS_VIEW}
    column_list = ["type", "endpoint", "state", "status", "tries", "created_at"]
    column_details_list = [*column_list, "next_try", "message_id", "payload"]
    column_labels = {
        "type": EVENT,
        "endpoint": _("Webhook"),
        "state": STATUS,
        "status": _("Last answer"),
        "tries": _("Attempts"),
        "created_at": _("Happened at"),
        "next_try": _("Next attempt"),
        "message_id": _("ID (webhook-id)"),
        "payload": _("What is sent"),
    }
    column_formatters = {
        "type": event_name,
        "endpoint": link_to("webhook-endpoint", "title"),
        "state": badge(DELIVERY_STATES),
        "status": result,
        "next_try": next_try,
        "payload": payload,
    }
    sorts = {"created_at": Sort(WebhookDelivery.id, UUID, is_descending=True)}
    filters = (
        Related("webhook", _("Webhook"), "webhook-endpoint", lambda id: WebhookDelivery.endpoint_id == id),
        states("state", STATUS, WebhookDelivery.state, DELIVERY_STATES),
        Choice("type", EVENT, {str(each): (name, WebhookDelivery.type == str(each)) for each, name in NAMES.items()}),
        Days("since", _("Happened at"), WebhookDelivery.created_at, id=WebhookDelivery.id),
    )
    search_help = _("ID (webhook-id)")
    empty = _("Nothing was sent yet.")
    actions = (
        Action(
            name="replay",
            title=_("Send again"),
            question=_("Send this event to the webhook again? Receivers can tell a repeat by its ID."),
            done=_("The event is on its way again. Reload this page to see how it went."),
            permission=P.WEBHOOKS_EDIT,
            run=resend,
            applies=lambda delivery: delivery.endpoint.enabled and delivery.endpoint.archived_at is None,
            needless=_("The webhook is disabled."),
            many=True,
            is_next=True,
        ),
    )

    def scope(self) -> Select[Any]:
        return select(WebhookDelivery).options(joinedload(WebhookDelivery.endpoint))

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        id = id_of(words)
        return found.where(WebhookDelivery.message_id == id if id else false())

    def label(self, row: WebhookDelivery) -> str:
        return f"{row.type} · {row.created_at:%Y-%m-%d %H:%M:%S}"

    async def complete_one(self, session: AsyncSession, row: Any) -> None:
        row.body = await session.scalar(select(WebhookMessage.body).where(WebhookMessage.id == row.message_id))

    async def panels(self, session: AsyncSession, row: WebhookDelivery, request: Request) -> Sequence[Panel]:
        found = select(WebhookAttempt).where(WebhookAttempt.delivery_id == row.id).order_by(WebhookAttempt.id.desc())
        locale = locale_of(request)
        return [
            Panel(
                title=_("Attempts so far"),
                columns=[_("When"), _("Duration"), _("Answer"), _("Beginning of the answer")],
                rows=[
                    [
                        clock(each.created_at, settings.time_zone, locale),
                        _("{number} ms").in_locale(locale).format(number=each.milliseconds),
                        told(each.status, each.error, locale),
                        Markup('<pre class="scroll">{}</pre>').format(each.answer) if each.answer else NOTHING,
                    ]
                    for each in await session.scalars(found)
                ],
                empty=_("No attempt yet."),
            )
        ]
