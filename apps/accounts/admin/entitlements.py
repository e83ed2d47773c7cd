"""What users are entitled to, in the back office: granted on the user's page, listed and ended here."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import Select, not_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.admin.common import PEOPLE
from apps.accounts.entitlements.entitlements import BY_STAFF, EntitlementRepository, end, grant
from apps.accounts.entitlements.schemas import EntitlementIn
from apps.accounts.models import Entitlement, User
from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import IS_ENTITLED, UserRepository
from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.formats import link_of
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Choice
from apps.backoffice.lists.pages import Sort
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import details_url
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _

P = PeoplePermission
ACTIVE, ENDED = _("Active"), _("Ended")
STAFF, MEMBERSHIP = _("Staff"), _("Membership")


class GrantForm(Form):
    key = fields.Input(_("Entitlement"), required=True, help=_("As the offers for members name it: club.gold"))
    ends_at = fields.DateTime(_("Until"), help=_("Leave empty to grant it for good."))


async def grant_to(context: ActionContext, user: User, form: Form) -> None:
    given = bind(form, EntitlementIn)
    found = await UserRepository(session=context.session).find_locked(user.id)
    await grant(context.session, found, given.key, ends_at=given.ends_at, actor=context.actor)


GRANT = Action(
    name="grant-entitlement",
    needs_proof=True,
    title=_("Grant entitlement"),
    question=_("They can buy what is for these members, at the members' price, from their next click on."),
    done=_("The entitlement is granted."),
    permission=P.ENTITLEMENTS_EDIT,
    run=grant_to,
    form=GrantForm,
    applies=lambda user: user.disabled_at is None,
)


async def ended(session: AsyncSession, rows: Sequence[Entitlement]) -> Collection[UUID]:
    over = select(Entitlement.id).where(Entitlement.id.in_([row.id for row in rows]), not_(IS_ENTITLED))
    return (await session.scalars(over)).all()


def owner(row: Any, name: str, request: Request) -> Any:
    return link_of(details_url("user", row.user_id), row.owner_name, request)


def source(row: Any, name: str, request: Request) -> str:
    return (STAFF if row.source == BY_STAFF else MEMBERSHIP).in_locale(locale_of(request))


def condition(row: Any, name: str, request: Request) -> Markup:
    kind, told = ("done", ACTIVE) if row.is_active else ("archived", ENDED)
    return Markup('<span class="badge state-{}">{}</span>').format(kind, told.in_locale(locale_of(request)))


class EntitlementAdmin(View, model=Entitlement):
    name, name_plural, group = _("Entitlement"), _("Entitlements"), PEOPLE
    menu_place = 81
    permissions = {Access.LIST: P.USERS_VIEW, Access.DETAILS: P.USERS_VIEW, Access.EXPORT: P.USERS_EXPORT}
    column_list = ["owner", "key", "source", "condition", "ends_at", "created_at"]
    column_details_list = column_list
    column_export_list = ["owner", "key", "source", "ends_at", "created_at"]
    column_labels = {
        "owner": _("User"),
        "key": _("Entitlement"),
        "source": _("Granted by"),
        "condition": _("Status"),
        "ends_at": _("Until"),
        "created_at": _("Created"),
    }
    column_formatters: ClassVar[Any] = {"owner": owner, "source": source, "condition": condition}
    sorts = {"created_at": Sort(Entitlement.id, UUID, is_descending=True), "key": Sort(Entitlement.key, str)}
    filters = (Choice("state", _("Status"), {"active": (ACTIVE, IS_ENTITLED), "ended": (ENDED, not_(IS_ENTITLED))}),)
    search_help = _("Entitlement, or start of the email")
    label_column = "key"
    empty = _("No entitlements yet. They are granted on the page of a user.")
    actions = (
        Action(
            name="end",
            needs_proof=True,
            title=_("End"),
            question=_("End this entitlement now? They no longer count as one of its members."),
            done=_("The entitlement has ended."),
            permission=P.ENTITLEMENTS_EDIT,
            run=locked(EntitlementRepository, end),
            applies=lambda row: row.source == BY_STAFF,
            idle=ended,
            needless=_("Already ended, or not granted by staff."),
            many=True,
            is_dangerous=True,
        ),
    )

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        named = select(User.id).where(User.email.startswith(words.lower(), autoescape=True))
        return found.where((Entitlement.key == words.lower()) | Entitlement.user_id.in_(named))

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        of_whom = select(Entitlement.id, User.email, IS_ENTITLED).join(User, User.id == Entitlement.user_id)
        found = await session.execute(of_whom.where(Entitlement.id.in_([row.id for row in rows])))
        known = {id: (name, is_active) for id, name, is_active in found}
        for row in rows:
            row.owner_name, row.is_active = known[row.id]
