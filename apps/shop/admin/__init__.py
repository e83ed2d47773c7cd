"""Merch in the back office."""

from apps.shop.admin.categories import CategoryAdmin
from apps.shop.admin.imports import ProductImportAdmin
from apps.shop.admin.products import ProductAdmin
from apps.shop.admin.variants import VariantAdmin

__all__ = ["CategoryAdmin", "ProductAdmin", "ProductImportAdmin", "VariantAdmin"]
