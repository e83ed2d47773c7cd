"""A resource has no more routes than it declares services, permissions and an order for."""

import pytest

from apps.accounts.resources.routes import to_archive, to_list, to_restore
from apps.inventory.resources import POOL
from apps.shop.resources import PRODUCT


def test_what_has_no_service_has_no_route() -> None:
    for route in (to_archive, to_restore):
        with pytest.raises(TypeError, match="/api/v1/staff/pools"):
            route(POOL, "Never.")


def test_what_has_no_order_has_no_list() -> None:
    with pytest.raises(TypeError, match="/api/v1/staff/products"):
        to_list(PRODUCT, "Never.")
