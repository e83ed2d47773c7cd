"""Files that claim to be pictures: looked at before they are kept, and made anew before anybody sees them.

Everything here blocks and takes memory, up to 500 MB for 50 megapixels: call it by `in_turn`.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from typing import ParamSpec, TypeVar

from PIL import ExifTags, ImageCms, ImageOps
from PIL.Image import DecompressionBombError, DecompressionBombWarning, Image
from PIL.Image import open as open_image

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.media.urls import LARGEST, WIDTHS

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # several JPEGs in one, as phones write them
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
PARSERS = tuple(name for name in MEDIA_TYPES if name != "MPO")
MEGAPIXELS = 50
TALLEST = 4 * LARGEST
QUALITY = 82
SRGB = ImageCms.createProfile("sRGB")
ON_ITS_SIDE = range(5, 9)
"""Values of the EXIF orientation."""
TURNS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")


class NotAPicture(AppError):
    status = 422
    type = "not-a-picture"
    message = _("This file cannot be read as an image. Use a JPEG, PNG, WebP, GIF or AVIF file.")


class TooManyPixels(AppError):
    """`limit`: how many megapixels there may be."""

    status = 422
    type = "too-many-pixels"
    message = _("This image has too many pixels: at most {limit} million.")

    def __init__(self) -> None:
        super().__init__(limit=MEGAPIXELS)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says it is; width and height are of the upright picture."""

    media_type: str
    width: int
    height: int


async def in_turn(work: Callable[Arguments, Result], *args: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Runs in a thread, one picture at a time in this process."""
    return await asyncio.get_running_loop().run_in_executor(TURNS, lambda: work(*args, **named))


def read_header(data: bytes) -> Header:
    """By its content alone. Raises TooManyPixels, and NotAPicture also for a file that is seen to be broken."""
    with _refusing(), _opened(data) as image:
        width, height = reversed(image.size) if _lies_on_its_side(image) else image.size
        _refuse_broken(image)
    return Header(MEDIA_TYPES[str(image.format)], width, height)


def versions(data: bytes) -> Iterator[tuple[int, bytes]]:
    """WebP by width: the first frame, upright, in sRGB, and nothing but pixels: no place, no camera, no name."""
    with _refusing():
        image = _upright(data)
        image.thumbnail((LARGEST, TALLEST))
        image = _in_srgb(image)
        for width in sorted(WIDTHS, reverse=True):
            image.thumbnail((width, TALLEST))
            yield width, _webp(image)


@contextmanager
def _refusing() -> Iterator[None]:
    """Pillow raises whatever a broken file leads its parsers into."""
    try:
        yield
    except (AppError, MemoryError):
        raise
    except (DecompressionBombError, DecompressionBombWarning):
        raise TooManyPixels from None
    except Exception as error:
        raise NotAPicture from error


def _opened(data: bytes) -> Image:
    """Nothing is decoded yet."""
    image = open_image(BytesIO(data), formats=PARSERS)
    if image.width * image.height > MEGAPIXELS * 1_000_000:
        raise TooManyPixels
    return image


def _lies_on_its_side(image: Image) -> bool:
    """A PNG that says so only behind its pixels is not asked: that would decode it."""
    is_told = image.format != "PNG" or "exif" in image.info
    return is_told and image.getexif().get(ExifTags.Base.Orientation) in ON_ITS_SIDE


def _refuse_broken(image: Image) -> None:
    """As far as is cheap: a JPEG is decoded at an eighth of its size, of others the checksums are looked at."""
    if image.draft(None, (1, 1)):
        image.load()
    else:
        image.verify()


def _upright(data: bytes) -> Image:
    image = _opened(data)
    image.draft(None, (LARGEST, LARGEST))  # a JPEG is decoded at a half or a quarter, if that is enough
    ImageOps.exif_transpose(image, in_place=True)
    return _resizable(image)


def _resizable(image: Image) -> Image:
    """In a mode that can be scaled smoothly; CMYK stays until its profile is applied."""
    if image.mode in ("RGB", "RGBA", "CMYK") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_srgb(image: Image) -> Image:
    """By its own colour profile, if that one is of any use."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile := image.info.get("icc_profile"):
        with suppress(OSError, ImageCms.PyCMSError):
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            return ImageCms.profileToProfile(image, own, SRGB, outputMode=mode) or image
    return image.convert(mode)


def _webp(image: Image) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY, icc_profile=None, exif=b"", xmp=b"")
    return file.getvalue()
