"""What staff may do with pictures; each thing that shows them asks for its own permission besides."""

from apps.accounts.permissions import Permission


class MediaPermission(Permission):
    MEDIA_UPLOAD = "media.upload"
