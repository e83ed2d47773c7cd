"""Pictures as staff see them."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.core.text.datetimes import AwareDatetime
from apps.media.models import Image, ImageState
from apps.media.urls import address


class UploadedImageOut(Struct, kw_only=True):
    """`url` is what a product's `images` take. It shows something once the state is `ready`.

    `media_type` and `size`, in bytes, are of the file that was sent; `width` and `height` of the upright picture.
    """

    id: UUID
    url: Annotated[str, Meta(examples=[address(bytes(32))])]
    state: ImageState
    media_type: Annotated[str, Meta(examples=["image/jpeg"])]
    size: Annotated[int, Meta(examples=[2_400_000])]
    width: Annotated[int, Meta(examples=[4000])]
    height: Annotated[int, Meta(examples=[3000])]
    created_at: AwareDatetime


def image_out(image: Image) -> UploadedImageOut:
    return UploadedImageOut(
        id=image.id,
        url=address(image.hash),
        state=image.state,
        media_type=image.media_type,
        size=image.size,
        width=image.width,
        height=image.height,
        created_at=image.created_at,
    )
