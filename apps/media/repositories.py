"""Locks of images."""

from apps.core.repositories import LockingRepository
from apps.media.models import Image


class ImageRepository(LockingRepository[Image]):
    model_type = Image
