"""Adds a link to a user's orders to the user's page."""

from typing import Any

from starlette.requests import Request

from apps.accounts.admin import UserAdmin
from apps.backoffice.auth.page_access import may_open
from apps.backoffice.formats import NOTHING, link_of
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import list_url
from apps.core.text.i18n import lazy as _


def their_orders(user: Any, name: str, request: Request) -> Any:
    url = list_url("order", q=user.email)
    if not may_open(request, url):
        return NOTHING
    return link_of(url, _("Orders with this email").in_locale(locale_of(request)), request)


class UserWithOrdersAdmin(UserAdmin):
    column_details_list = [*UserAdmin.column_details_list, "orders"]
    column_labels = UserAdmin.column_labels | {"orders": _("Orders")}
    column_formatters = UserAdmin.column_formatters | {"orders": their_orders}
