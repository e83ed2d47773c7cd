"""Erasures in the back office: who is to be erased and when, asking for it for somebody, and cancelling."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from sqladmin.authorization import Action as Access
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.admin.common import PEOPLE
from apps.accounts.models import User
from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import UserRepository
from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.formats import badge
from apps.backoffice.forms.values import bind
from apps.backoffice.history.audit_log import names_of_actors
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.privacy.erasing.erasing import what_is_open
from apps.privacy.erasing.requests import ask_for_erasure, cancel_erasure, user_with_address
from apps.privacy.models import ErasureRequest, ErasureState
from apps.privacy.repositories import ErasureRepository
from apps.privacy.schemas import ErasureIn

P = PeoplePermission
STATES: Mapping[Any, Lazy] = {
    ErasureState.asked: _("Waiting"),
    ErasureState.running: _("Being erased"),
    ErasureState.done: _("Erased"),
    ErasureState.cancelled: _("Cancelled"),
}
NOBODY_LEFT = "–"


class ErasureForm(Form):
    email = fields.Input(
        _("Email"),
        required=True,
        help=_(
            "Of the account that is to be erased for good, once its orders and concerts are over. They are emailed."
        ),
    )


async def keep(context: ActionContext, row: ErasureRequest, form: None) -> None:
    user = await UserRepository(session=context.session).find_locked(row.user_id)
    await cancel_erasure(context.session, user, by=context.current_user)


KEEP = Action(
    name="keep",
    title=_("Cancel erasure"),
    question=_("Keep this user? Nothing has been erased yet."),
    done=_("The user stays. They were emailed."),
    permission=P.USERS_ERASE,
    run=keep,
    applies=lambda row: row.state is ErasureState.asked,
)


def asked_by(row: Any, name: str, request: Request) -> str:
    who = row.who
    return who.in_locale(locale_of(request)) if isinstance(who, Lazy) else str(who)


class ErasureAdmin(View, model=ErasureRequest):
    name, name_plural, group = _("Erasure"), _("Erasures"), PEOPLE
    name_of_new = _("Erase a user")
    menu_place = 82
    permissions = {
        Access.LIST: P.USERS_ERASE,
        Access.DETAILS: P.USERS_ERASE,
        Access.CREATE: P.USERS_ERASE,
    }
    column_list = ["user", "state", "due_at", "created_at"]
    column_details_list = ["user", "state", "due_at", "created_at", "asked_by", "finished_at"]
    column_labels = {
        "user": _("User"),
        "state": _("Status"),
        "due_at": _("Not before"),
        "created_at": _("Requested"),
        "asked_by": _("Requested by"),
        "finished_at": _("Finished"),
    }
    column_formatters: ClassVar[Any] = {"state": badge(STATES), "asked_by": asked_by}
    sorts = {"created_at": Sort(ErasureRequest.id, UUID, is_descending=True)}
    empty = _("Nobody asked to be erased.")
    form = ErasureForm
    repository = ErasureRepository
    actions = (KEEP,)

    def label(self, row: Any) -> str:
        return str(getattr(row, "user", row.user_id))

    def may_change(self, row: Any) -> bool:
        return False

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        found = await session.execute(select(User.id, User.email).where(User.id.in_([row.user_id for row in rows])))
        emails = dict(found.tuples().all())
        for row in rows:
            row.user = emails.get(row.user_id, NOBODY_LEFT)

    async def complete_one(self, session: AsyncSession, row: Any) -> None:
        await self.complete(session, [row])
        row.who = (await names_of_actors(session, {row.asked_by})).get(row.asked_by, row.asked_by)

    async def panels(self, session: AsyncSession, row: ErasureRequest, request: Request) -> Sequence[Panel]:
        if row.state is not ErasureState.asked:
            return ()
        rows = [[each.in_locale(locale_of(request))] for each in await what_is_open(session, row.user_id)]
        return [Panel(title=_("Waits for"), columns=[_("What")], rows=rows, empty=_("Only for its day."))]

    async def add(self, context: ActionContext, form: Form) -> ErasureRequest:
        user = await user_with_address(context.session, bind(form, ErasureIn).email)
        return await ask_for_erasure(context.session, user, by=context.current_user)
