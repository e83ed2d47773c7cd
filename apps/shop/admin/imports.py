"""Imports of products in the back office: upload a file, review it, import it."""

from collections.abc import Mapping
from typing import Any

from sqladmin.authorization import Action as Access
from starlette.requests import Request
from wtforms import Form

from apps.accounts.current_user import CurrentUser
from apps.backoffice import fields
from apps.backoffice.actions.action import ActionContext
from apps.backoffice.requests import locale_of
from apps.core.errors import FieldError, Invalid
from apps.core.importing import Difference
from apps.core.money import format_money, is_currency
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.imports.models import FileImport
from apps.imports.views import ImportView, actions_of
from apps.inventory.permissions import StockPermission
from apps.shop.admin.common import MERCH
from apps.shop.imports.file_import import refusal_of
from apps.shop.jobs import import_file
from apps.shop.models import Product, ProductImport
from apps.shop.permissions import ShopPermission as P
from project.settings import settings

NO_CURRENCY = _("There is no such currency.")
MONEY = ("amount", "compare_at")


class ProductFileForm(Form):
    file = fields.File(
        _("File"),
        accept=".csv,text/csv",
        required=True,
        help=_("Shopify product CSV, at most 10 MB. You see the changes before they are made."),
    )
    currency = fields.Input(_("Currency"), default=settings.currency, help=_("The currency of the prices in the file."))
    set_stock = fields.Switch(
        _("Set stock from the file"),
        help=_("Otherwise existing stock stays as it is, and only new variants get stock from the file."),
    )


class ProductImportAdmin(ImportView, model=ProductImport):
    name, name_plural, group = _("Product import"), _("Product imports"), MERCH
    name_of_new = _("New product import")
    menu_place = 70
    permissions = dict.fromkeys((Access.LIST, Access.DETAILS, Access.CREATE), P.PRODUCTS_IMPORT)
    actions = actions_of(import_file, P.PRODUCTS_IMPORT)
    form = ProductFileForm
    job = import_file
    thing, thing_identity = Product, "product"
    field_names = {
        "title": _("Title"),
        "description": _("Description"),
        "vendor": _("Vendor"),
        "category_id": _("Category"),
        "tags": _("Tags"),
        "option_names": _("Options"),
        "published": _("Published"),
        "variant": _("New variant"),
        "image": _("New image"),
        "active": _("On sale"),
        "tax_class": _("Tax class"),
        "needs_shipping": _("Requires shipping"),
        "position": _("Position"),
        "sku": _("SKU"),
        "barcode": _("Barcode"),
        "grams": _("Grams"),
        "amount": _("Price"),
        "compare_at": _("Compare-at price"),
        "left": _("Available"),
        "alt": _("Alt text"),
    }

    def withhold(self, form: Any, current_user: CurrentUser) -> None:
        if not current_user.may_all([StockPermission.STOCK_MOVE]):
            del form.set_stock

    def refusal(self, data: bytes) -> Lazy | None:
        return refusal_of(data)

    def options(self, context: ActionContext, form: Any) -> Mapping[str, Any]:
        currency = str(form.currency.data).upper()
        if not is_currency(currency):
            raise Invalid(errors=[FieldError("currency", NO_CURRENCY)])
        may_count = context.current_user.may_all([StockPermission.STOCK_MOVE])
        return {"currency": currency, "set_stock": may_count and bool(form.data.get("set_stock"))}

    def shown(self, difference: Difference, value: Any, row: FileImport, request: Request) -> Any:
        if difference.field in MONEY and value is not None:
            return format_money(value, row.options["currency"], locale=locale_of(request))
        return super().shown(difference, value, row, request)
