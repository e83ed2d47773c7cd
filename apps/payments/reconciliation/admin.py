"""What does not agree with the providers' lists, in the back office."""

from typing import Annotated, Any
from uuid import UUID

from markupsafe import Markup
from msgspec import Meta, Struct
from sqladmin.authorization import Action as Access
from starlette.requests import Request
from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import NOTHING, link_of, money_in
from apps.backoffice.forms.values import bind
from apps.backoffice.history.values import hidden, money
from apps.backoffice.history.values import states as names_of
from apps.backoffice.lists.filters import Choice, Days, states
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import details_url
from apps.backoffice.views.base import View
from apps.core.db.database import Database
from apps.core.text.i18n import lazy as _
from apps.payments.books.admin import BOOKS, by_provider, named
from apps.payments.books.permissions import BooksPermission as P
from apps.payments.reconciliation.differences import IS_OPEN, DifferenceRepository, dismiss
from apps.payments.reconciliation.look_again import look_again
from apps.payments.reconciliation.models import Difference
from apps.payments.reconciliation.names import KINDS, PROBLEMS

OPEN, DISMISSED, GONE = _("Open"), _("Dismissed"), _("Agrees now")


class NoteForm(Form):
    note = fields.Input(_("Note"), required=True, help=_("Why it may stay so. Only staff see it."))


class NoteIn(Struct):
    note: Annotated[str, Meta(min_length=1, max_length=200)]


def state(row: Difference, name: str, request: Request) -> Markup:
    kind, text = ("done", GONE) if row.gone_at else ("done", DISMISSED) if row.dismissed_at else ("failed", OPEN)
    return Markup('<span class="badge state-{}">{}</span>').format(kind, text.in_locale(locale_of(request)))


def payment(row: Difference, name: str, request: Request) -> Any:
    if row.payment_id is None:
        return NOTHING
    return link_of(details_url("payment", row.payment_id), row.reference, request)


async def look(db: Database, id: UUID, form: None) -> None:
    await look_again(db, id)


async def nothing_more(context: ActionContext, difference: Difference, form: None) -> None:
    """All of it was done before."""


async def dismiss_with_note(context: ActionContext, difference: Difference, form: Form) -> None:
    row = await DifferenceRepository(session=context.session).find_locked(difference.id)
    await dismiss(context.session, row, note=bind(form, NoteIn).note, actor=context.actor)


def is_open(row: Difference) -> bool:
    return row.gone_at is None and row.dismissed_at is None


def may_be_compared(row: Difference) -> bool:
    """Also one that is gone: the comparison itself may just have found that."""
    return row.dismissed_at is None


class DifferenceAdmin(View, model=Difference):
    name, name_plural, group = _("Difference"), _("Differences"), BOOKS
    menu_place = 62
    permissions = {Access.LIST: P.BOOKS_VIEW, Access.DETAILS: P.BOOKS_VIEW, Access.EXPORT: P.BOOKS_EXPORT}
    column_list = ["happened_at", "kind", "problem", "here", "there", "provider", "state"]
    column_details_list = [*column_list, "payment", "reference", "found_at", "gone_at", "dismissed_at", "note"]
    column_labels = {
        "happened_at": _("When"),
        "kind": _("Type"),
        "problem": _("Problem"),
        "here": _("In our books"),
        "there": _("At the provider"),
        "provider": _("Provider"),
        "state": _("Status"),
        "payment": _("Payment"),
        "reference": _("Provider's reference"),
        "found_at": _("Last found"),
        "gone_at": _("Agrees since"),
        "dismissed_at": _("Dismissed at"),
        "note": _("Note"),
    }
    column_formatters = {
        "kind": named(KINDS),
        "problem": named(PROBLEMS),
        "here": money_in("currency"),
        "there": money_in("currency"),
        "state": state,
        "payment": payment,
    }
    sorts = {"happened_at": Sort(Difference.id, UUID, is_descending=True)}
    filters = (
        Choice(
            "state",
            _("Status"),
            {
                "open": (OPEN, IS_OPEN),
                "dismissed": (DISMISSED, Difference.dismissed_at.is_not(None)),
                "gone": (GONE, Difference.gone_at.is_not(None)),
            },
        ),
        by_provider(Difference.provider),
        states("problem", _("Problem"), Difference.problem, PROBLEMS),
        Days("found", _("Found"), Difference.created_at, id=Difference.id),
    )
    recorded = {"problem": names_of(PROBLEMS), "here": money, "there": money, "currency": hidden}
    searched, search_help = ("reference",), _("Provider's reference")
    empty = _("All that was compared agrees.")
    actions = (
        Action(
            name="look-again",
            title=_("Compare again"),
            question=_(
                "Ask the provider about this payment again? What it says is applied here, and the books are compared "
                "once more."
            ),
            done=_("Compared again."),
            permission=P.BOOKS_EDIT,
            before=look,
            run=nothing_more,
            applies=may_be_compared,
            is_next=True,
        ),
        Action(
            name="dismiss",
            title=_("Dismiss"),
            question=_("May this difference stay as it is? If it becomes another one, it comes back."),
            done=_("Dismissed."),
            permission=P.BOOKS_EDIT,
            run=dismiss_with_note,
            applies=is_open,
            form=NoteForm,
        ),
    )

    def label(self, row: Difference) -> str:
        return f"{row.provider} · {row.reference}"
