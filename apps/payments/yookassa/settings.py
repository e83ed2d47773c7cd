"""The settings of YooKassa: YOOKASSA_SHOP_ID and so on."""

from ipaddress import ip_network
from typing import Annotated

from msgspec import Meta, Struct

from project.settings import SettingsError

PUBLISHED = "185.71.76.0/27 185.71.77.0/27 77.75.153.0/25 77.75.156.11 77.75.156.35 77.75.154.128/25 2a02:5180::/32"
"""https://yookassa.ru/developers/using-api/webhooks"""


class YooKassaSettings(Struct, frozen=True, kw_only=True):
    """`networks`: where notifications come from. `page_origins`: where the pages to pay at are."""

    shop_id: Annotated[str, Meta(pattern=r"^\d{1,20}$")]
    secret_key: Annotated[str, Meta(pattern=r"^(test|live)_\S+$")]
    networks: str = PUBLISHED
    api_url: Annotated[str, Meta(pattern=r"^(https://[^/\s]+|http://127\.0\.0\.1:\d+)$")] = "https://api.yookassa.ru"
    page_origins: Annotated[str, Meta(pattern=r"^https?://[^/\s;,]+( +https?://[^/\s;,]+)*$")] = (
        "https://yoomoney.ru https://yookassa.ru"
    )

    def __post_init__(self) -> None:
        try:
            for each in self.networks.split():
                ip_network(each)
        except ValueError:
            wrong = "YOOKASSA_NETWORKS: addresses and networks, separated by spaces. See .env.example."
            raise SettingsError(wrong) from None
