"""Errors that people and programs are told about. Each stands beside what raises it; one handler answers for all."""

from typing import Any, ClassVar

from apps.core.i18n import Lazy
from apps.core.i18n import lazy as _


class AppError(Exception):
    """Refused, with a status, a stable type and a sentence in the reader's language.

    `details` go into the problem document (RFC 9457) as further members.
    """

    status: ClassVar[int] = 400
    type: ClassVar[str] = "bad-request"
    message: ClassVar[Lazy] = _("The request cannot be understood.")

    def __init__(self, **details: Any) -> None:
        super().__init__(self.type)
        self.details = details

    def sentence(self, locale: str) -> str:
        return self.message.in_locale(locale).format_map(self.details)


class NotFound(AppError):
    status = 404
    type = "not-found"
    message = _("There is nothing here.")


class Invalid(AppError):
    """`errors`: a list of {field, message}."""

    status = 422
    type = "invalid"
    message = _("Some fields are not right.")
