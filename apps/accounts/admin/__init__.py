"""Users and roles in the back office."""

from apps.accounts.admin.api_keys import ApiKeyAdmin
from apps.accounts.admin.entitlements import EntitlementAdmin
from apps.accounts.admin.roles import RoleAdmin
from apps.accounts.admin.sign_ins import SignInAdmin
from apps.accounts.admin.users import UserAdmin

__all__ = ["ApiKeyAdmin", "EntitlementAdmin", "RoleAdmin", "SignInAdmin", "UserAdmin"]
