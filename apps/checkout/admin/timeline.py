"""The timeline of an order, in sentences, newest first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from apps.backoffice.history.audit_log import action_text, names_of_actors
from apps.checkout.staff_schemas import OrderStaffOut, TimelineEntryOut
from apps.core.money import format_money
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.mail.models import Mail
from apps.orders.kinds.fulfilment import fulfilments, fulfilments_of
from apps.payments.names import FAILURES, REFUND_STATES

SENTENCES: Mapping[str, Lazy] = {
    "orders.paid": _("Paid."),
    "orders.expired": _("Not paid in time."),
    "orders.cancelled": _("Cancelled."),
    "orders.add_comp_order": _("Free order: {reason}"),
    "orders.refund": _("Refunded: {pieces}."),
    "orders.refund_failed": _("A refund failed: the money was not sent."),
    "orders.hold": _("Tickets and parcels are on hold: the payment is disputed."),
    "orders.release": _("Tickets and parcels are no longer on hold."),
    "orders.note": _("Note: {note}"),
    "orders.resend": _("Another email to {to} was requested."),
    "orders.renew_codes": _("The old codes and link no longer work."),
    "orders.change_customer": _("Customer details corrected: {changes}."),
    "payments.report": _("The provider says of a payment: {state}."),
    "payments.report:pending": _("Payment started."),
    "payments.report:confirmed": _("{amount} received."),
    "payments.report:failed": _("A payment failed. {failure}"),
    "payments.report:cancelled": _("A payment was cancelled."),
    "payments.discrepancy": _("The provider reports {amount}, which does not agree with the payment."),
    "payments.dispute": _("The customer asks their bank to return {amount}: a dispute."),
    "payments.dispute:won": _("The bank decided a dispute of {amount} in our favour."),
    "payments.dispute:lost": _("The bank returned {amount} to the customer: the dispute is lost."),
    "payments.dismiss": _("A payment was dismissed."),
    "payments.settle_again": _("A payment was settled again."),
    "payments.receive": _("{amount} marked as received: {note}"),
    "payments.receive_transfer": _("Bank transfer of {amount} marked as received: {note}"),
    "payments.refunds_sent": _("Refunds marked as sent."),
    "payments.refund": _("{amount} refunded: {reason}"),
    "payments.refund_report": _("The provider says of a refund: {state}."),
    **{action: sentence for kind in fulfilments() for action, sentence in kind.extension.sentences.items()},
}
"""By action, and by the state it led to where that has a sentence of its own."""
PLACED = _("Placed.")
TAKEN_BACK = _("Voided, free of charge: {pieces}.")
MAILED = _("Emailed to {to}: “{subject}”.")
STATES: Mapping[str, Mapping[Any, Lazy]] = {
    "payments.refund_report": REFUND_STATES,
    **{action: names for kind in fulfilments() for action, names in kind.extension.states.items()},
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    text: str
    who: Lazy | str = ""


async def timeline_of(
    session: AsyncSession, order: OrderStaffOut, mails: Sequence[Mail], *, locale: str
) -> list[TimelineEntry]:
    """What was done with several parcels in one second is one entry. One statement, for the names of the staff."""
    names = await names_of_actors(session, {entry.actor for entry in order.timeline})
    done = [
        TimelineEntry(entry.at, text, names.get(entry.actor, entry.actor))
        for entry in order.timeline
        if (text := _text(entry, order, locale))
    ]
    entries = [*done, *_mailed(mails, locale), *_milestones(order, locale)]
    entries.sort(key=lambda each: each.at, reverse=True)
    return [
        next(same)
        for _key, same in groupby(entries, key=lambda each: (each.text, each.who, each.at.replace(microsecond=0)))
    ]


def _milestones(order: OrderStaffOut, locale: str) -> Iterator[TimelineEntry]:
    yield TimelineEntry(order.placed_at, PLACED.in_locale(locale))
    if order.delivered_at:
        delivered = (kind.extension.delivered.in_locale(locale) for kind in fulfilments_of(order.lines))
        yield TimelineEntry(order.delivered_at, " ".join(delivered))


def _mailed(mails: Iterable[Mail], locale: str) -> Iterator[TimelineEntry]:
    for mail in mails:
        if mail.sent_at:
            yield TimelineEntry(mail.sent_at, MAILED.in_locale(locale).format(to=mail.recipient, subject=mail.subject))


def _text(entry: TimelineEntryOut, order: OrderStaffOut, locale: str) -> str:
    """Empty for what says nothing: money alone that went back tells it by itself."""
    if entry.action == "orders.refund" and not entry.after.get("pieces"):
        return ""
    if entry.action == "orders.refund" and not order.total:
        return TAKEN_BACK.in_locale(locale).format_map(_values(entry, order, locale))
    state = entry.after.get("state")
    sentence = SENTENCES.get(f"{entry.action}:{state}") or SENTENCES.get(entry.action)
    if sentence is None:
        text = action_text(entry.action)
        return text.in_locale(locale) if isinstance(text, Lazy) else text
    return sentence.in_locale(locale).format_map(_values(entry, order, locale)).strip()


def _values(entry: TimelineEntryOut, order: OrderStaffOut, locale: str) -> dict[str, str]:
    after = entry.after
    amount = after.get("amount", after.get("captured", 0))
    state = STATES.get(entry.action, {}).get(after.get("state"))
    return {
        "amount": format_money(amount, after.get("currency", order.currency), locale=locale),
        "state": state.in_locale(locale) if state else str(after.get("state", "")),
        "failure": FAILURES[after["failure"]].in_locale(locale) if after.get("failure") in FAILURES else "",
        "reason": after.get("reason", ""),
        "note": after.get("note", ""),
        "to": after.get("to", ""),
        "pieces": _pieces(after.get("pieces", {}), order),
        "changes": ", ".join(f"{_plain(entry.before.get(name))} → {_plain(new)}" for name, new in after.items()),
    }


def _pieces(pieces: Mapping[str, int], order: OrderStaffOut) -> str:
    titles = {str(line.id): line.title for line in order.lines}
    return ", ".join(f"{quantity} × {titles.get(line, '?')}" for line, quantity in pieces.items())


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    return str(value or "–")
