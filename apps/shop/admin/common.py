"""What the views of merch have in common."""

from functools import partial

from sqladmin.authorization import Action as Access

from apps.accounts.permissions import Permission
from apps.backoffice.actions import common_actions
from apps.core.text.i18n import lazy as _
from apps.shop.permissions import ShopPermission as P

MERCH = _("Merch")
READ: dict[str, Permission] = {Access.LIST: P.PRODUCTS_VIEW, Access.DETAILS: P.PRODUCTS_VIEW}
archiving = partial(common_actions.archiving, permission=P.PRODUCTS_ARCHIVE)
restoring = partial(common_actions.restoring, permission=P.PRODUCTS_ARCHIVE)
deleting = partial(common_actions.deleting, permission=P.PRODUCTS_DELETE)
