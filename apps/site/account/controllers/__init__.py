"""The pages of an account."""

from apps.site.account.controllers.opening import RegistrationPageController
from apps.site.account.controllers.others import LinkedPageController, ProviderPageController
from apps.site.account.controllers.own import AccountPageController
from apps.site.account.controllers.security import SecurityPageController
from apps.site.account.controllers.signing_in import SignInPageController

__all__ = [
    "AccountPageController",
    "LinkedPageController",
    "ProviderPageController",
    "RegistrationPageController",
    "SecurityPageController",
    "SignInPageController",
]
