"""What staff may do with venues, tours, concerts and ticket types."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class ConcertPermission(Permission, about=_("Concerts")):
    CONCERTS_VIEW = "concerts.view", _("See concerts, tours and venues, including drafts")
    CONCERTS_EDIT = "concerts.edit", _("Add and change concerts, tours, venues and ticket types")
    CONCERTS_ARCHIVE = "concerts.archive", _("Archive concerts, tours, venues and ticket types, and restore them")
    CONCERTS_SELL = "concerts.sell", _("Announce and postpone concerts, open and stop their sale")
    CONCERTS_CANCEL = "concerts.cancel", _("Cancel concerts")
    CONCERTS_DELETE = "concerts.delete", _("Delete concerts, tours and venues")
    CONCERTS_IMPORT = "concerts.import", _("Import concerts from a file")
    CONCERTS_EXPORT = "concerts.export", _("Export concerts")
