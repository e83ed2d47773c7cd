"""Users in the back office. Staff cannot change a user who has more permissions than they have."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

import msgspec
from sqladmin.authorization import Action as Access
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from wtforms import Form

from apps.accounts.admin.common import PEOPLE
from apps.accounts.admin.user_actions import ACTIONS
from apps.accounts.models import ADMIN, Role, User, UserRole, UserSession
from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import ALIVE, UserRepository, permissions_in, roles_of
from apps.accounts.sessions.browser import IMPERSONATE
from apps.accounts.staff_reads import show_user
from apps.accounts.staff_schemas import NewUserIn, UserIn, UserRolesIn
from apps.accounts.users.role_titles import role_title
from apps.accounts.users.users import add_user, change_user, give_roles
from apps.backoffice import fields
from apps.backoffice.actions.action import ActionContext
from apps.backoffice.formats import NOTHING, link_of
from apps.backoffice.forms.values import bind
from apps.backoffice.lists.filters import Choice, Days, yes_or_no
from apps.backoffice.lists.pages import Sort
from apps.backoffice.panels import Impact, Panel
from apps.backoffice.permission_panel import permission_panel
from apps.backoffice.requests import current_user_of, locale_of
from apps.backoffice.views.base import View
from apps.core.text.i18n import LOCALES, Lazy, said
from apps.core.text.i18n import lazy as _

P = PeoplePermission
LANGUAGES = [(locale, fields.LANGUAGES[locale]) for locale in LOCALES]


class UserForm(Form):
    email = fields.Input(_("Email"), required=True)
    name = fields.Input(_("Name"))
    locale = fields.Choice(_("Language"), choices=LANGUAGES, default=LOCALES[0])
    roles = fields.Choices(_("Roles"), help=_("You can only assign roles with permissions that you have yourself."))


def language(user: User, name: str, request: Request) -> str:
    return fields.LANGUAGES.get(user.locale, user.locale)


def role_titles(user: Any, name: str, request: Request) -> str:
    return ", ".join(said(title, locale_of(request)) for title in user.role_titles) or NOTHING


SEE_AS = "see_as"


def see_as(user: User, name: str, request: Request) -> Any:
    """The way to the site as this fan sees it, for who may."""
    may = P.USERS_IMPERSONATE in current_user_of(request).permissions
    if not may or user.disabled_at is not None:
        return NOTHING
    return link_of(f"{IMPERSONATE}/{user.id}", _("See the site as this fan").in_locale(locale_of(request)), request)


def _with_role(name: str) -> ColumnElement[bool]:
    having = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(Role.name == name)
    return User.id.in_(having)


class UserAdmin(View, model=User):
    name, name_plural, group = _("User"), _("Users"), PEOPLE
    edits_need_proof = True
    name_of_new = _("New user")
    menu_place = 80
    permissions = {
        Access.LIST: P.USERS_VIEW,
        Access.DETAILS: P.USERS_VIEW,
        Access.CREATE: P.USERS_EDIT,
        Access.EDIT: P.USERS_EDIT,
        Access.EXPORT: P.USERS_EXPORT,
        SEE_AS: P.USERS_IMPERSONATE,
    }
    column_list = ["email", "name", "roles", "created_at", "disabled_at"]
    column_details_list = [
        "email",
        "name",
        "locale",
        "roles",
        "created_at",
        "news_agreed_at",
        "disabled_at",
        "sessions",
        "see_as",
    ]
    column_export_list = ["email", "name", "locale", "roles", "created_at", "news_agreed_at", "disabled_at"]
    column_labels = {
        "email": _("Email"),
        "name": _("Name"),
        "locale": _("Language"),
        "roles": _("Roles"),
        "created_at": _("Created"),
        "news_agreed_at": _("News by email since"),
        "disabled_at": _("Deactivated"),
        "sessions": _("Active sessions"),
        "see_as": _("As a fan"),
    }
    column_formatters: ClassVar[Any] = {"locale": language, "roles": role_titles, "see_as": see_as}
    sorts = {
        "email": Sort(User.email, str),
        "created_at": Sort(User.id, UUID, is_descending=True),
    }
    filters = (
        Choice(
            "staff",
            _("Who"),
            {
                "staff": (_("Staff"), User.id.in_(select(UserRole.user_id).join(Role).where(Role.name != "customer"))),
                "admins": (_("Administrators"), _with_role(ADMIN)),
                "fans": (_("Fans"), _with_role("customer")),
            },
        ),
        yes_or_no("news", _("News by email"), User.news_agreed_at.is_not(None)),
        yes_or_no("disabled", _("Deactivated"), User.disabled_at.is_not(None)),
        Days("since", _("Created"), User.created_at, id=User.id),
    )
    search_help = _("Start of the email or name")
    empty = _("No users yet.")
    form = UserForm
    repository = UserRepository
    actions = ACTIONS

    def label(self, row: User) -> str:
        return f"{row.name} <{row.email}>" if row.name else row.email

    def search(self, found: Select[Any], words: str) -> Select[Any]:
        beginning = words.lower()
        named = func.lower(User.name).startswith(beginning, autoescape=True)
        return found.where(User.email.startswith(beginning, autoescape=True) | named)

    async def complete(self, session: AsyncSession, rows: Sequence[Any]) -> None:
        found = select(UserRole.user_id, Role.name, Role.title).join(Role, Role.id == UserRole.role_id)
        having = await session.execute(found.where(UserRole.user_id.in_([row.id for row in rows])).order_by(Role.name))
        titles: dict[UUID, list[Lazy | str]] = {}
        for user_id, name, title in having.tuples():
            titles.setdefault(user_id, []).append(role_title(name, title))
        for row in rows:
            row.role_titles = titles.get(row.id, [])

    async def complete_one(self, session: AsyncSession, row: Any) -> None:
        await self.complete(session, [row])
        row.sessions = (await self._sessions(session, [row])).get(row.id, 0)

    async def _sessions(self, session: AsyncSession, rows: Sequence[User]) -> Mapping[UUID, int]:
        """On how many devices they are signed in, if on any."""
        alive = select(UserSession.user_id, func.count()).where(
            UserSession.user_id.in_([row.id for row in rows]), *ALIVE
        )
        return dict((await session.execute(alive.group_by(UserSession.user_id))).tuples().all())

    async def impact(self, session: AsyncSession, rows: Sequence[User], request: Request) -> Impact:
        sessions = await self._sessions(session, rows)
        return {row.id: [(_("Active sessions"), sessions.get(row.id, 0))] for row in rows}

    async def panels(self, session: AsyncSession, row: User, request: Request) -> Sequence[Panel]:
        """For the staff."""
        codes = permissions_in(await roles_of(session, row.id))
        return [permission_panel(codes, _("Permissions"), locale=locale_of(request))] if codes else []

    async def resource(self, session: AsyncSession, row: User) -> msgspec.Struct:
        return await show_user(session, row.id)

    async def prepare(self, session: AsyncSession, form: Form, row: User | None) -> None:
        roles = await session.execute(select(Role.name, Role.title).order_by(Role.name))
        cast(fields.Choices, form["roles"]).choices = [
            (name, role_title(name, title)) for name, title in roles.tuples()
        ]

    async def add(self, context: ActionContext, form: Form) -> User:
        new = bind(form, NewUserIn)
        return await add_user(
            context.session, email=new.email, name=new.name, locale=new.locale, roles=new.roles, by=context.current_user
        )

    async def change(self, context: ActionContext, row: User, form: Form) -> None:
        new, roles = bind(form, UserIn), bind(form, UserRolesIn).roles
        await change_user(
            context.session, row, email=new.email, name=new.name, locale=new.locale, by=context.current_user
        )
        if sorted(roles) != sorted((await show_user(context.session, row.id)).roles):
            await give_roles(context.session, row, roles, by=context.current_user)
