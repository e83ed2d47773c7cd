"""A server, its customer, the office, and orders that are taxed."""

from collections.abc import Iterator

import msgspec
import pytest

from apps.checkout.queue.sale_rules import tax_percents
from project.settings import settings
from tests.journeys.conftest import client, customer, server, staff_api

__all__ = ["client", "customer", "server", "staff_api"]


@pytest.fixture
def taxed() -> Iterator[None]:
    """19 %, and shipping for 4.90."""
    before = (settings.tax_percent, settings.shipping_price)
    _set("19", 490)
    yield
    _set(*before)


def _set(tax_percent: str, shipping_price: int) -> None:
    tax_percents.cache_clear()
    msgspec.structs.force_setattr(settings, "tax_percent", tax_percent)
    msgspec.structs.force_setattr(settings, "shipping_price", shipping_price)
