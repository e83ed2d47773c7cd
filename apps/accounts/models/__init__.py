"""People who sign in, what they prove it with, their roles, their sessions, and how they came to have them."""

from apps.accounts.models.addresses import UserAddress
from apps.accounts.models.api_keys import ApiKey
from apps.accounts.models.credentials import ONE_OF_A_USER, Credential, CredentialKind
from apps.accounts.models.entitlements import Entitlement
from apps.accounts.models.links import Confirmed, EmailChange, LinkPurpose, PasswordLink, Registration
from apps.accounts.models.sessions import (
    EndedDevice,
    SecondFactorRequest,
    SessionKind,
    SessionToken,
    SignIn,
    SignInMethod,
    SignInResult,
    UsedChallenge,
    UserSession,
)
from apps.accounts.models.users import ADMIN, CUSTOMER, Role, User, UserRole

__all__ = [
    "ADMIN",
    "CUSTOMER",
    "ONE_OF_A_USER",
    "ApiKey",
    "Confirmed",
    "Credential",
    "CredentialKind",
    "EmailChange",
    "EndedDevice",
    "Entitlement",
    "LinkPurpose",
    "PasswordLink",
    "Registration",
    "Role",
    "SecondFactorRequest",
    "SessionKind",
    "SessionToken",
    "SignIn",
    "SignInMethod",
    "SignInResult",
    "UsedChallenge",
    "User",
    "UserAddress",
    "UserRole",
    "UserSession",
]
