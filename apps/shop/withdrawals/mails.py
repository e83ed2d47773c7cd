"""The receipt of a withdrawal, and the mail that it is refused: on a durable medium, in the order's language."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.mails import order_letter
from apps.checkout.order_view import order_by_id, order_view
from apps.core.db.database import Database
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.mail.services import Letter, send
from apps.shop.withdrawals.reading import withdrawal_of
from project.settings import settings

RECEIVED = _("We have received your withdrawal from order {number} from {band}")
REFUSED = _("Your withdrawal from order {number} from {band} is refused")


async def mail_receipt(db: Database, order_id: UUID, withdrawal_id: UUID) -> None:
    async with db.reads() as connection:
        letter = await _letter(connection, "received", RECEIVED, order_id, withdrawal_id)
    await send(db, letter)


async def mail_refusal(db: Database, order_id: UUID, withdrawal_id: UUID) -> None:
    async with db.reads() as connection:
        letter = await _letter(connection, "refused", REFUSED, order_id, withdrawal_id)
    await send(db, letter)


async def _letter(connection: AsyncConnection, kind: str, subject: Lazy, order_id: UUID, withdrawal_id: UUID) -> Letter:
    """To the address that was given with the withdrawal."""
    row = await order_by_id(connection, order_id)
    order = await order_view(connection, row)
    withdrawal = await withdrawal_of(connection, withdrawal_id, locale=row.locale)
    letter = order_letter(
        row,
        order,
        key=f"withdrawal-{kind}:{withdrawal_id}",
        subject=subject.in_locale(row.locale).format(number=order.number, band=settings.band_name),
        template=f"withdrawals/mail/{kind}",
        words={"withdrawal": withdrawal, "address": row.address, "zone": settings.time_zone},
    )
    return replace(letter, to=withdrawal.email)
