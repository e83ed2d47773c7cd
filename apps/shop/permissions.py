"""What staff may do in the shop; categories go with products."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class ShopPermission(Permission, about=_("Products")):
    PRODUCTS_VIEW = "products.view", _("See products and categories, including hidden ones")
    PRODUCTS_EDIT = "products.edit", _("Add, change, publish and hide products and categories")
    PRODUCTS_ARCHIVE = "products.archive", _("Archive products, variants and categories, and restore them")
    PRODUCTS_DELETE = "products.delete", _("Delete products and categories")
    PRODUCTS_IMPORT = "products.import", _("Import products from a file")
    PRODUCTS_EXPORT = "products.export", _("Export products")
