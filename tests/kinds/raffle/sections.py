"""The link to the raffles in the head of every page."""

from apps.core.text.i18n import lazy as _
from apps.site.sections import Link

LINKS = (Link(30, "/raffles", _("Raffles")),)
