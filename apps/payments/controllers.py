"""Where providers report to."""

from typing import Annotated

from litestar import Controller, post
from litestar.params import PathParameter

from apps.core.requests import AnyRequest, Session
from apps.payments import services

LARGEST_WEBHOOK = 256 * 1024


class WebhookController(Controller):
    path = "/api/v1/payments"
    tags = ["Payments"]

    @post("/{provider:str}/webhook", status_code=200, request_max_body_size=LARGEST_WEBHOOK)
    async def webhook(
        self, provider: Annotated[str, PathParameter(max_length=20)], request: AnyRequest, session: Session
    ) -> dict[str, str]:
        """Called by payment providers, signed; the same event may come again."""
        await services.receive(session, provider, request.headers, await request.body())
        return {"status": "received"}
