"""The settings of Stripe: STRIPE_SECRET_KEY and so on."""

from typing import Annotated

from msgspec import Meta, Struct


class StripeSettings(Struct, frozen=True, kw_only=True):
    """Of `webhook_secrets`, separated by spaces, each is good: there are two while one is changed.

    `page_origins`: where Stripe's pages to pay at are, with a domain of one's own there.
    """

    secret_key: Annotated[str, Meta(pattern=r"^[rs]k_(test|live)_\w+$")]
    webhook_secrets: Annotated[str, Meta(pattern=r"^whsec_\S+( +whsec_\S+)*$")]
    api_url: Annotated[str, Meta(pattern=r"^(https://[^/\s]+|http://127\.0\.0\.1:\d+)$")] = "https://api.stripe.com"
    page_origins: Annotated[str, Meta(pattern=r"^https?://[^/\s;,]+( +https?://[^/\s;,]+)*$")] = (
        "https://checkout.stripe.com"
    )
