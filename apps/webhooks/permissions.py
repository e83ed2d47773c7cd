"""What staff may do with webhooks."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class WebhookPermission(Permission, about=_("Webhooks")):
    WEBHOOKS_VIEW = "webhooks.view", _("See webhooks and all that was sent to them, orders and customers among it")
    WEBHOOKS_EDIT = "webhooks.edit", _("Add, change and disable webhooks, renew their secrets, send events again")
