"""Why a picture cannot be fetched: each kind with its sentence, and whether another try may help."""

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _


class CannotFetch(Exception):
    """`detail` completes the sentence: a status, a host. `may_pass`: it may be otherwise in a while."""

    reason: str
    sentence: Lazy
    may_pass = False

    def __init__(self, detail: object = "") -> None:
        super().__init__(self.reason, detail)
        self.detail = str(detail)[:200]


class NoAddress(CannotFetch):
    reason, sentence = "no-address", _("This is not a URL.")


class NotPublic(CannotFetch):
    reason, sentence = "not-public", _("{detail} is not a public address: nothing is fetched from private networks.")


class NoSuchHost(CannotFetch):
    reason, sentence, may_pass = "no-such-host", _("{detail} cannot be found."), True


class Unreachable(CannotFetch):
    reason, sentence, may_pass = "unreachable", _("No connection could be made: {detail}."), True


class TooSlow(CannotFetch):
    reason, sentence, may_pass = "too-slow", _("It took longer than {detail} seconds."), True


class Refused(CannotFetch):
    reason, sentence = "refused", _("The other site refused with the status {detail}.")


class FailedThere(CannotFetch):
    reason, sentence, may_pass = "failed-there", _("The other site failed with the status {detail}."), True


class TooManyRedirects(CannotFetch):
    reason, sentence = "too-many-redirects", _("It redirects more than {detail} times.")


class FileTooLarge(CannotFetch):
    reason, sentence = "too-large", _("The file is larger than {detail} MB.")


class NoPicture(CannotFetch):
    reason, sentence = "no-picture", _("It is not a JPEG, PNG, WebP, GIF or AVIF file, or it is broken.")


class PictureTooLarge(CannotFetch):
    reason, sentence = "too-many-pixels", _("The image has more than {detail} million pixels.")


class NotKept(CannotFetch):
    reason, sentence, may_pass = "not-kept", _("Our image storage did not accept it."), True


class Interrupted(CannotFetch):
    reason, sentence = "interrupted", _("Every attempt was interrupted on our side.")


SENTENCES = {kind.reason: kind.sentence for kind in CannotFetch.__subclasses__()}


def sentence_of(reason: str, detail: str, locale: str) -> str:
    """In people's words."""
    if reason not in SENTENCES:
        return reason
    return SENTENCES[reason].in_locale(locale).format(detail=detail)
