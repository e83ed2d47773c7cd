"""A server, the office of the band that sends it pictures, and another place to keep them."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from apps.media import storage
from project.settings import settings
from tests.conftest import free_port
from tests.journeys.conftest import client, customer, listening, server, staff_api
from tests.media.bucket import KEY, SECRET, Bucket
from tests.media.gallery import Gallery
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "server", "staff_api"]


@pytest.fixture
def gallery(staff_api: StaffApi) -> Gallery:
    return Gallery(staff_api)


@pytest.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bucket]:
    """What the settings choose."""
    made, port = Bucket(), free_port()
    chosen = msgspec.structs.replace(
        settings,
        media_url="s3://pictures/of/ours",
        media_s3_endpoint=f"http://127.0.0.1:{port}",
        media_s3_key=KEY,
        media_s3_secret=SECRET,
    )
    opened = storage.open_store(chosen)
    monkeypatch.setattr(storage, "store", lambda: opened)
    async with listening(made, port=port):
        yield made
        made.removes.set()  # a test that failed leaves nobody waiting
