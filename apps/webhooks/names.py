"""States and errors of webhooks, as staff read them."""

from apps.core.text.i18n import lazy as _
from apps.webhooks.delivering.post import UNREACHABLE, WHOLE
from apps.webhooks.models import DeliveryState, Disabled

DELIVERY_STATES = {
    DeliveryState.waiting: _("Waiting to be sent"),
    DeliveryState.delivered: _("Delivered"),
    DeliveryState.failed: _("Given up"),
}
DISABLED = {
    Disabled.by_staff: _("Disabled"),
    Disabled.gone: _("Disabled: 410 Gone"),
    Disabled.failing: _("Disabled: failing"),
}
ERRORS = {
    "too-slow": _("No complete answer within {seconds} seconds."),
    "unknown-host": _("The host cannot be found."),
    "not-public": _("The address is not public: nothing is sent into private networks."),
    "not-an-address": _("This is not a URL."),
    "no-secret": _("The secret was made with a SECRET_KEY that is gone. Renew it."),
    "disabled": _("The webhook was disabled."),
}


def told(status: int | None, error: str, locale: str) -> str:
    """How an attempt ended; empty before there was any."""
    if error in ERRORS:
        return ERRORS[error].in_locale(locale).format(seconds=WHOLE)
    if error.startswith(UNREACHABLE):
        sentence = _("No connection could be made: {reason}").in_locale(locale)
        return sentence.format(reason=error.removeprefix(UNREACHABLE))
    return str(status or "")
