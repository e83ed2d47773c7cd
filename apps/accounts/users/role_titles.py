"""What roles are called."""

from collections.abc import Mapping

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

SHIPPED: Mapping[str, Lazy] = {
    "admin": _("Administrator"),
    "customer": _("Customer"),
    "door": _("Door staff"),
    "manager": _("Manager"),
    "moderator": _("Moderator"),
}


def role_title(name: str, title: str) -> Lazy | str:
    """In the reader's language while it is the one that the role came with; a band's own words stay as they are."""
    shipped = SHIPPED.get(name)
    return shipped if shipped and shipped.source == title else title
