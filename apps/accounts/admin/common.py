"""What the views of people have in common."""

from apps.core.text.i18n import lazy as _

PEOPLE = _("Users and roles")
