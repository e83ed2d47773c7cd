"""Roles in the back office. Staff can only grant or revoke permissions that they have."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.admin.common import PEOPLE
from apps.accounts.models import ADMIN, Role, UserRole
from apps.accounts.permissions import PeoplePermission, by_subject
from apps.accounts.repositories import RoleRepository, permissions_in
from apps.accounts.staff_reads import show_role
from apps.accounts.staff_schemas import NewRoleIn, RoleIn
from apps.accounts.users.role_titles import role_title
from apps.accounts.users.roles import change_role, create_role, delete_role
from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked_by_person
from apps.backoffice.formats import NOTHING
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.permission_panel import permission_panel
from apps.backoffice.requests import locale_of
from apps.backoffice.views.base import View
from apps.core.db.repositories import count_by
from apps.core.text.i18n import Lazy, said
from apps.core.text.i18n import lazy as _

P = PeoplePermission
MAY_DO, AS_MUCH_AS_YOU = _("Permissions"), _("You can only grant permissions that you have yourself.")


class NewRoleForm(Form):
    name = fields.Input(_("Key"), required=True, help=_("Lowercase letters and hyphens. It cannot be changed later."))
    title = fields.Input(_("Title"), required=True)
    permissions = fields.Permissions(MAY_DO, help=AS_MUCH_AS_YOU)


class RoleForm(Form):
    title = fields.Input(_("Title"), required=True)
    permissions = fields.Permissions(MAY_DO, help=AS_MUCH_AS_YOU)


def title(role: Role, name: str, request: Request) -> str:
    return said(role_title(role.name, role.title), locale_of(request))


def subjects(role: Role, name: str, request: Request) -> str:
    """What its permissions are about."""
    locale = locale_of(request)
    if role.name == ADMIN:
        return _("Everything").in_locale(locale)
    return ", ".join(about.in_locale(locale) for about in by_subject(role.permissions)) or NOTHING


class RoleAdmin(View, model=Role):
    name, name_plural, group = _("Role"), _("Roles"), PEOPLE
    edits_need_proof = True
    name_of_new = _("New role")
    menu_place = 81
    permissions = {
        Access.LIST: P.ROLES_VIEW,
        Access.DETAILS: P.ROLES_VIEW,
        Access.CREATE: P.ROLES_EDIT,
        Access.EDIT: P.ROLES_EDIT,
    }
    column_list = ["title", "name", "people", "permissions"]
    column_details_list = ["title", "name", "people"]
    column_labels = {
        "title": _("Title"),
        "name": _("Key"),
        "people": _("Users"),
        "permissions": MAY_DO,
    }
    column_formatters = {"title": title, "permissions": subjects}
    sorts = {"name": Sort(Role.name, str), "title": Sort(Role.title, str)}
    searched, search_help = ("name", "title"), _("Title or key")
    form, form_create = RoleForm, NewRoleForm
    repository = RoleRepository
    actions = (
        Action(
            name="delete",
            needs_proof=True,
            title=_("Delete"),
            question=_("Delete this role? Only a role that nobody has can be deleted."),
            done=_("Deleted."),
            permission=P.ROLES_EDIT,
            run=locked_by_person(RoleRepository, delete_role),
            applies=lambda role: not role.built_in,
            is_dangerous=True,
            ends_row=True,
        ),
    )

    def heading(self, row: Role) -> Lazy | str:
        return role_title(row.name, row.title)

    def may_change(self, row: Role) -> bool:
        return row.name != ADMIN

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        people = await count_by(session, UserRole.role_id, [row.id for row in rows])
        for row in rows:
            row.people = people.get(row.id, 0)

    async def impact(self, session: AsyncSession, rows: Sequence[Any], request: Request) -> Impact:
        await self.complete(session, rows)
        return {row.id: [(_("Users"), row.people)] for row in rows}

    async def panels(self, session: AsyncSession, row: Role, request: Request) -> Sequence[Panel]:
        return [permission_panel(permissions_in([row]), MAY_DO, locale=locale_of(request))]

    async def resource(self, session: AsyncSession, row: Role) -> msgspec.Struct:
        return await show_role(session, row.id)

    async def add(self, context: ActionContext, form: Form) -> Role:
        new = bind(form, NewRoleIn)
        return await create_role(
            context.session, name=new.name, title=new.title, permissions=new.permissions, by=context.current_user
        )

    async def change(self, context: ActionContext, row: Role, form: Form) -> None:
        new = bind(form, RoleIn)
        await change_role(context.session, row, title=new.title, permissions=new.permissions, by=context.current_user)
