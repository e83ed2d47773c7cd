"""What somebody may do. Every app names its own in `permissions.py`; a role is a set of them."""

from enum import StrEnum


class Permission(StrEnum):
    """Base of the apps' enums: "orders.refund". Export, refund, erase and impersonate are never part of "edit"."""


class PeoplePermission(Permission):
    USERS_VIEW = "users.view"
    USERS_EDIT = "users.edit"
    USERS_EXPORT = "users.export"
    ROLES_VIEW = "roles.view"
    ROLES_EDIT = "roles.edit"


def all_permissions() -> frozenset[str]:
    """Of every app that is loaded."""
    return frozenset(member.value for kind in Permission.__subclasses__() for member in kind)
