"""What can go wrong at a payment provider."""

from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.models import WebhookProblem


class ProviderUnknown(AppError):
    status = 422
    type = "provider-unknown"
    message = _("This way of paying is not offered.")


class ProviderUnfit(AppError):
    """Too little, too much, or a currency that the provider does not take."""

    status = 422
    type = "provider-unfit"
    message = _("This amount cannot be paid this way. Please choose another way to pay.")


class ProviderDown(AppError):
    """It cannot be reached, or makes no sense: the same may be asked again."""

    status = 503
    type = "provider-unreachable"
    message = _("The payment provider cannot be reached. Please try again in a moment.")


class ProviderRefused(AppError):
    """It understood, and says no: asking again would change nothing. `reason` is for the log."""

    status = 502
    type = "provider-refused"
    message = _("The payment provider did not accept this payment. Please choose another way to pay, or write to us.")


class PaymentGone(Exception):
    """The provider does not know the payment any more, and nobody can pay it there: its time was over."""


class NoTransactions(AppError):
    """It has no list of what it did."""

    status = 409
    type = "no-transactions"
    message = _("This provider has no list of its own to compare with.")


class BadSignature(AppError):
    status = 401
    type = "bad-signature"
    message = _("The signature is not right.")


class NotUnderstood(Exception):
    """A report that is truly the provider's and cannot be applied; trying again would change nothing."""

    def __init__(self, problem: WebhookProblem, detail: str = "") -> None:
        super().__init__(f"{problem}: {detail}")
        self.problem, self.detail = problem, detail
