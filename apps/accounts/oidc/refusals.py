"""Why somebody is not signed in by a provider. `title` is the provider's, as on its button."""

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _


class ProviderDown(AppError):
    status = 502
    type = "provider-down"
    message = _("{title} does not answer properly right now. Please try again later, or sign in another way.")


class ProviderRefused(AppError):
    type = "provider-refused"
    message = _("{title} did not tell us who you are. Please try again, or sign in another way.")


class SignInCancelled(AppError):
    type = "sign-in-cancelled"
    message = _("You did not go on at {title}. Try again, or sign in another way.")


class RequestOver(AppError):
    """Too old, answered already, or of another browser."""

    type = "sign-in-request-over"
    message = _("This took too long, or was begun in another browser or tab. Please try again.")


class EmailNotVerified(AppError):
    status = 403
    type = "email-not-verified"
    message = _(
        "{title} does not say that your email address is yours. Confirm the address there and try again, or create an"
        " account here."
    )


class AccountDisabled(AppError):
    status = 403
    type = "account-disabled"
    message = _("This account is deactivated.")


class AccountExists(AppError):
    """Whose address it is shows first that the account is theirs, too."""

    status = 409
    type = "account-exists"
    message = _("{email} has an account here already. Sign in to it this once, then you can link {title}.")


class OfferOver(AppError):
    """Of an identity that waits to be linked to an account: too old, used, or of another address."""

    type = "link-offer-over"
    message = _("This took too long, or you are signed in with another address. Link it on this page instead.")


class IdentityTaken(AppError):
    status = 409
    type = "identity-taken"
    message = _("This {title} account is linked to another account here.")


class TooManyLinks(AppError):
    status = 409
    type = "too-many-linked"
    message = _("This account is linked to as many others as one can be. Remove one first.")
