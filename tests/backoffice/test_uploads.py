"""Pictures of the size that cameras make come with a form; what is refused of them loses nothing that was typed."""

from os import urandom

import pytest

from apps.backoffice.forms import uploads
from apps.core.db.database import Database
from apps.media.upload import LARGEST_FILE
from tests.backoffice.browser import Clerk
from tests.backoffice.merch import NEW
from tests.journeys.customer import sql
from tests.media.files import bomb, picture

pytestmark = pytest.mark.anyio
TYPED = {"title": "Wake shirt", "description": "Warm.\n\nAnd blue.", "price": "19.90", "vendor": "Gulls"}


def photo(megabytes: int) -> bytes:
    """A JPEG with as much behind its picture."""
    whole = picture("JPEG")
    return whole + urandom(megabytes * 1024 * 1024 - len(whole))


async def test_photos_together_are_more_than_any_form_without(manager: Clerk, db: Database) -> None:
    await manager.visit(NEW)
    files = [(f"{number}.jpg", photo(3)) for number in range(3)] + [("large.jpg", photo(14))]
    page = await manager.press("Save", title="Wake shirt", files=files)
    assert "/admin/product/details/" in page.url
    assert await sql(db, "SELECT count(*) FROM product_image") == [(4,)]
    assert await sql(db, "SELECT max(size) FROM image") == [(14 * 1024 * 1024,)]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (photo(16), "“cap.jpg” is too large: an image can have 15 MB, all images together 64 MB, and at most 20"),
        (b"no picture", "“cap.jpg” cannot be read as an image."),
        (bomb(10_000), "“cap.jpg” has too many pixels: at most 50 million."),
    ],
    ids=["large", "none", "pixels"],
)
async def test_a_refused_picture_keeps_what_was_typed_and_the_others(
    manager: Clerk, db: Database, file: bytes, sentence: str
) -> None:
    await manager.visit(NEW)
    files = [("cap.jpg", file), ("good.jpg", photo(3))]
    page = await manager.press("Save", ticked=("published",), status=422, files=files, **TYPED)
    assert [error[: len(sentence)] for error in page.errors] == [sentence]
    assert {name: page.value(name.replace("_", "-")) for name in TYPED} == TYPED
    assert await sql(db, "SELECT id FROM product") == []
    await manager.press("Save")
    assert await sql(db, "SELECT title, published, count(*) FROM product JOIN product_image ON product_id = product.id "
                         "GROUP BY product.id") == [("Wake shirt", True, 1)]  # fmt: skip


async def test_too_many_pictures_are_told_one_by_one(manager: Clerk, db: Database) -> None:
    await manager.visit(NEW)
    files = [(f"{number}.png", picture("PNG", size=(64, 64))) for number in range(uploads.MOST_FILES + 2)]
    page = await manager.press("Save", status=422, files=files, **TYPED)
    assert [error.partition(" ")[0] for error in page.errors] == ["“20.png”", "“21.png”"]
    await manager.press("Save")
    assert await sql(db, "SELECT count(*) FROM product_image") == [(uploads.MOST_FILES,)]


async def test_pictures_have_room_for_so_much_together(manager: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was too large takes nothing of it."""
    monkeypatch.setattr(uploads.Room, "__init__", lambda room: setattr(room, "left", LARGEST_FILE + 4 * 1024 * 1024))
    await manager.visit(NEW)
    files = [(f"{name}.jpg", photo(size)) for name, size in [("a", 3), ("b", 16), ("c", 15), ("d", 2), ("e", 1)]]
    page = await manager.press("Save", status=422, files=files, **TYPED)
    assert [error.partition(" ")[0] for error in page.errors] == ["“b.jpg”", "“d.jpg”"]


async def test_a_large_form_of_who_may_send_no_files_is_not_read(manager: Clerk) -> None:
    await manager.visit("/admin/category/create")
    form, _button = manager.page.form_with("Save")
    answer = await manager.client.post(form.action, data=dict(form.fields), files={"x": ("x.jpg", photo(3))})
    assert answer.status_code == 413


async def test_text_has_the_same_bound_beside_files(manager: Clerk) -> None:
    await manager.visit(NEW)
    form, _button = manager.page.form_with("Save")
    much = {f"more-{number}": "x" * 1024 * 1024 for number in range(3)}
    answer = await manager.client.post(form.action, data={**dict(form.fields), **much}, files={"x": ("x", b"")})
    assert answer.status_code == 413
    assert f"{NEW}#kept" in answer.text  # a browser finds there what was typed
