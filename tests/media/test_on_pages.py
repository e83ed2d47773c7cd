"""Pictures of products on the pages that fans see."""

import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.media.urls import srcset
from tests.media.files import picture
from tests.media.gallery import Gallery

pytestmark = pytest.mark.anyio


async def test_a_sent_picture_is_shown_in_the_width_that_fits(gallery: Gallery, db: Database) -> None:
    image = await gallery.send(picture())
    await drain(db)
    shirt = {"title": "Shirt", "published": True, "images": [{"url": image["url"], "alt": "A red shirt"}]}
    assert (await gallery.staff_api.add("/products", shirt))["images"] == shirt["images"]
    for path in ("/", "/shop/shirt"):
        page = (await gallery.fetch(path)).text
        assert f'src="{image["url"]}" srcset="{srcset(image["url"])}"' in page, path
        assert 'alt="A red shirt"' in page, path


async def test_products_take_no_other_path_of_ours(gallery: Gallery) -> None:
    digest = "a" * 64
    for url in (f"/media/{digest}/original", f"/media/{digest}/640.webp", "/media/x", f"/media/{digest}/1280.webp?x"):
        await gallery.staff_api.add("/products", {"title": "Shirt", "images": [{"url": url}]}, status=422)


def test_every_width_has_its_address() -> None:
    folder = f"/media/{'a' * 64}"
    assert srcset(f"{folder}/1280.webp") == ", ".join(f"{folder}/{width}.webp {width}w" for width in (320, 640, 1280))
    assert [srcset(url) for url in ("/static/demo/cap.svg", f"{folder}/640.webp", f"{folder}/1280.webp\n")] == [""] * 3
