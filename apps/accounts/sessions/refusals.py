"""Why somebody is not signed in, in words that OAuth clients understand, too."""

from typing import ClassVar

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _


class GrantRefused(AppError):
    """`error` is its name in RFC 6749, 5.2."""

    error: ClassVar[str] = "invalid_grant"

    def __init__(self, **details: object) -> None:
        super().__init__(error=self.error, **details)


class BadCredentials(GrantRefused):
    type = "bad-credentials"
    message = _("The email address or the password is not right.")


class BadRefreshToken(GrantRefused):
    type = "bad-refresh-token"
    message = _("This session is over. Please sign in again.")


class UnknownGrant(GrantRefused):
    error = "unsupported_grant_type"
    type = "unknown-grant"
    message = _("“grant_type” is “password”, “second_factor”, “passkey” or “refresh_token”.")


class SecondFactorNeeded(GrantRefused):
    """What came first is right. `second_factor_token` goes on with `grant_type=second_factor`; `factors` are what the
    user has."""

    error = "second_factor_required"
    type = "second-factor-needed"
    message = _("Enter the code from your authenticator app.")


class WrongCode(GrantRefused):
    type = "wrong-code"
    message = _("This code is not right, or has been used already.")


class SignInOver(GrantRefused):
    type = "sign-in-over"
    message = _("This took too long, or too many codes were wrong. Please sign in again.")
