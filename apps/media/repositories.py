"""Locks of images."""

from apps.core.db.repositories import LockingRepository
from apps.media.models import Image


class ImageRepository(LockingRepository[Image]):
    model_type = Image
