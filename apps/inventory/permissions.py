"""What staff may do with pools and their stock."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class StockPermission(Permission, about=_("Stock")):
    STOCK_VIEW = "stock.view", _("See pools and their movements")
    STOCK_EDIT = "stock.edit", _("Add, rename and archive pools")
    STOCK_MOVE = "stock.move", _("Write down what comes, goes and is counted")
    STOCK_EXPORT = "stock.export", _("Take pools and movements away as a file")
