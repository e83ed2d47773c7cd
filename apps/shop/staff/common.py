"""What the staff's routes of merch have in common."""

from apps.accounts.guards import requires
from apps.shop.permissions import ShopPermission

VIEW = requires(ShopPermission.PRODUCTS_VIEW)
EDIT = requires(ShopPermission.PRODUCTS_EDIT)
ARCHIVE = requires(ShopPermission.PRODUCTS_ARCHIVE)
STAFF = "/api/v1/staff"
TAGS = ["Staff: merch"]
