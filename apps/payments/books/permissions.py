"""What staff may do with the books."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class BooksPermission(Permission, about=_("Books")):
    BOOKS_VIEW = "books.view", _("See the books, and what does not agree with the providers")
    BOOKS_EDIT = "books.edit", _("Enter payouts and fees, compare with the providers again, dismiss differences")
    BOOKS_EXPORT = "books.export", _("Export the books")
