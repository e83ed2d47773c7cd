"""The mail to the customer that a parcel has shipped."""

from uuid import UUID

from apps.checkout.mails import order_letter
from apps.checkout.order_view import order_by_id, order_view
from apps.core.db.database import Database
from apps.core.text.i18n import lazy as _
from apps.mail.services import send
from apps.shop.shipping.shipments import ShipmentOut, parcel_with
from project.settings import settings

SUBJECT = _("Your parcel for order {number} from {band} is on its way")


async def mail_shipment_sent(db: Database, order_id: UUID, line_id: UUID) -> None:
    """One for the parcel that the line is in."""
    async with db.reads() as connection:
        row = await order_by_id(connection, order_id)
        order = await order_view(connection, row)
    shipments = [part for part in order.parts if isinstance(part, ShipmentOut)]
    letter = order_letter(
        row,
        order,
        key=f"order-parcel_sent:{line_id}",
        subject=SUBJECT.in_locale(row.locale).format(number=order.number, band=settings.band_name),
        template="shop/mail/shipment_sent",
        words={"parcel": parcel_with(shipments, line_id)},
    )
    await send(db, letter)
