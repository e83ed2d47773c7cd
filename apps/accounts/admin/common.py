"""Columns and forms that the views of users and roles share."""

from apps.core.text.i18n import lazy as _

PEOPLE = _("Users and roles")
