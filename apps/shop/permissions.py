"""What staff may do in the shop; categories go with products."""

from apps.accounts.permissions import Permission


class ShopPermission(Permission):
    PRODUCTS_VIEW = "products.view"
    PRODUCTS_EDIT = "products.edit"
    PRODUCTS_ARCHIVE = "products.archive"
    PRODUCTS_DELETE = "products.delete"
    PRODUCTS_EXPORT = "products.export"
