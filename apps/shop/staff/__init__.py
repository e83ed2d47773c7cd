"""The staff's API of merch: a controller for each resource."""

from apps.shop.staff.categories import CategoryStaffController
from apps.shop.staff.parcels import ParcelStaffController
from apps.shop.staff.products import ProductStaffController
from apps.shop.staff.sheets import ProductWithVariantsStaffController
from apps.shop.staff.variants import VariantStaffController

__all__ = [
    "CategoryStaffController",
    "ParcelStaffController",
    "ProductStaffController",
    "ProductWithVariantsStaffController",
    "VariantStaffController",
]
