"""Stripe's own client, over our pool of connections, with errors told as of every provider."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import stripe

from apps.payments.providers import ProviderDown, ProviderRefused, WebhookCall
from apps.payments.providers.http import ProviderHttp
from apps.payments.stripe.settings import StripeSettings

SIGNATURE = "stripe-signature"
TOLERANCE = 300
"""Seconds."""
API_VERSION = "2026-10-28.endive"
NO = (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError)
"""Whatever else goes wrong, a key that is not right too, may be mended: the same is asked again."""
stripe.enable_telemetry = False


class PooledTransport(stripe.HTTPClient):
    name = "backline"

    def __init__(self, http: ProviderHttp) -> None:
        super().__init__()
        self._http = http

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        content = post_data.encode() if isinstance(post_data, str) else post_data or b""
        answer = await self._http.send(method, url, headers=headers, content=content)
        return answer.body, answer.status, answer.headers


def stripe_client(config: StripeSettings, http: ProviderHttp) -> stripe.StripeClient:
    """It tries nothing twice by itself: what may be repeated, jobs and people repeat."""
    return stripe.StripeClient(
        config.secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": config.api_url},
        max_network_retries=0,
        http_client=PooledTransport(http),
    )


@contextmanager
def told_as_ours() -> Iterator[None]:
    """Raises ProviderRefused, ProviderDown; also for an answer that is not what Stripe's documentation says."""
    try:
        yield
    except NO as error:
        raise ProviderRefused(reason=f"{error.code or type(error).__name__}: {error.user_message}") from error
    except (stripe.StripeError, msgspec.ValidationError, AttributeError, TypeError) as error:
        raise ProviderDown(reason=type(error).__name__) from error


def is_signed(call: WebhookCall, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(call.body, call.headers.get(SIGNATURE, ""), secret, TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
        return False
    return True
