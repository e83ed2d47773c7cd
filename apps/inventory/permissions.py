"""What staff may do with pools and their stock."""

from apps.accounts.permissions import Permission


class StockPermission(Permission):
    STOCK_VIEW = "stock.view"
    STOCK_EDIT = "stock.edit"
    STOCK_MOVE = "stock.move"
    STOCK_EXPORT = "stock.export"
