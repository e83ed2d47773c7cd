"""API keys in the back office: all of them are shown and can be revoked; those of the band are made here."""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from markupsafe import Markup
from sqladmin.authorization import Action as Access
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.admin.common import PEOPLE
from apps.accounts.admin.roles import AS_MUCH_AS_YOU, MAY_DO, subjects
from apps.accounts.api_keys.making import make_band_key
from apps.accounts.api_keys.revoking import ApiKeyRepository, revoke_key
from apps.accounts.api_keys.schemas import ApiKeyIn
from apps.accounts.models import ApiKey, User
from apps.accounts.permissions import PeoplePermission
from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.formats import link_of
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Choice
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Panel
from apps.backoffice.permission_panel import permission_panel
from apps.backoffice.requests import locale_of
from apps.backoffice.urls import details_url
from apps.backoffice.views.base import View
from apps.core.text.i18n import lazy as _

P = PeoplePermission
NO_KEYS = _("No API keys yet. Programs use the API with them.")
WORKING, EXPIRED, REVOKED = _("Working"), _("Has expired"), _("Revoked")
IS_OVER = and_(ApiKey.revoked_at.is_(None), ApiKey.expires_at <= func.now())
WORKS = and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now()))


class ApiKeyForm(Form):
    name = fields.Input(_("Key name"), required=True, help=_("Which program uses it, and for what."))
    permissions = fields.Permissions(MAY_DO, help=AS_MUCH_AS_YOU)
    expires_at = fields.DateTime(_("Expires"), help=_("Leave empty for a key that works until it is revoked."))


def owner(row: Any, name: str, request: Request) -> Any:
    if row.user_id is None:
        return _("The band").in_locale(locale_of(request))
    return link_of(details_url("user", row.user_id), row.owner_name, request)


def condition(row: Any, name: str, request: Request) -> Markup:
    kind, told = ("archived", REVOKED) if row.revoked_at else ("failed", EXPIRED) if row.is_over else ("done", WORKING)
    return Markup('<span class="badge state-{}">{}</span>').format(kind, told.in_locale(locale_of(request)))


class ApiKeyAdmin(View, model=ApiKey):
    name, name_plural, group = _("API key"), _("API keys"), PEOPLE
    name_of_new = _("New API key")
    menu_place = 82
    permissions = {Access.LIST: P.API_KEYS_VIEW, Access.DETAILS: P.API_KEYS_VIEW, Access.CREATE: P.API_KEYS_EDIT}
    column_list = ["name", "owner", "prefix", "permissions", "condition", "used_at"]
    column_details_list = ["name", "owner", "prefix", "condition", "created_at", "used_at", "expires_at", "revoked_at"]
    column_labels = {
        "name": _("Key name"),
        "owner": _("Belongs to"),
        "prefix": _("Begins with"),
        "permissions": MAY_DO,
        "condition": _("Status"),
        "created_at": _("Created"),
        "used_at": _("Last used"),
        "expires_at": _("Expires"),
        "revoked_at": _("Revoked on"),
    }
    column_formatters: ClassVar[Any] = {"owner": owner, "permissions": subjects, "condition": condition}
    sorts = {"created_at": Sort(ApiKey.id, UUID, is_descending=True), "name": Sort(ApiKey.name, str)}
    filters = (
        Choice(
            "state",
            _("Status"),
            {
                "active": (WORKING, WORKS),
                "expired": (EXPIRED, IS_OVER),
                "revoked": (REVOKED, and_(ApiKey.revoked_at.is_not(None))),
            },
        ),
        Choice(
            "of",
            _("Belongs to"),
            {"band": (_("The band"), ApiKey.user_id.is_(None)), "users": (_("Users"), ApiKey.user_id.is_not(None))},
        ),
    )
    searched, search_help = ("name", "prefix"), _("Name, or how the key begins")
    label_column = "name"
    empty = NO_KEYS
    form = ApiKeyForm
    edits_need_proof = True
    actions = (
        Action(
            name="revoke",
            needs_proof=True,
            title=_("Revoke"),
            question=_("Revoke this API key? Programs that use it are refused right away. It cannot be undone."),
            done=_("The API key is revoked."),
            permission=P.API_KEYS_EDIT,
            run=locked(ApiKeyRepository, revoke_key),
            applies=lambda key: key.revoked_at is None,
            needless=_("Already revoked."),
            many=True,
            is_dangerous=True,
        ),
    )

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        of_whom = select(ApiKey.id, func.coalesce(func.nullif(User.name, ""), User.email), IS_OVER)
        found = await session.execute(
            of_whom.outerjoin(User, User.id == ApiKey.user_id).where(ApiKey.id.in_([row.id for row in rows]))
        )
        known = {id: (name, is_over) for id, name, is_over in found}
        for row in rows:
            row.owner_name, row.is_over = known[row.id]

    async def panels(self, session: AsyncSession, row: ApiKey, request: Request) -> Sequence[Panel]:
        return [permission_panel(row.permissions, MAY_DO, locale=locale_of(request))]

    async def add(self, context: ActionContext, form: Form) -> ApiKey:
        made = await make_band_key(context.session, bind(form, ApiKeyIn), by=context.current_user)
        row: Any = made.row
        row.told_key = made.key
        return made.row

    def told_once(self, row: Any) -> Panel:
        return Panel(
            title=_("The new API key"),
            columns=[_("Copy it to the program now: it is shown only this once.")],
            rows=[[Markup("<code>{}</code>").format(row.told_key)]],
            empty=NO_KEYS,
        )
