"""Accounts over the API."""

from apps.accounts.controllers.addresses import AddressController
from apps.accounts.controllers.api_keys import ApiKeyStaffController, OwnApiKeyController
from apps.accounts.controllers.auth import AuthController
from apps.accounts.controllers.entitlements import EntitlementStaffController
from apps.accounts.controllers.me import MeController
from apps.accounts.controllers.passkey_registration import PasskeyRegistrationController
from apps.accounts.controllers.security import SecurityController

__all__ = [
    "AddressController",
    "ApiKeyStaffController",
    "AuthController",
    "EntitlementStaffController",
    "MeController",
    "OwnApiKeyController",
    "PasskeyRegistrationController",
    "SecurityController",
]
