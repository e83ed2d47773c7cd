"""What staff may do with pictures; each thing that shows them asks for its own permission besides."""

from apps.accounts.permissions import Permission
from apps.core.text.i18n import lazy as _


class MediaPermission(Permission, about=_("Images")):
    MEDIA_UPLOAD = "media.upload", _("Upload images")
