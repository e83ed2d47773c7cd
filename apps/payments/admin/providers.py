"""The payment providers in the back office: which settings each has, and whether it answers."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import NOTHING
from apps.backoffice.history.values import states as names_of
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.db.database import Database
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.payments.models import PaymentProvider, ProviderProblem
from apps.payments.permissions import PaymentPermission as P
from apps.payments.providers import declared
from apps.payments.setup.status import ProviderStatus, provider_statuses
from apps.payments.setup.trying import PaymentProviderRepository, keep_result, try_provider

PROBLEMS = {
    ProviderProblem.no_answer: _("No usable answer: check the keys and the network"),
    ProviderProblem.refused: _("Refused: check the keys and what they may do"),
}
WORKS, UNTRIED = _("Works"), _("Not tried yet")
ON, OFF, INCOMPLETE = _("On"), _("Off"), _("Settings missing")


def badge(kind: str, text: Lazy, request: Request) -> Markup:
    return Markup('<span class="badge state-{}">{}</span>').format(kind, text.in_locale(locale_of(request)))


def title(row: Any, name: str, request: Request) -> str:
    status: ProviderStatus = row.status
    return status.title.in_locale(locale_of(request))


def offered(row: Any, name: str, request: Request) -> Markup:
    status: ProviderStatus = row.status
    if status.missing:
        return badge("failed" if status.is_offered else "draft", INCOMPLETE, request)
    return badge("done", ON, request) if status.is_offered else badge("draft", OFF, request)


def variables(row: Any, name: str, request: Request) -> Any:
    """`given` or `missing`."""
    names: Sequence[str] = getattr(row.status, name)
    if not names:
        return NOTHING
    broken_well = [Markup("_<wbr>").join(each.split("_")) for each in names]
    return Markup("<br>").join(Markup("<code>{}</code>").format(each) for each in broken_well)


def result(row: Any, name: str, request: Request) -> Markup:
    if row.tried_at is None:
        return badge("draft", UNTRIED, request)
    if row.problem is None:
        return badge("done", WORKS, request)
    return Markup('{} <span class="quiet">{}</span>').format(
        badge("failed", PROBLEMS[row.problem], request), row.detail
    )


async def ask(db: Database, id: UUID, form: None) -> Any:
    async with db.begin() as session:
        provider = await PaymentProviderRepository(session=session).get(id)
    return await try_provider(provider.name)


async def keep(context: ActionContext, row: PaymentProvider, form: None) -> None:
    provider = await PaymentProviderRepository(session=context.session).find_locked(row.id)
    await keep_result(context.session, provider, context.prepared[row.id], actor=context.actor)


class PaymentProviderAdmin(View, model=PaymentProvider):
    name, name_plural, group = _("Payment provider"), _("Payment providers"), _("System")
    menu_place = 90
    permissions: ClassVar[Any] = {Access.LIST: P.PAYMENTS_REPORTS, Access.DETAILS: P.PAYMENTS_REPORTS}
    column_list = ["title", "offered", "given", "missing", "result", "tried_at"]
    column_details_list = column_list
    column_labels = {
        "title": _("Provider"),
        "offered": _("Status"),
        "given": _("Settings made"),
        "missing": _("Settings missing"),
        "result": _("Last test call"),
        "tried_at": _("Tried at"),
        "problem": _("Problem"),
        "detail": _("Details"),
    }
    column_formatters = {"title": title, "offered": offered, "given": variables, "missing": variables, "result": result}
    recorded = {"problem": names_of(PROBLEMS)}
    sorts = {"title": Sort(PaymentProvider.name, str)}
    actions = (
        Action(
            name="try",
            title=_("Make a test call"),
            question=_("Ask the provider now whether our keys work? Nothing changes there."),
            done=_("The provider was asked."),
            permission=P.PAYMENTS_REPORTS,
            before=ask,
            run=keep,
            applies=lambda row: row.status.is_set_up,
            is_next=True,
        ),
    )

    def scope(self) -> Select[Any]:
        return super().scope().where(PaymentProvider.name.in_([each.name for each in declared()]))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        statuses = {each.name: each for each in provider_statuses()}
        for row in rows:
            row.status = statuses[row.name]

    async def find_many(self, session: AsyncSession, pks: Sequence[str]) -> Sequence[Any]:
        rows = await super().find_many(session, pks)
        await self.complete(session, rows)
        return rows

    def label(self, row: PaymentProvider) -> str:
        return row.name
