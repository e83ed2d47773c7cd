"""The staff's API of merch: a controller for each resource."""

from apps.shop.staff.categories import CategoryStaffController
from apps.shop.staff.products import ProductStaffController
from apps.shop.staff.products_with_variants import ProductWithVariantsStaffController
from apps.shop.staff.shipments import ShipmentStaffController
from apps.shop.staff.variants import VariantStaffController

__all__ = [
    "CategoryStaffController",
    "ProductStaffController",
    "ProductWithVariantsStaffController",
    "ShipmentStaffController",
    "VariantStaffController",
]
