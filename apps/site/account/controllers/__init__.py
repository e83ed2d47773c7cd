"""The pages of an account."""

from apps.site.account.controllers.addresses import AddressPageController
from apps.site.account.controllers.api_keys import ApiKeyPageController
from apps.site.account.controllers.data import DataPageController
from apps.site.account.controllers.impersonating import ImpersonationPageController
from apps.site.account.controllers.opening import RegistrationPageController
from apps.site.account.controllers.opening_with_passkey import PasskeyRegistrationPageController
from apps.site.account.controllers.others import LinkedPageController, ProviderPageController
from apps.site.account.controllers.own import AccountPageController
from apps.site.account.controllers.security import SecurityPageController
from apps.site.account.controllers.signing_in import SignInPageController

__all__ = [
    "AccountPageController",
    "AddressPageController",
    "ApiKeyPageController",
    "DataPageController",
    "ImpersonationPageController",
    "LinkedPageController",
    "PasskeyRegistrationPageController",
    "ProviderPageController",
    "RegistrationPageController",
    "SecurityPageController",
    "SignInPageController",
]
