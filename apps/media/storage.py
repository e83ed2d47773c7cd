"""Where the files of pictures lie: MEDIA_URL names a folder, or a bucket of any S3-compatible store.

Below the picture's hash: `original`, which nobody is ever served, and `<width>.webp`.
"""

from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from obstore.store import LocalStore, ObjectStore, S3Store

from apps.media.urls import WIDTHS
from project.settings import Settings, settings


async def keep_original(digest: bytes, data: bytes) -> bool:
    """Written whole or not at all; False when it is there already."""
    try:
        await store().head_async(_original(digest))
        return False
    except FileNotFoundError:
        await store().put_async(_original(digest), data)
        return True


def read_original(digest: bytes) -> bytes:
    """Blocks."""
    return bytes(store().get(_original(digest)).bytes())


def keep_version(digest: bytes, width: int, data: bytes) -> None:
    """Blocks."""
    store().put(_version(digest, width), data)


async def read_version(digest: bytes, width: int) -> bytes | None:
    """None while it is not made."""
    try:
        found = await store().get_async(_version(digest, width))
        return bytes(await found.bytes_async())
    except FileNotFoundError:
        return None


async def remove(digest: bytes) -> None:
    """The original first: where there is one, no removal has begun."""
    for path in (_original(digest), *(_version(digest, width) for width in WIDTHS)):
        with suppress(FileNotFoundError):
            await store().delete_async(path)


def _original(digest: bytes) -> str:
    return f"{digest.hex()}/original"


def _version(digest: bytes, width: int) -> str:
    return f"{digest.hex()}/{width}.webp"


@cache
def store() -> ObjectStore:
    return open_store(settings)


def open_store(chosen: Settings) -> ObjectStore:
    if chosen.media_url.startswith("s3:"):
        return _bucket(chosen)
    folder = Path(chosen.media_url.removeprefix("file:")) if chosen.media_url else chosen.data_dir / "media"
    return LocalStore(folder, mkdir=True, automatic_cleanup=True)


def _bucket(chosen: Settings) -> S3Store:
    """Without a key, what the machine itself may do counts (AWS_…, an instance's role)."""
    access = {
        "endpoint": chosen.media_s3_endpoint,
        "access_key_id": chosen.media_s3_key,
        "secret_access_key": chosen.media_s3_secret,
    }
    given: dict[str, Any] = {name: value for name, value in access.items() if value}
    return S3Store.from_url(
        chosen.media_url,
        region=chosen.media_s3_region,
        virtual_hosted_style_request=False,
        client_options={"allow_http": chosen.media_s3_endpoint.startswith("http:"), "timeout": "20s"},
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        **given,
    )
