"""What staff may do with raffles."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class RafflePermission(Permission, about=_("Raffles")):
    RAFFLES_EDIT = "raffles.edit", _("See raffles and sell lots of them")
