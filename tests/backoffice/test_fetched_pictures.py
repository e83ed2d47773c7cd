"""Pictures that lie elsewhere: the office sees which wait, which were given up and why, and has them tried again."""

from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.media.fetching import download
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import SignIn
from tests.journeys.customer import sql
from tests.media.elsewhere import Elsewhere, file, site_elsewhere, status
from tests.media.files import picture
from tests.shop.test_import_products import load, sheet, shirt

pytestmark = pytest.mark.anyio
LIST = "/admin/picture-fetch/list"


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Elsewhere]:
    """The only one that may be asked."""
    async with site_elsewhere() as made:
        only = (ip_address("127.0.0.1"), made.port)
        monkeypatch.setattr(download, "may_be_asked", lambda *asked: asked == only)
        yield made


@pytest.fixture
async def imported(db: Database, site: Elsewhere) -> Elsewhere:
    """A shirt with a picture there is, and one there is not."""
    site.answers["/shirt.jpg"] = file(picture())
    second = {"Handle": "shirt", "Image Src": site.url("/gone.jpg")}
    tally = await load(db, sheet(shirt(Image_Src=site.url("/shirt.jpg")), second))
    assert (tally.pictures_waiting, tally.pictures_failed) == (2, 0)
    return site


async def test_who_looks_at_the_product_sees_how_far_it_is(manager: Clerk, imported: Elsewhere, db: Database) -> None:
    await manager.visit("/admin/product/list")
    page = await manager.follow("Shirt")
    assert "http://127.0.0.1" not in page.answer.text  # no picture of another site is shown
    assert page.text.count("The image is being downloaded.") == 2
    await drain(db)
    page = await manager.visit(manager.page.url)
    assert "The image could not be downloaded." in page.text
    assert "The image is being downloaded." not in page.text
    form = await manager.follow("Edit")
    assert f'src="{imported.url("/gone.jpg")}"' not in form.answer.text


async def test_what_was_given_up_is_told_of_and_tried_again(manager: Clerk, imported: Elsewhere, db: Database) -> None:
    await drain(db)
    await manager.visit("/admin/")
    page = await manager.follow("1 Images that could not be downloaded")
    assert "Could not be downloaded The other site refused with the status 404." in page.text
    await manager.follow(imported.url("/gone.jpg"))
    imported.answers["/gone.jpg"] = file(picture())
    await manager.follow("Try again")
    page = await manager.press("Try again")
    assert "Trying again." in page.text
    await drain(db)
    assert "No results." in (await manager.visit(f"{LIST}?state=failed")).text
    own = await sql(db, "SELECT 1 FROM product_image WHERE source_url LIKE '/media/%'")
    assert len(own) == 2


async def test_the_import_again_changes_nothing_and_says_what_is_missing(imported: Elsewhere, db: Database) -> None:
    await drain(db)
    second = {"Handle": "shirt", "Image Src": imported.url("/gone.jpg")}
    tally = await load(db, sheet(shirt(Image_Src=imported.url("/shirt.jpg")), second))
    assert (tally.unchanged, tally.pictures_waiting, tally.pictures_failed) == (1, 0, 1)
    assert len(imported.asked) == 2


async def test_who_may_not_upload_pictures_does_not_see_it(clerk: SignIn, imported: Elsewhere) -> None:
    door = await clerk("door")
    await door.visit(LIST, status=404)


async def test_a_temporary_failure_says_when_the_next_try_is(manager: Clerk, site: Elsewhere, db: Database) -> None:
    site.answers["/shirt.jpg"] = status(503)
    await load(db, sheet(shirt(Image_Src=site.url("/shirt.jpg"))))
    await drain(db)
    page = await manager.visit(LIST)
    assert "Waiting to be downloaded The other site failed with the status 503. 1" in page.text
    russian = await manager.visit(f"{LIST}?lang=ru")
    assert "Ждёт загрузки На другом сайте ошибка с кодом 503. 1" in russian.text
