"""The pages fans see."""

from apps.site.controllers.lists import (
    BrowserController,
    ConcertListController,
    HomeController,
    ProductListController,
)
from apps.site.controllers.pages import (
    CartPageController,
    CheckoutPageController,
    ConcertPageController,
    OrderPageController,
    ProductPageController,
)

__all__ = [
    "BrowserController",
    "CartPageController",
    "CheckoutPageController",
    "ConcertListController",
    "ConcertPageController",
    "HomeController",
    "OrderPageController",
    "ProductListController",
    "ProductPageController",
]
