"""Where providers report to."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, post
from litestar.params import PathParameter

from apps.core.openapi import problems
from apps.core.rate_limits import limited
from apps.core.requests import PUBLIC, AnyRequest, Session
from apps.payments import services
from apps.payments.providers import BadSignature, ProviderUnknown

LARGEST_WEBHOOK = 256 * 1024
WEBHOOKS = limited("webhooks", 1200, per=timedelta(minutes=1))


class WebhookController(Controller):
    path = "/api/v1/payments"
    opt = PUBLIC
    tags = ["Payments"]

    @post(
        "/{provider:str}/webhook",
        status_code=200,
        request_max_body_size=LARGEST_WEBHOOK,
        operation_id="receiveWebhook",
        limit=WEBHOOKS,
        responses=problems(BadSignature, ProviderUnknown),
    )
    async def webhook(
        self, provider: Annotated[str, PathParameter(max_length=20)], request: AnyRequest, session: Session
    ) -> dict[str, str]:
        """Called by payment providers, signed; the same event may come again."""
        await services.receive(session, provider, request.headers, await request.body())
        return {"status": "received"}
