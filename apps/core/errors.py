"""Errors that people and programs are told about. Each stands beside what raises it; one handler answers for all."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _


class AppError(Exception):
    """Refused, with a status, a stable type and a sentence in the reader's language.

    `details` go into the problem document (RFC 9457) as further members.
    """

    status: ClassVar[int] = 400
    type: ClassVar[str] = "bad-request"
    message: ClassVar[Lazy] = _("The request cannot be understood.")
    about: ClassVar[Collection[str]] = ()
    """The field that it is about, by each name that it has in a form."""

    def __init__(self, **details: Any) -> None:
        super().__init__(self.type)
        self.details = details

    def sentence(self, locale: str) -> str:
        return self.message.in_locale(locale).format_map(self.details)

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes out with it."""
        return {"Retry-After": "1"} if self.status == 503 else {}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with a field: `lines[0].quantity`, or "" for the whole body. `values` fill the sentence's gaps."""

    field: str
    message: Lazy
    values: Mapping[str, object] | None = None

    def in_locale(self, locale: str) -> dict[str, str]:
        return {"field": self.field, "message": self.message.in_locale(locale).format_map(self.values or {})}


class BadRequest(AppError):
    """What is no request of ours at all: text that is not UTF-8, JSON that cannot be read."""


class NotFound(AppError):
    status = 404
    type = "not-found"
    message = _("There is nothing here.")


class MethodNotAllowed(AppError):
    """`allow`: the methods that there are."""

    status = 405
    type = "method-not-allowed"
    message = _("This cannot be done here.")

    def __init__(self, *, allow: str) -> None:
        super().__init__()
        self._allow = allow

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Allow": self._allow}


class TooLarge(AppError):
    status = 413
    type = "too-large"
    message = _("This is too large.")


class UnsupportedMediaType(AppError):
    """`expected`: the Content-Type that is understood here."""

    status = 415
    type = "unsupported-media-type"
    message = _("Please send this as {expected}.")


class Invalid(AppError):
    """`errors`: FieldErrors, all there are."""

    status = 422
    type = "invalid"
    message = _("Some fields are not right.")


class Busy(AppError):
    """Too many people at once, or a database that is away, full or slow."""

    status = 503
    type = "busy"
    message = _("This cannot be done right now. Please try again in a moment.")
