"""The settings of PayPal: PAYPAL_CLIENT_ID and so on."""

from typing import Annotated

from msgspec import Meta, Struct


class PayPalSettings(Struct, frozen=True, kw_only=True):
    """`webhook_id`: what PayPal calls our webhook. `page_origins`: where its pages to pay at are."""

    client_id: Annotated[str, Meta(pattern=r"^[\w-]+$")]
    client_secret: Annotated[str, Meta(pattern=r"^[\w-]+$")]
    webhook_id: Annotated[str, Meta(pattern=r"^\w+$")]
    api_url: Annotated[str, Meta(pattern=r"^(https://[^/\s]+|http://127\.0\.0\.1:\d+)$")] = "https://api-m.paypal.com"
    page_origins: Annotated[str, Meta(pattern=r"^https?://[^/\s;,]+( +https?://[^/\s;,]+)*$")] = (
        "https://www.paypal.com"
    )
