"""Staff API schemas of users and roles."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from apps.accounts.schemas import Password
from apps.core.text.datetimes import AwareDatetime
from apps.core.text.string_types import END, FILLED, Email, Locale, Text

NAME = rf"^[a-z0-9]+(-[a-z0-9]+)*{END}"
RoleName = Annotated[str, Meta(max_length=40, pattern=NAME, description="Stays as it is.", examples=["merch-table"])]
RoleNames = Annotated[list[RoleName], Meta(max_length=20, description="Names of roles.", examples=[["manager"]])]
RoleTitle = Annotated[str, Meta(min_length=1, max_length=120, pattern=FILLED)]
PermissionNames = Annotated[
    list[Annotated[str, Meta(max_length=60)]],
    Meta(max_length=200, description="Names, as /api/v1/staff/permissions lists them.", examples=[["products.view"]]),
]


class UserIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """What staff change about a person."""

    email: Email
    name: Text
    locale: Locale


class NewUserIn(UserIn, forbid_unknown_fields=True, kw_only=True):
    """A person without a password yet: set one for them."""

    roles: RoleNames = []


class UserRolesIn(Struct, forbid_unknown_fields=True):
    """All roles the person shall have."""

    roles: RoleNames


class UserPasswordIn(Struct, forbid_unknown_fields=True):
    """A person's new password."""

    password: Password


class UserStaffOut(Struct):
    """Whoever is `disabled_at` cannot sign in. `news_agreed_at`: since when they want the band's news by mail."""

    id: UUID
    email: str
    name: str
    locale: str
    disabled_at: AwareDatetime | None
    created_at: AwareDatetime
    news_agreed_at: AwareDatetime | None
    roles: list[str]


class PermissionOut(Struct):
    """`title` and what it is `about` are in the reader's language."""

    name: str
    title: str
    about: str


class RoleIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a role is called, and what it may do."""

    title: RoleTitle
    permissions: PermissionNames


class NewRoleIn(RoleIn, forbid_unknown_fields=True, kw_only=True):
    """A role to be made; its name stays."""

    name: RoleName


class RoleOut(Struct):
    """`built_in` roles cannot be deleted; that of administrators has every permission and cannot be changed."""

    id: UUID
    name: str
    title: str
    permissions: list[str]
    built_in: bool
    created_at: AwareDatetime
