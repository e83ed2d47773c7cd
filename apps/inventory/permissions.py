"""What staff may do with pools and their stock."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class StockPermission(Permission, about=_("Stock")):
    STOCK_VIEW = "stock.view", _("See stock and its movements")
    STOCK_EDIT = "stock.edit", _("Add, rename and archive stock")
    STOCK_MOVE = "stock.move", _("Record received, damaged and counted stock")
    STOCK_EXPORT = "stock.export", _("Export stock and movements")
