"""What somebody may do. Every app names its own in `permissions.py`; a role is a set of them."""

from collections.abc import Container, Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, Self

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _


class Permission(StrEnum):
    """Base of the apps' enums: a code, what it allows in people's words, and for all of them what they are `about`.

    Export, refund, erase and impersonate are never part of "edit".
    """

    about: ClassVar[Lazy]
    words: Lazy

    def __new__(cls, code: str, words: Lazy) -> Self:
        member = str.__new__(cls, code)
        member._value_, member.words = code, words
        return member

    def __init_subclass__(cls, *, about: Lazy) -> None:
        cls.about = about


class PeoplePermission(Permission, about=_("Users and roles")):
    USERS_VIEW = "users.view", _("See users")
    USERS_EDIT = "users.edit", _("Add, change and deactivate users, set their roles and passwords")
    USERS_EXPORT = "users.export", _("Export users")
    USERS_IMPERSONATE = "users.impersonate", _("Look at the site as a fan")
    USERS_ERASE = "users.erase", _("Erase users for good")
    ENTITLEMENTS_EDIT = "entitlements.edit", _("Grant and end what members are entitled to")
    SIGN_INS_VIEW = "sign_ins.view", _("See everybody's sign-in history")
    ROLES_VIEW = "roles.view", _("See roles")
    ROLES_EDIT = "roles.edit", _("Add, change and delete roles")
    API_KEYS_VIEW = "api_keys.view", _("See the API keys of the band and its staff")
    API_KEYS_EDIT = "api_keys.edit", _("Create API keys for the band, and revoke any API key")


def all_permissions() -> frozenset[Permission]:
    """Of every app that is loaded."""
    return frozenset(permission for kind in Permission.__subclasses__() for permission in kind)


def by_subject(codes: Container[str]) -> Mapping[Lazy, Sequence[Permission]]:
    """Those that are among `codes`, under what they are about."""
    kinds = sorted(Permission.__subclasses__(), key=lambda kind: kind.about.source)
    return {kind.about: found for kind in kinds if (found := [each for each in kind if each in codes])}
