"""Payments in the back office, read-only but for what needs attention. An app above adds what each pays for."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.accounts.permissions import Permission
from apps.backoffice.actions.action import Action
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.formats import badge, clock, money_in
from apps.backoffice.history.values import hidden, money
from apps.backoffice.history.values import states as names_of
from apps.backoffice.lists.filters import Choice, Days, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.money import format_money
from apps.core.text.i18n import lazy as _
from apps.payments.admin import offline
from apps.payments.attention import (
    FAILED_REFUND,
    HAS_DISCREPANCY,
    HAS_FAILED,
    IS_DISPUTED,
    IS_SILENT,
    IS_TO_BE_SENT,
    NEEDS_ATTENTION,
    REFUND_FAILED_LATELY,
    WAITS_FOR_ORDER,
    dismiss,
    settle_again,
)
from apps.payments.models import Discrepancy, Dispute, Payment, PaymentState, Refund
from apps.payments.names import DISPUTE_STATES, FAILURES, PAYMENT_STATES, REFUND_STATES
from apps.payments.offline.services import WAITING
from apps.payments.permissions import PaymentPermission as P
from apps.payments.repositories import PaymentRepository
from project.settings import settings

SALES = _("Sales")
NOTHING_YET = _("Nothing yet.")
OTHER_MONEY = _(
    "The amount differs from the one received before. Nothing was settled: check the payment with the provider."
)
OTHER_CURRENCY = _("Wrong currency. The order is not paid: refund the money with the provider.")


def payment_state(row: Any, name: str, request: Request) -> Any:
    """With the reason why it failed."""
    shown = badge(PAYMENT_STATES)(row, name, request)
    if row.failure is None:
        return shown
    return Markup('{} <span class="quiet">{}</span>').format(shown, FAILURES[row.failure].in_locale(locale_of(request)))


class PaymentAdmin(View, model=Payment):
    name, name_plural, group = _("Payment"), _("Payments"), SALES
    permissions: ClassVar[Mapping[str, Permission]] = {
        Access.LIST: P.PAYMENTS_ATTEND,
        Access.DETAILS: P.PAYMENTS_ATTEND,
    }
    column_list = ["created_at", "provider", "amount", "captured", "refunded", "state"]
    column_details_list = [*column_list, "confirmed_at", "settled_at", "dismissed_at", "reference"]
    column_labels = {
        "created_at": _("Started"),
        "provider": _("Provider"),
        "amount": _("Amount"),
        "captured": _("Received"),
        "refunded": _("Refunded"),
        "state": _("Status"),
        "confirmed_at": _("Received at"),
        "settled_at": _("Settled at"),
        "dismissed_at": _("Dismissed at"),
        "reference": _("Provider's reference"),
        "failure": _("Reason"),
    }
    recorded = {
        "state": names_of({**DISPUTE_STATES, **REFUND_STATES, **PAYMENT_STATES}),
        "failure": names_of(FAILURES),
        "amount": money,
        "captured": money,
        "currency": hidden,
    }
    column_formatters = {
        "amount": money_in("currency"),
        "captured": money_in("currency"),
        "refunded": money_in("currency"),
        "state": payment_state,
    }
    sorts = {
        "created_at": Sort(Payment.id, UUID, is_descending=True),
        "amount": Sort(Payment.amount, int),
        "state": Sort(Payment.state, str),
    }
    filters = (
        states("state", _("Status"), Payment.state, PAYMENT_STATES),
        Choice(
            "attention",
            _("Needs attention"),
            {
                "failed": (_("Failed"), HAS_FAILED),
                "silent": (_("No answer from the provider"), IS_SILENT),
                "transfer": (_("Refund to be sent or paid out"), IS_TO_BE_SENT),
                "refund": (_("Failed refund in the last 14 days"), REFUND_FAILED_LATELY),
                "unsettled": (_("Received, but not settled"), WAITS_FOR_ORDER),
                "disputed": (_("Disputed by the customer"), IS_DISPUTED),
                "discrepancy": (_("Different amount at the provider"), HAS_DISCREPANCY),
            },
        ),
        Choice("refunds", _("Refunded"), {"failed": (_("A refund failed"), Payment.id.in_(FAILED_REFUND))}),
        Days("begun", _("Started"), Payment.created_at, id=Payment.id),
    )
    parts = (Refund,)
    label_column = "provider"
    search_help = _("Provider's reference")
    actions = (
        *offline.ACTIONS,
        Action(
            name="settle",
            title=_("Settle again"),
            question=_(
                "Settle the order with this payment now? If that is not possible, the full amount is refunded to "
                "the customer."
            ),
            done=_("The payment is being settled."),
            permission=P.PAYMENTS_ATTEND,
            run=locked(PaymentRepository, settle_again),
            applies=lambda row: row.state is PaymentState.confirmed and row.settled_at is None,
            many=True,
        ),
        Action(
            name="dismiss",
            title=_("Dismiss"),
            question=_("Dismiss this payment? It comes back if anything else happens to it."),
            done=_("No longer needs attention."),
            permission=P.PAYMENTS_ATTEND,
            run=locked(PaymentRepository, dismiss),
            applies=lambda row: row.needs_attention,
            many=True,
        ),
    )

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        return found.where(Payment.reference == words)

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        found_open = select(Payment.id).where(Payment.id.in_([row.id for row in rows]), NEEDS_ATTENTION)
        needing = set(await session.scalars(found_open))
        under_way = select(Refund.payment_id).where(Refund.state.in_(WAITING))
        sending = set(await session.scalars(under_way.where(Refund.payment_id.in_([row.id for row in rows]))))
        for row in rows:
            row.needs_attention = row.id in needing
            row.has_refunds_under_way = row.id in sending

    async def find_many(self, session: AsyncSession, pks: Sequence[str]) -> Sequence[Any]:
        rows = await super().find_many(session, pks)
        await self.complete(session, rows)
        return rows

    async def panels(self, session: AsyncSession, row: Payment, request: Request) -> Sequence[Panel]:
        found = [*await _disputes(session, row, request), *await _discrepancies(session, row, request)]
        return [await _refunds(session, row, request), *found]


async def _refunds(session: AsyncSession, payment: Payment, request: Request) -> Panel:
    found = select(Refund).where(Refund.payment_id == payment.id).order_by(Refund.created_at, Refund.id)
    locale = locale_of(request)
    rows = [
        [
            clock(each.created_at, settings.time_zone, locale),
            format_money(each.amount, payment.currency, locale=locale),
            each.reason,
            badge(REFUND_STATES)(each, "state", request),
        ]
        for each in await session.scalars(found)
    ]
    columns = [_("When"), _("Amount"), _("Reason"), _("Status")]
    return Panel(title=_("Refunded"), columns=columns, rows=rows, empty=_("Nothing was refunded."))


async def _disputes(session: AsyncSession, payment: Payment, request: Request) -> list[Panel]:
    """None where there is none."""
    found = select(Dispute).where(Dispute.payment_id == payment.id).order_by(Dispute.id)
    locale = locale_of(request)
    rows = [
        [
            clock(each.created_at, settings.time_zone, locale),
            format_money(each.amount, each.currency, locale=locale),
            each.reason,
            badge(DISPUTE_STATES)(each, "state", request),
        ]
        for each in await session.scalars(found)
    ]
    columns = [_("When"), _("Amount"), _("Reason"), _("Status")]
    return [Panel(title=_("Disputes"), columns=columns, rows=rows, empty=NOTHING_YET)] if rows else []


async def _discrepancies(session: AsyncSession, payment: Payment, request: Request) -> list[Panel]:
    """None where there is none."""
    found = select(Discrepancy).where(Discrepancy.payment_id == payment.id).order_by(Discrepancy.id)
    locale = locale_of(request)
    rows = [
        [
            clock(each.created_at, settings.time_zone, locale),
            format_money(each.amount, each.currency, locale=locale),
            OTHER_MONEY if each.currency == payment.currency else OTHER_CURRENCY,
        ]
        for each in await session.scalars(found)
    ]
    columns = [_("When"), _("The provider reports"), _("Problem")]
    return [Panel(title=_("Amount mismatches"), columns=columns, rows=rows, empty=NOTHING_YET)] if rows else []
