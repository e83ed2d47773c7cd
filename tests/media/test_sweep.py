"""Pictures that nothing shows go a week after they came; what is sent or shown meanwhile stays whole."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Enum, String

from apps.core.db.database import Base, Database
from apps.core.jobs import drain
from apps.media.jobs import sweep_pictures
from apps.shop.models import Product
from tests.journeys.customer import sql
from tests.kernel.processes import somebody_waits, until
from tests.media.bucket import Bucket
from tests.media.files import picture
from tests.media.gallery import Gallery

pytestmark = pytest.mark.anyio
TEXTS_WITHOUT_PICTURES = {
    *(
        "api_key.permissions",
        "audit_entry.before",
        "audit_entry.after",
        "demo_checkout.return_url",
        "erasure_request.ids",
        "invoice.buyer",
        "invoice.lines",
        "invoice.seller",
        "invoice.taxes",
        "list_export.place",
        "list_export.query",
        "registration.passkey_id",
        "registration.passkey_key",
        "erasure_request.steps",
        "erasure_request.words",
        "file_import.options",
        "file_import.report",
        "payment.pay_url",
        "picture_fetch.url",
        "webhook_attempt.answer",
        "webhook_endpoint.events",
        "webhook_endpoint.url",
        "webhook_event.payload",
        "webhook_message.body",
        "withdrawal.statement",
    ),
    *(
        "product_word.word",
        "role.permissions",
        "credential.external_id",
        "credential.secret",
        "registration.password_hash",
        "orders.address",
        "user_address.address",
        "shipment.address",
    ),
    "order_line.translations",
    *(
        "concert.description",
        "concert.lineup",
        "concert.tickets_elsewhere",
        "tour.description",
        "product.tags",
        "product.option_names",
    ),
    *("product.search", "variant.options", "concert_notice.before", "concert_notice.after"),
}
"""Plain text, parts of a text, and what only remembers."""


async def old_picture(gallery: Gallery, db: Database, data: bytes | None = None) -> dict[str, Any]:
    """Made, and sent more than a week ago."""
    image = await gallery.send(data or picture())
    await drain(db)
    await sql(db, "UPDATE image SET used_at = now() - interval '8 days' WHERE id = :id", id=image["id"])
    return image


def showing(image: dict[str, Any], title: str = "Shirt") -> dict[str, Any]:
    return {"title": title, "slug": title.lower(), "images": [{"url": image["url"]}]}


class TestSweep:
    async def test_what_nothing_shows_goes_a_week_later(self, gallery: Gallery, db: Database, bucket: Bucket) -> None:
        unused, young = await old_picture(gallery, db), await gallery.send(picture())
        await sql(db, "UPDATE image SET used_at = now() - interval '6 days' WHERE id = :id", id=young["id"])
        await sweep_pictures.handler(db)
        await gallery.staff_api.get(f"/images/{unused['id']}", status=404)
        await gallery.fetch(unused["url"], status=404)
        assert [path.split("/")[-2] for path in bucket.objects] == [folder_of(young)]
        [deleted] = await sql(db, "SELECT actor, subject_id FROM audit_entry WHERE action = 'media.delete_image'")
        assert (deleted.actor, str(deleted.subject_id)) == ("system", unused["id"])

    async def test_what_anything_shows_stays(self, gallery: Gallery, db: Database) -> None:
        shown, linked, translated = [await old_picture(gallery, db) for _ in range(3)]
        russian = {"ru": {"description": f'<a href="{translated["url"]}">Крупно</a>'}}
        texts = {"description": f'<a href="{linked["url"]}">Large</a>', "translations": russian}
        product = await gallery.staff_api.add("/products", showing(shown) | texts)
        await gallery.staff_api.do(f"/products/{product['id']}", "archive")
        await sweep_pictures.handler(db)
        for image in (shown, linked, translated):
            await gallery.fetch(image["url"])

    async def test_what_is_sent_again_has_another_week(self, gallery: Gallery, db: Database) -> None:
        data = picture()
        image = await old_picture(gallery, db, data)
        await gallery.send(data)
        await sweep_pictures.handler(db)
        await gallery.fetch(image["url"])

    async def test_what_was_interrupted_is_made_anew(self, gallery: Gallery, db: Database, bucket: Bucket) -> None:
        data, bucket.kept = picture(), ("640.webp",)
        image = await old_picture(gallery, db, data)
        await sweep_pictures.handler(db)
        assert (await gallery.send(data))["id"] == image["id"]
        await drain(db)
        assert len(await gallery.versions(image)) == 3

    async def test_what_cannot_go_keeps_no_other(self, gallery: Gallery, db: Database, bucket: Bucket) -> None:
        stuck, other = await old_picture(gallery, db), await old_picture(gallery, db)
        bucket.kept = (f"{folder_of(stuck)}/original",)
        await sweep_pictures.handler(db)
        await gallery.look(stuck)
        await gallery.staff_api.get(f"/images/{other['id']}", status=404)


class TestAtTheSameMoment:
    async def test_what_a_product_comes_to_show_stays(self, gallery: Gallery, db: Database) -> None:
        image = await old_picture(gallery, db)
        async with db.begin() as session:
            session.add(Product(slug="shirt", title="Somebody else's"))
            await session.flush()
            saving = asyncio.create_task(gallery.staff_api.add("/products", showing(image)))
            await until(lambda: somebody_waits(db))
            await sweep_pictures.handler(db)
            await session.rollback()
        await saving
        await gallery.fetch(image["url"])

    async def test_what_came_to_be_shown_meanwhile_stays(self, gallery: Gallery, db: Database, bucket: Bucket) -> None:
        unused, shown = await old_picture(gallery, db), await old_picture(gallery, db)
        sweeping = await begin_sweep(db, bucket)
        await gallery.staff_api.add("/products", showing(shown))
        bucket.removes.set()
        await sweeping
        await gallery.fetch(shown["url"])
        await gallery.fetch(unused["url"], status=404)

    async def test_who_sends_a_picture_outwaits_a_slow_store(
        self, gallery: Gallery, db: Database, bucket: Bucket
    ) -> None:
        data = picture()
        image = await old_picture(gallery, db, data)
        sweeping = await begin_sweep(db, bucket)
        assert (await gallery.send(data))["id"] == image["id"]
        await sweeping
        await gallery.fetch(image["url"])

    async def test_what_is_gone_is_not_shown(self, gallery: Gallery, db: Database, bucket: Bucket) -> None:
        image = await old_picture(gallery, db)
        sweeping = await begin_sweep(db, bucket)
        saving = asyncio.create_task(gallery.staff_api.add("/products", showing(image), status=422))
        await until(lambda: somebody_waits(db))
        bucket.removes.set()
        await sweeping
        assert [each["field"] for each in (await saving)["errors"]] == ["images[0].url"]

    async def test_what_is_sent_again_is_ready_again(self, gallery: Gallery, db: Database, bucket: Bucket) -> None:
        data = picture()
        image = await old_picture(gallery, db, data)
        sweeping = await begin_sweep(db, bucket)
        sending = asyncio.create_task(gallery.send(data))
        await until(lambda: somebody_waits(db))
        bucket.removes.set()
        await sweeping
        again = await sending
        await drain(db)
        assert again["id"] != image["id"]
        assert (await gallery.look(again))["state"] == "ready"
        assert len(await gallery.versions(again)) == 3


def folder_of(image: dict[str, Any]) -> str:
    return str(image["url"]).split("/")[-2]


async def begin_sweep(db: Database, bucket: Bucket) -> asyncio.Task[None]:
    """As far as its first file."""
    bucket.removes.clear()
    sweeping = asyncio.create_task(sweep_pictures.handler(db))
    await bucket.is_asked.wait()
    return sweeping


def test_every_column_that_may_name_a_picture_says_so() -> None:
    """A new one says `info=SHOWS_PICTURES`, or has its place above."""
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    open_ones = {
        str(column) for column in columns if may_name_a_picture(column) and "shows_pictures" not in column.info
    }
    assert open_ones == TEXTS_WITHOUT_PICTURES


def may_name_a_picture(column: Column[Any]) -> bool:
    kind = column.type
    is_named_so = re.search("image|picture|photo|poster|cover|logo|avatar", column.name) is not None
    is_long = isinstance(kind, String) and not isinstance(kind, Enum) and (kind.length or 2000) >= 1000
    return is_long or isinstance(kind, JSON) or is_named_so
