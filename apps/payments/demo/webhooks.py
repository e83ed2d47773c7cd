"""Sending the demo provider's webhooks."""

import time

import msgspec

from apps.core.http.client import http_client
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from project.settings import settings

WEBHOOK = f"{settings.base_url}/api/v1/payments/demo/webhook"


async def tell(event: EventBody) -> None:
    """Deliver one webhook; raises when the shop does not take it, so that the job tries again."""
    body = msgspec.json.encode(event)
    headers = {HEADER: signature(body, at=int(time.time())), "Content-Type": "application/json"}
    async with http_client() as client:
        (await client.post(WEBHOOK, content=body, headers=headers)).raise_for_status()
