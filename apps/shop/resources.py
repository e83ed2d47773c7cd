"""What staff look after in the shop."""

from functools import partial
from uuid import UUID

from apps.accounts.resources.resource import Resource, ResourcePermissions
from apps.core.db.archive import archive, restore
from apps.core.db.keyset import Keyset
from apps.shop.permissions import ShopPermission as P
from apps.shop.products.catalogue import (
    add_category,
    add_product,
    archive_product,
    change_category,
    change_product,
    restore_product,
)
from apps.shop.products.deleting import delete_category, delete_product
from apps.shop.repositories import CATEGORIES, CategoryRepository, ProductRepository
from apps.shop.staff_reads import product_out
from apps.shop.staff_schemas import CategoryIn, CategoryStaffOut, ProductIn, ProductStaffOut

PERMISSIONS = ResourcePermissions(
    view=P.PRODUCTS_VIEW, edit=P.PRODUCTS_EDIT, archive=P.PRODUCTS_ARCHIVE, delete=P.PRODUCTS_DELETE
)
CATEGORY = Resource(
    path="/api/v1/staff/categories",
    permissions=PERMISSIONS,
    repository=CategoryRepository,
    schema=CategoryIn,
    out_schema=CategoryStaffOut,
    keyset=Keyset((CATEGORIES.c.position, CATEGORIES.c.id), (int, UUID)),
    searched=(CATEGORIES.c.title, CATEGORIES.c.slug),
    add=add_category,
    change=change_category,
    archive=partial(archive, action="shop.archive_category"),
    restore=partial(restore, action="shop.restore_category"),
    delete=delete_category,
)
PRODUCT = Resource(
    path="/api/v1/staff/products",
    permissions=PERMISSIONS,
    repository=ProductRepository,
    relations=("images",),
    schema=ProductIn,
    out_schema=ProductStaffOut,
    out=product_out,
    add=add_product,
    change=change_product,
    archive=archive_product,
    restore=restore_product,
    delete=delete_product,
)
