"""The files of pictures in a folder, and in a bucket of an S3-compatible store."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from apps.media import storage
from project.settings import settings
from tests.media.bucket import Bucket

pytestmark = pytest.mark.anyio
DIGEST = bytes(range(32))


async def keep_and_read() -> None:
    assert await storage.read_version(DIGEST, 320) is None
    assert await storage.keep_original(DIGEST, b"original")
    assert not await storage.keep_original(DIGEST, b"original")
    await asyncio.to_thread(storage.keep_version, DIGEST, 320, b"small")
    assert await asyncio.to_thread(storage.read_original, DIGEST) == b"original"
    assert await storage.read_version(DIGEST, 320) == b"small"


async def test_a_bucket_keeps_them_under_its_prefix(bucket: Bucket) -> None:
    await keep_and_read()
    folder = f"/pictures/of/ours/{DIGEST.hex()}"
    assert bucket.objects == {f"{folder}/original": b"original", f"{folder}/320.webp": b"small"}
    await storage.remove(DIGEST)
    assert bucket.objects == {}


@pytest.mark.parametrize("named", [True, False])
async def test_a_folder_keeps_them(named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ("pictures" if named else "media")
    url = f"file:{folder}" if named else ""
    opened = storage.open_store(msgspec.structs.replace(settings, media_url=url, data_dir=tmp_path))
    monkeypatch.setattr(storage, "store", lambda: opened)
    await keep_and_read()
    kept = {path.name for path in (folder / DIGEST.hex()).iterdir()}
    assert kept == {"original", "320.webp"}
    await storage.remove(DIGEST)
    assert list(folder.iterdir()) == []
