"""Mails to customers about their orders, in the language of the order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from jinja2.environment import TemplateModule
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.checkout.order_view import order_by_id, order_view
from apps.checkout.returned_money import why_returned
from apps.checkout.schemas import OrderOut
from apps.core.db.database import Database
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import fragment, render
from apps.mail.services import Letter, send
from apps.orders.kinds.fulfilment import fulfilments
from apps.orders.repositories import refunded_quantities
from apps.payments.models import Refund
from project.settings import settings


class OrderMail(StrEnum):
    delivered = "delivered"
    refunded = "refunded"
    payment_returned = "payment_returned"


class Section(NamedTuple):
    """What one kind says in a mail."""

    text: str
    html: TemplateModule


SUBJECTS: dict[OrderMail, Lazy] = {
    OrderMail.delivered: _("Your order {number} from {band}"),
    OrderMail.refunded: _("Your refund for order {number} from {band}"),
    OrderMail.payment_returned: _("We are refunding your payment for order {number} from {band}"),
}


async def mail_order(db: Database, kind: OrderMail, order_id: UUID, *, about: UUID | None = None) -> None:
    """One mail for each kind and order, or for the refund that it is `about`."""
    await send(db, await _letter(db, kind, order_id, about=about))


async def mail_order_again(db: Database, order_id: UUID, *, to: str, key: UUID) -> None:
    """What was mailed when it was delivered, once for each `key`."""
    letter = await _letter(db, OrderMail.delivered, order_id, about=None)
    await send(db, replace(letter, key=f"order-again:{key}", to=to))


async def _letter(db: Database, kind: OrderMail, order_id: UUID, *, about: UUID | None) -> Letter:
    """Codes and links are made anew from the rows."""
    async with db.reads() as connection:
        row = await order_by_id(connection, order_id)
        order = await order_view(connection, row)
        words = await _words_of_refund(connection, order, about) if about else {}
        if about and kind is OrderMail.payment_returned:
            words = {**words, "why": await why_returned(connection, row, about)}
    return order_letter(
        row,
        order,
        key=f"order-{kind}:{about or order_id}",
        subject=SUBJECTS[kind].in_locale(row.locale).format(number=order.number, band=settings.band_name),
        template=f"checkout/mail/{kind}",
        words=words,
        sections=list(_sections(order, row)) if kind is OrderMail.delivered else (),
    )


async def _words_of_refund(connection: AsyncConnection, order: OrderOut, refund_id: UUID) -> Mapping[str, Any]:
    amount = (await connection.execute(select(Refund.amount).where(Refund.id == refund_id))).scalar()
    quantities = await refunded_quantities(connection, refund_id)
    return {
        "amount": amount,
        "refunded": [(quantities[line.id], line.title) for line in order.lines if line.id in quantities],
    }


def _sections(order: OrderOut, row: Any) -> Iterator[Section]:
    """What each kind says of its parts."""
    for kind in fulfilments():
        if (parts := kind.own(order.parts)) and kind.mail_template:
            words = {"order": order, "parts": parts, "address": row.address}
            text, html = (fragment(f"{kind.mail_template}.{each}", row.locale, words) for each in ("txt", "html"))
            if stripped := str(text).strip():
                yield Section(stripped, html)


def order_letter(
    row: Any,
    order: OrderOut,
    *,
    key: str,
    subject: str,
    template: str,
    words: Mapping[str, Any],
    sections: Sequence[Section] = (),
) -> Letter:
    """To the customer of an order, from its columns. `template` is without the ending: .txt and .html.

    Invoices are issued a moment later, so the mail has no file of them but leads to where they are.
    """
    invoices = f"{order.url}#invoices" if order.total and settings.invoices else ""
    words = {"order": order, "band": settings.band_name, "invoices": invoices, **words}
    return Letter(
        key=key,
        owner_id=row.id,
        to=order.email,
        subject=subject,
        text=render(f"{template}.txt", row.locale, {**words, "sections": [each.text for each in sections]}),
        html=render(f"{template}.html", row.locale, {**words, "sections": [each.html for each in sections]}),
    )
