"""What raffles give to the pages that all rooms share."""

from apps.core.text.i18n import lazy as _
from apps.site.sections import Link

LINKS = (Link(30, "/raffles", _("Raffles")),)
