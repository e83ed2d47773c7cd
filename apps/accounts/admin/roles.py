"""Roles in the back office. Nobody gives or takes more than they have themselves."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from sqladmin.authorization import Action
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.admin.common import PEOPLE
from apps.accounts.models import ADMIN, Role, UserRole
from apps.accounts.permissions import PeoplePermission, all_permissions
from apps.accounts.repositories import RoleRepository
from apps.accounts.roles import change_role, create_role, delete_role
from apps.accounts.staff_reads import show_role
from apps.accounts.staff_schemas import NewRoleIn, RoleIn
from apps.backoffice import fields
from apps.backoffice.formats import plainly
from apps.backoffice.forms import wanted
from apps.backoffice.lists import Order
from apps.backoffice.requests import locale_of
from apps.backoffice.verbs import Verb, Work
from apps.backoffice.views import View
from apps.core.i18n import Lazy
from apps.core.i18n import lazy as _

P = PeoplePermission


class NewRoleForm(Form):
    name = fields.Input(_("Short name"), required=True, help=_("Small letters and hyphens; it stays as it is."))
    title = fields.Input(_("Title"), required=True)
    permissions = fields.Choices(_("What it may do"))


class RoleForm(Form):
    title = fields.Input(_("Title"), required=True)
    permissions = fields.Choices(_("What it may do"))


async def remove_role(work: Work, role: Role, form: None) -> None:
    await delete_role(work.session, await RoleRepository(session=work.session).find_locked(role.id), by=work.person)


def permissions_of_role(role: Role, name: str, request: Request) -> str:
    return _("Everything").in_locale(locale_of(request)) if role.name == ADMIN else plainly(role, name, request)


class RoleAdmin(View, model=Role):
    name, name_plural, group = _("Role"), _("Roles"), PEOPLE
    menu_place = 81
    permissions = {
        Action.LIST: P.ROLES_VIEW,
        Action.DETAILS: P.ROLES_VIEW,
        Action.CREATE: P.ROLES_EDIT,
        Action.EDIT: P.ROLES_EDIT,
    }
    column_list = ["title", "name", "people", "permissions"]
    column_labels = {
        "title": _("Title"),
        "name": _("Short name"),
        "people": _("People"),
        "permissions": _("What it may do"),
    }
    column_formatters = {"permissions": permissions_of_role}
    orders = {"name": Order(Role.name, str), "title": Order(Role.title, str)}
    searched, search_help = ("name", "title"), _("Title or short name")
    form, form_create = RoleForm, NewRoleForm
    repository = RoleRepository
    verbs = (
        Verb(
            name="delete",
            title=_("Delete"),
            question=_("Shall this role be deleted? Nobody may have it."),
            done=_("It is deleted."),
            permission=P.ROLES_EDIT,
            run=remove_role,
            applies=lambda role: not role.built_in,
            is_dangerous=True,
            ends_row=True,
        ),
    )

    def may_change(self, row: Role) -> bool:
        return row.name != ADMIN

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        counted = select(UserRole.role_id, func.count()).where(UserRole.role_id.in_([row.id for row in rows]))
        people = dict((await session.execute(counted.group_by(UserRole.role_id))).tuples().all())
        for row in rows:
            row.people = people.get(row.id, 0)

    async def hanging(self, session: AsyncSession, row: Role) -> Sequence[tuple[Lazy, int]]:
        await self.complete(session, [row])
        return [(_("People"), row.people)]  # type: ignore[attr-defined]

    async def resource(self, session: AsyncSession, row: Role) -> msgspec.Struct:
        return await show_role(session, row.id)

    async def prepare(self, session: AsyncSession, form: Form, row: Role | None) -> None:
        cast(fields.Choices, form["permissions"]).choices = [(name, name) for name in sorted(all_permissions())]

    async def add(self, work: Work, form: Form) -> Role:
        new = wanted(form, NewRoleIn)
        return await create_role(
            work.session, name=new.name, title=new.title, permissions=new.permissions, by=work.person
        )

    async def change(self, work: Work, row: Role, form: Form) -> None:
        new = wanted(form, RoleIn)
        await change_role(work.session, row, title=new.title, permissions=new.permissions, by=work.person)
