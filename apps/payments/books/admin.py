"""The books in the back office: what was written, and the balances by day. An app above adds what each is for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from babel.dates import format_date
from sqladmin.authorization import Action as Access
from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.permissions import Permission
from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import badge, money_in
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Choice, Dates, Filter, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.money import format_money
from apps.core.text.i18n import lazy as _
from apps.payments.books.balances import DAY_BALANCES, DayBalance
from apps.payments.books.by_hand import enter, may_be_reversed, reverse
from apps.payments.books.models import Account, Cause, Transfer
from apps.payments.books.names import ACCOUNTS, CAUSES, PHASES
from apps.payments.books.permissions import BooksPermission as P
from apps.payments.books.schemas import EntryIn
from apps.payments.books.staff_reads import add_status
from apps.payments.providers import all_providers
from project.settings import settings

BOOKS = _("Books")
DAY, PROVIDER, CURRENCY, AMOUNT = _("Day"), _("Provider"), _("Currency"), _("Amount")


def named(names: Mapping[Any, Any]) -> Any:
    """A word of the books, by its label."""

    def shown(row: Any, name: str, request: Request) -> str:
        return str(names[getattr(row, name)].in_locale(locale_of(request)))

    return shown


def day(row: Any, name: str, request: Request) -> str:
    return format_date(getattr(row, name), "d MMM y", locale=locale_of(request))


def of_account(account: Account) -> Any:
    return or_(Transfer.debit_account == account, Transfer.credit_account == account)


def providers() -> list[tuple[str, Any]]:
    return [(each.name, each.title) for each in all_providers()]


def by_provider(column: Any) -> Choice:
    return Choice("provider", PROVIDER, {name: (title, column == name) for name, title in providers()})


BY_HAND = (Cause.payout, Cause.fee)


class EntryForm(Form):
    cause = fields.Choice(_("Type"), choices=[(str(each), CAUSES[each]) for each in BY_HAND], default=BY_HAND[0])
    provider = fields.Choice(PROVIDER, choices=providers(), default=next(iter(dict(providers())), ""))
    amount = fields.Money(AMOUNT, required=True)
    currency = fields.Input(CURRENCY, default=settings.currency, required=True)
    happened_at = fields.DateTime(_("When"), required=True)
    reference = fields.Input(
        _("Reference"), required=True, help=_("What the provider calls it: a number on the statement.")
    )


async def take_back(context: ActionContext, transfer: Transfer, form: None) -> Transfer:
    return await reverse(context.session, transfer, actor=context.actor)


class TransferAdmin(View, model=Transfer):
    name, name_plural, group = _("Entry"), _("Entries"), BOOKS
    name_of_new = _("New payout or fee")
    edits_need_proof = True
    menu_place = 60
    permissions: ClassVar[Mapping[str, Permission]] = {
        Access.LIST: P.BOOKS_VIEW,
        Access.DETAILS: P.BOOKS_VIEW,
        Access.CREATE: P.BOOKS_EDIT,
        Access.EXPORT: P.BOOKS_EXPORT,
    }
    column_list = ["day", "cause", "debit_account", "credit_account", "amount", "status", "provider"]
    column_details_list = [*column_list, "created_at", "key", "entry_id", "pending_id"]
    column_labels: ClassVar[Any] = {
        "day": DAY,
        "cause": _("Type"),
        "debit_account": _("Debit"),
        "credit_account": _("Credit"),
        "amount": AMOUNT,
        "status": _("Status"),
        "provider": PROVIDER,
        "created_at": _("Written"),
        "key": _("Cause"),
        "entry_id": _("Written together as"),
        "pending_id": _("Pending entry"),
    }
    column_formatters: ClassVar[Any] = {
        "day": day,
        "cause": named(CAUSES),
        "debit_account": named(ACCOUNTS),
        "credit_account": named(ACCOUNTS),
        "amount": money_in("currency"),
        "status": badge(PHASES),
    }
    sorts = {
        "created_at": Sort(Transfer.id, UUID, is_descending=True),
        "day": Sort(Transfer.day, date, is_descending=True),
        "amount": Sort(Transfer.amount, int),
    }
    filters: ClassVar[Sequence[Filter]] = (
        by_provider(Transfer.provider),
        Choice(
            "account", _("Ledger account"), {str(each): (name, of_account(each)) for each, name in ACCOUNTS.items()}
        ),
        states("cause", _("Type"), Transfer.cause, CAUSES),
        Dates("day", DAY, Transfer.day),
    )
    searched, search_help = ("key",), _("ID of a payment or refund, reference of a payout")
    form = EntryForm
    empty = _("Nothing was paid yet.")
    actions = (
        Action(
            name="reverse",
            title=_("Reverse"),
            question=_("Was this entered by mistake? Another entry takes it back; both stay in the books."),
            done=_("Reversed."),
            permission=P.BOOKS_EDIT,
            run=take_back,
            applies=may_be_reversed,
            needs_proof=True,
        ),
    )

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        await add_status(session, rows)

    def label(self, row: Transfer) -> str:
        amount = format_money(row.amount, row.currency, locale=settings.locale)
        return f"{row.provider} · {row.day} · {amount}"

    def may_change(self, row: Transfer) -> bool:
        return False

    async def add(self, context: ActionContext, form: Any) -> Transfer:
        form.amount.in_currency(form.currency.text)
        return await enter(context.session, bind(form, EntryIn), actor=context.actor)


class DayBalanceAdmin(View, model=DayBalance):
    name, name_plural, group = _("Balance"), _("Balances"), BOOKS
    menu_place = 61
    permissions = {Access.LIST: P.BOOKS_VIEW, Access.DETAILS: P.BOOKS_VIEW, Access.EXPORT: P.BOOKS_EXPORT}
    column_list = ["day", "provider", "account", "debits", "credits", "balance"]
    column_details_list = column_list
    column_labels = {
        "day": DAY,
        "provider": PROVIDER,
        "account": _("Ledger account"),
        "debits": _("Debits"),
        "credits": _("Credits"),
        "balance": _("Balance at the end of the day"),
    }
    column_formatters = {
        "day": day,
        "account": named(ACCOUNTS),
        "debits": money_in("currency"),
        "credits": money_in("currency"),
        "balance": money_in("currency"),
    }
    sorts = {"day": Sort(DAY_BALANCES.c.day, date, is_descending=True)}
    filters = (
        Dates("day", DAY, DAY_BALANCES.c.day),
        by_provider(DAY_BALANCES.c.provider),
        states("account", _("Ledger account"), DAY_BALANCES.c.account, ACCOUNTS),
    )
    empty = _("Nothing was paid yet.")

    def label(self, row: Any) -> str:
        return f"{row.provider} · {row.currency} · {row.day}"
