"""Which passwords are refused, and what people are told."""

from urllib.parse import urlsplit

import structlog

from apps.accounts.passwords.breaches.lookup import DamagedList, breached_passwords
from apps.accounts.passwords.names import is_made_of, words_of
from apps.accounts.passwords.spelling import normal
from apps.accounts.passwords.strength import is_common, is_easy
from apps.core.errors import Busy, FieldError, Invalid
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from project.settings import settings

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 128
log = structlog.get_logger(__name__)


class WeakPassword(Invalid):
    """`errors` names the field, and says why."""

    type = "weak-password"
    message = _("This password is too easy to guess.")


OF_NAMES = _("This password is made of your name or address, or of the band's or the site's. Choose another one.")
BREACHED = _("This password has been found in a data breach, so others know it. Choose another one.")
COMMON = _("This password is too common: it is among the first that others try. Choose another one.")
EASY = _("This password is too easy to guess. Three or four words that do not belong together are a good one.")
TOO_SHORT = _("A password has at least {limit} characters.")
TOO_LONG = _("A password has at most {limit} characters.")
NO_TEXT = _("This contains characters that no text has.")


def refuse_weak(password: str, *, email: str, name: str, field: str) -> None:
    """Takes milliseconds. Raises WeakPassword, Invalid when it is too short or too long, Busy."""
    plain = normal(password)
    if error := _misshapen(plain, field):
        raise Invalid(errors=[error])
    if reason := _weakness(password, plain, email=email, name=name):
        raise WeakPassword(errors=[FieldError(field, reason)])


def _misshapen(plain: str, field: str) -> FieldError | None:
    """Characters are counted as they are hashed; some are longer, and some shorter, than they were typed."""
    if len(plain) < SHORTEST_PASSWORD:
        return FieldError(field, TOO_SHORT, {"limit": SHORTEST_PASSWORD})
    if len(plain) > LONGEST_PASSWORD:
        return FieldError(field, TOO_LONG, {"limit": LONGEST_PASSWORD})
    if any("\ud800" <= each <= "\udfff" for each in plain):
        return FieldError(field, NO_TEXT)
    return None


def _weakness(password: str, plain: str, *, email: str, name: str) -> Lazy | None:
    host = urlsplit(settings.base_url).hostname or ""
    names = words_of(normal(each) for each in (email, name, settings.band_name, host))
    if is_made_of(names, plain):
        return OF_NAMES
    if _is_breached(password) or _is_breached(plain):
        return BREACHED
    if is_easy(plain, names):
        return COMMON if is_common(plain, names) else EASY
    return None


def _is_breached(password: str) -> bool:
    """By a list that cannot be read no password is good. Raises Busy."""
    try:
        known = breached_passwords()
    except DamagedList as error:
        log.error("passwords.damaged_list", reason=str(error))
        raise Busy from error
    return known is not None and password in known
