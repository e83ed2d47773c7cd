"""What the clock and the apps below do in the shop."""

from uuid import UUID

from apps.core.db.database import Database
from apps.core.events import subscribe
from apps.core.jobs import Lane, job
from apps.imports.services import work_on
from apps.media.fetching.events import PictureFetched
from apps.shop.events import ShipmentSent
from apps.shop.imports import fetched_pictures
from apps.shop.imports.file_import import ProductImporter
from apps.shop.products import publishing
from apps.shop.shipping import mails


@job("shop.publish_due", every="* * * * *")
async def publish_due(db: Database) -> None:
    published = publishing.AT_ONCE
    while published >= publishing.AT_ONCE:
        async with db.begin() as session:
            published = await publishing.publish_due(session)


@subscribe(PictureFetched)
@job("shop.show_fetched")
async def show_fetched(db: Database, url: str, address: str) -> None:
    async with db.begin() as session:
        await fetched_pictures.show_fetched(session, url=url, address=address)


@job("shop.import_file")
async def import_file(db: Database, import_id: UUID) -> None:
    await work_on(db, ProductImporter(), import_id)


@subscribe(ShipmentSent)
@job("shop.mail_shipment_sent", lane=Lane.mail)
async def mail_shipment_sent(db: Database, order_id: UUID, line_id: UUID) -> None:
    await mails.mail_shipment_sent(db, order_id, line_id)
