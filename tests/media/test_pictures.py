"""Pictures from the office to the visitor: sent, made anew by a job, served."""

import asyncio
from os import urandom
from typing import Any
from uuid import UUID

import pytest
from PIL import Image, ImageCms

from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.media.jobs import render_image
from tests.journeys.customer import sql
from tests.media.files import encoded, opened, picture
from tests.media.gallery import Gallery

pytestmark = pytest.mark.anyio
GPS, CAMERA, ORIENTATION = 0x8825, 0x0110, 0x0112
LYING = 6
KINDS = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
MADE = [("WEBP", (320, 160)), ("WEBP", (640, 320)), ("WEBP", (960, 480))]


async def shown(gallery: Gallery, db: Database, data: bytes) -> tuple[dict[str, Any], list[Image.Image]]:
    """Sent and made: what staff see of it, and its versions."""
    image = await gallery.send(data)
    await drain(db)
    return await gallery.look(image), [opened(each) for each in await gallery.versions(image)]


async def jobs(db: Database) -> int:
    """How many are waiting."""
    return len(await sql(db, "SELECT 1 FROM pgqueuer WHERE entrypoint = 'media.render_image'"))


class TestUpload:
    async def test_what_it_is_is_seen_by_its_content(self, gallery: Gallery, db: Database) -> None:
        for kind, media_type in KINDS.items():
            image, versions = await shown(gallery, db, picture(kind))
            assert (image["media_type"], image["width"], image["height"]) == (media_type, 960, 480), kind
            assert image["state"] == "ready", kind
            assert [(each.format, each.size) for each in versions] == MADE, kind

    async def test_the_same_file_twice_is_one_image(self, gallery: Gallery, db: Database) -> None:
        data = picture()
        first, again = await gallery.send(data), await gallery.send(data, kind="application/octet-stream")
        assert first == again
        assert (await jobs(db), len(await sql(db, "SELECT 1 FROM audit_entry"))) == (1, 1)
        await drain(db)
        assert (await gallery.send(data))["state"] == "ready"
        assert await jobs(db) == 0

    async def test_done_twice_the_job_changes_nothing(self, gallery: Gallery, db: Database) -> None:
        image, _ = await shown(gallery, db, picture())
        before = await gallery.versions(image)
        await sql(db, "UPDATE image SET state = 'waiting'")
        await asyncio.gather(*(render_image.handler(db, UUID(image["id"])) for _ in range(2)))
        assert (await gallery.look(image), await gallery.versions(image)) == (image, before)

    async def test_what_cannot_be_decoded_fails_and_may_be_sent_again(self, gallery: Gallery, db: Database) -> None:
        data = picture("GIF", size=(300, 300))
        image = await gallery.send(data[: len(data) // 2])
        await drain(db)
        assert (await gallery.look(image))["state"] == "failed"
        await gallery.fetch(image["url"], status=404)
        assert (await gallery.send(data[: len(data) // 2]))["state"] == "waiting"
        assert await jobs(db) == 1


class TestVersions:
    async def test_say_nothing_of_where_and_by_whom(self, gallery: Gallery, db: Database) -> None:
        exif = Image.Exif()
        exif[CAMERA] = "Harbourflex 3"
        exif.get_ifd(GPS)[1] = "N"
        data = picture(exif=exif, comment=b"by Ada")
        assert b"Harbourflex" in data
        _, versions = await shown(gallery, db, data)
        assert [dict(each.getexif()) for each in versions] == [{}] * 3
        assert [each.info.keys() & {"exif", "xmp", "icc_profile", "comment"} for each in versions] == [set()] * 3

    async def test_stand_upright(self, gallery: Gallery, db: Database) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = LYING
        image, versions = await shown(gallery, db, picture(exif=exif))
        assert (image["width"], image["height"]) == (480, 960)
        assert versions[-1].size == (480, 960)

    async def test_never_grow(self, gallery: Gallery, db: Database) -> None:
        _, versions = await shown(gallery, db, picture(size=(100, 80)))
        assert {each.size for each in versions} == {(100, 80)}

    async def test_of_a_ribbon_are_low(self, gallery: Gallery, db: Database) -> None:
        _, versions = await shown(gallery, db, picture("PNG", size=(64, 60_000)))
        assert max(each.height for each in versions) == 5120

    async def test_keep_what_is_transparent(self, gallery: Gallery, db: Database) -> None:
        dots = Image.frombytes("P", (8, 8), urandom(64)).resize((80, 80))
        _, versions = await shown(gallery, db, encoded(dots, "GIF", transparency=dots.getpixel((40, 40))))
        assert [each.getpixel((45, 45))[3] for each in versions] == [0] * 3

    async def test_have_the_colours_of_screens(self, gallery: Gallery, db: Database) -> None:
        for mode, kind in {"L": "JPEG", "CMYK": "JPEG", "1": "PNG", "I;16": "PNG"}.items():
            _, versions = await shown(gallery, db, encoded(Image.new(mode, (50, 50)), kind))
            assert {each.mode for each in versions} == {"RGB"}, mode

    async def test_of_another_colour_space_look_the_same(self, gallery: Gallery, db: Database) -> None:
        """In this one blue and red change places."""
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        turned = profile.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
        _, (_, _, version) = await shown(gallery, db, picture("PNG", icc_profile=turned))
        red, _, blue = version.getpixel((600, 300))
        assert (red < 20, blue > 100) == (True, True)
