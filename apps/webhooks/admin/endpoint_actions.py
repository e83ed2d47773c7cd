"""What staff do with an endpoint besides changing its fields."""

from typing import Any

from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.forms.values import bind
from apps.core.text.i18n import lazy as _
from apps.webhooks.delivering.replay import send_failed_again
from apps.webhooks.endpoints import disable_endpoint, enable_endpoint, rotate_secret, send_test
from apps.webhooks.models import WebhookEndpoint
from apps.webhooks.permissions import WebhookPermission as P
from apps.webhooks.repositories import EndpointRepository
from apps.webhooks.schemas import WebhookReplayIn


class SinceForm(Form):
    since = fields.DateTime(_("Since"), required=True)


async def replay(context: ActionContext, endpoint: WebhookEndpoint, form: Form) -> None:
    found = await EndpointRepository(session=context.session).find_locked(endpoint.id)
    await send_failed_again(context.session, found, since=bind(form, WebhookReplayIn).since, actor=context.actor)


def is_heard(endpoint: Any) -> bool:
    return endpoint.enabled and endpoint.archived_at is None


ACTIONS = (
    Action(
        name="ping",
        title=_("Send test"),
        question=_("Send a test event of the type “ping” to this webhook?"),
        done=_("The test event is on its way. Reload this page to see how it went."),
        permission=P.WEBHOOKS_EDIT,
        run=locked(EndpointRepository, send_test),
        applies=is_heard,
        is_next=True,
    ),
    Action(
        name="enable",
        needs_proof=True,
        title=_("Enable"),
        question=_("Enable this webhook? It gets events from now on. Earlier ones can be sent again afterwards."),
        done=_("The webhook is enabled."),
        permission=P.WEBHOOKS_EDIT,
        run=locked(EndpointRepository, enable_endpoint),
        applies=lambda endpoint: not endpoint.enabled and endpoint.archived_at is None,
        needless=_("Already enabled, or archived."),
        is_next=True,
        many=True,
    ),
    Action(
        name="replay",
        title=_("Send failed events again"),
        question=_("Send all events again that were given up since a time? Receivers can tell a repeat by its ID."),
        done=_("The events are on their way again."),
        permission=P.WEBHOOKS_EDIT,
        run=replay,
        applies=is_heard,
        form=SinceForm,
    ),
    Action(
        name="rotate-secret",
        needs_proof=True,
        title=_("Renew secret"),
        question=_("Make a new secret? For 24 hours requests are signed by the old one, too."),
        done=_("The new secret is below. Copy it to the receiver."),
        permission=P.WEBHOOKS_EDIT,
        run=locked(EndpointRepository, rotate_secret),
        applies=lambda endpoint: endpoint.archived_at is None,
    ),
    Action(
        name="disable",
        title=_("Disable"),
        question=_("Disable this webhook? It gets no events, and those that are waiting are given up."),
        done=_("The webhook is disabled."),
        permission=P.WEBHOOKS_EDIT,
        run=locked(EndpointRepository, disable_endpoint),
        applies=is_heard,
        needless=_("Already disabled, or archived."),
        many=True,
        is_dangerous=True,
    ),
)
