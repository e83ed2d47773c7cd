"""What is no picture is refused at once, and nobody gets at anything but pictures."""

import httpx
import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from tests.journeys.customer import sql
from tests.media.files import bomb, encoded, opened, picture
from tests.media.gallery import Gallery
from tests.staff import signed_in_as
from tests.staff_api import STAFF

pytestmark = pytest.mark.anyio
NO_PICTURES = [
    b"",
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    b"<!doctype html><script>alert(1)</script>",
    b"GIF89a<script>alert(1)</script>",
    b"\xff\xd8\xff\xe0<script>alert(1)</script>",
    b"%PDF-1.7",
    encoded(opened(picture()), "BMP"),
    encoded(opened(picture()), "TIFF"),
    picture()[:-200],
    picture("PNG")[:-200],
    picture("WEBP")[:-200],
    picture("AVIF")[:300],
]
NO_ADDRESSES = [
    "{hash}/original",
    "{hash}/original.webp",
    "{hash}/999.webp",
    "{hash}/320.png",
    "{hash}/0320.webp",
    "{hash}/320.webp/",
    "{hash}//320.webp",
    "/{hash}/320.webp",
    "{hash}/./320.webp",
    "{hash}/%33%32%30.webp",
    "{hash}/320.webp%0a",
    "{hash}/320.webp%00",
    "{hash}/x/../320.webp",
    "{hash}/..%2f{hash}%2f320.webp",
    "{hash}%2f320.webp",
    "{HASH}/320.webp",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "../../../../../etc/passwd",
    "{hash}",
    "",
]


class TestUpload:
    async def test_too_many_pixels_are_never_decoded(self, gallery: Gallery) -> None:
        """It has fewer than it claims, so that a decoder would call it broken."""
        for side in (7_100, 12_000, 60_000):
            assert (await gallery.send(bomb(side), status=422))["type"].endswith("too-many-pixels")

    async def test_too_large_a_file_is_refused(self, gallery: Gallery) -> None:
        assert (await gallery.send(bytes(16 * 1024 * 1024), status=413))["type"].endswith("too-large")

    async def test_larger_files_than_other_bodies_are_taken(self, gallery: Gallery) -> None:
        await gallery.send(picture("PNG") + bytes(2 * 1024 * 1024))

    async def test_other_files_are_refused(self, gallery: Gallery, db: Database) -> None:
        for data in NO_PICTURES:
            refused = await gallery.send(data, status=422)
            assert refused["type"].endswith("not-a-picture"), data[:8]
        assert await sql(db, "SELECT 1 FROM image") == []

    async def test_forms_are_told_what_to_send(self, gallery: Gallery) -> None:
        refused = await gallery.send(picture(), status=415, kind="multipart/form-data; boundary=x")
        assert refused["title"] == "Please send this as image/*."

    @pytest.mark.parametrize(("role", "status"), [("customer", 403), ("moderator", 403), ("manager", 201)])
    async def test_is_for_who_edits_products(
        self, client: httpx.AsyncClient, db: Database, role: str, status: int
    ) -> None:
        headers = await signed_in_as(db, role) | {"Content-Type": "image/jpeg"}
        answer = await client.post(f"{STAFF}/images", content=picture(), headers=headers)
        assert answer.status_code == status


class TestServing:
    async def test_what_is_not_made_yet_is_not_there(self, gallery: Gallery) -> None:
        image = await gallery.send(picture())
        assert image["state"] == "waiting"
        refused = await gallery.fetch(image["url"], status=404)
        assert (refused.headers["content-type"], refused.headers["cache-control"]) == ("image/svg+xml", "no-store")

    async def test_nothing_else_can_be_reached(self, gallery: Gallery, db: Database) -> None:
        image = await gallery.send(picture())
        await drain(db)
        digest = image["url"].split("/")[2]
        for path in NO_ADDRESSES:
            target = f"/media/{path.format(hash=digest, HASH=digest.upper())}".encode()
            answer = await gallery.client.get("/", extensions={"target": target})  # sent as it stands here
            assert answer.status_code in (400, 404), path

    async def test_is_for_ever_and_runs_nothing(self, gallery: Gallery, db: Database) -> None:
        image = await gallery.send(picture())
        await drain(db)
        answer = await gallery.fetch(image["url"])
        expected = {
            "content-type": "image/webp",
            "cache-control": "public, max-age=31536000, immutable",
            "content-security-policy": "default-src 'none'; sandbox",
            "content-disposition": "inline",
            "x-content-type-options": "nosniff",
        }
        assert {name: answer.headers[name] for name in expected} == expected
        assert "set-cookie" not in answer.headers
        again = await gallery.fetch(image["url"], status=304, headers={"If-None-Match": answer.headers["etag"]})
        assert again.content == b""
