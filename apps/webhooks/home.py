"""Webhooks on the first screen of the back office: those that nothing is sent to any more, and old secrets."""

from sqlalchemy import select

from apps.backoffice.home import Question
from apps.core.text.i18n import lazy as _
from apps.webhooks.delivering.signing import CURRENT
from apps.webhooks.models import Disabled, WebhookEndpoint

IN_USE = WebhookEndpoint.archived_at.is_(None)
QUESTIONS = (
    Question(
        rank=65,
        title=_("Webhooks disabled after failures"),
        found=select(WebhookEndpoint.id).where(IN_USE, WebhookEndpoint.disabled.in_([Disabled.gone, Disabled.failing])),
        view="webhook-endpoint",
        query={"state": "broken"},
        is_duty=False,
    ),
    Question(
        rank=66,
        title=_("Webhooks with a secret of an old SECRET_KEY"),
        found=select(WebhookEndpoint.id).where(
            IN_USE, WebhookEndpoint.disabled.is_(None), WebhookEndpoint.key_id != CURRENT
        ),
        view="webhook-endpoint",
        query={"state": "old-secret"},
        is_duty=False,
    ),
)
