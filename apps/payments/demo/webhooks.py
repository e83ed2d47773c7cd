"""Sending the demo provider's webhooks."""

import time

import msgspec

from apps.payments.demo.schemas import EventBody
from apps.payments.demo.signature import HEADER, signature
from apps.payments.providers import ProviderDown
from apps.payments.providers.http import ProviderHttp
from project.settings import settings

WEBHOOK = f"{settings.base_url}/api/v1/payments/demo/webhook"
to_shop = ProviderHttp("")


async def tell(event: EventBody) -> None:
    """Deliver one webhook; raises when the shop does not take it, so that the job tries again."""
    body = msgspec.json.encode(event)
    headers = {HEADER: signature(body, at=int(time.time())), "Content-Type": "application/json"}
    answer = await to_shop.send("POST", WEBHOOK, headers=headers, content=body)
    if answer.status != 200:
        raise ProviderDown(reason=f"status {answer.status}")
