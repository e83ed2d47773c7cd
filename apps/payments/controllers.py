"""Where providers report to."""

from datetime import timedelta
from typing import Annotated

from litestar import Controller, post
from litestar.params import PathParameter

from apps.core.errors import TooLarge
from apps.core.http.openapi import problems
from apps.core.http.rate_limits import LimitsDependency, caller, limited
from apps.core.http.requests import PUBLIC, AnyRequest, Db
from apps.core.security.networks import address_of
from apps.payments.inbox import webhooks
from apps.payments.providers import BadSignature, ProviderDown, ProviderUnknown, WebhookCall

LARGEST_WEBHOOK = 256 * 1024
BAD_WEBHOOKS = limited("bad webhooks", 60, per=timedelta(minutes=1))
"""Of one network. What is signed is never counted: a provider reports as often as there is something to report."""


class WebhookController(Controller):
    path = "/api/v1/payments"
    opt = PUBLIC
    tags = ["Payments"]

    @post(
        "/{provider:str}/webhook",
        status_code=200,
        request_max_body_size=LARGEST_WEBHOOK,
        operation_id="receiveWebhook",
        responses=problems(BadSignature, ProviderUnknown, ProviderDown, TooLarge),
    )
    async def webhook(
        self,
        provider: Annotated[str, PathParameter(max_length=20)],
        request: AnyRequest,
        db: Db,
        limits: LimitsDependency,
    ) -> dict[str, str]:
        """Called by payment providers, signed or from their own networks; the same event may come again.

        What is signed and cannot be understood is kept for staff, and taken with 200 all the same.
        """
        call = WebhookCall(request.headers, await request.body(), address_of(request))
        try:
            await webhooks.receive(db, request.app.state.webhook_queue, provider, call)
        except (BadSignature, ProviderUnknown):
            await limits.hit(BAD_WEBHOOKS, caller(request))
            raise
        return {"status": "received"}
