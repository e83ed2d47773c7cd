"""What staff may do with venues, tours, concerts and ticket types."""

from apps.accounts.permissions import Permission


class ConcertPermission(Permission):
    CONCERTS_VIEW = "concerts.view"
    CONCERTS_EDIT = "concerts.edit"
    CONCERTS_ARCHIVE = "concerts.archive"
    CONCERTS_SELL = "concerts.sell"
    CONCERTS_CANCEL = "concerts.cancel"
    CONCERTS_DELETE = "concerts.delete"
    CONCERTS_EXPORT = "concerts.export"
