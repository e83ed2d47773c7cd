"""Letters about one's data."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from apps.accounts.models import User
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.templates import render
from apps.mail.services import Letter
from apps.privacy.models import ErasureRequest
from project.settings import settings

READY = _("Your data from {band} are ready")


class ErasureNews(StrEnum):
    """What is told of an erasure."""

    asked = "asked"
    cancelled = "cancelled"
    done = "done"


SUBJECTS: Mapping[ErasureNews, Lazy] = {
    ErasureNews.asked: _("Your account with {band} will be deleted"),
    ErasureNews.cancelled: _("Your account with {band} stays"),
    ErasureNews.done: _("Your account with {band} is deleted"),
}


def export_letter(user: User, export_id: UUID) -> Letter:
    words = {"name": user.name or user.email, "days": settings.data_export_days}
    return _letter("ready", READY, f"data-export:{export_id}", user.id, user.email, user.locale, words)


def erasure_letter(news: ErasureNews, request: ErasureRequest, *, to: str, name: str, locale: str) -> Letter:
    """`name`: what they are called in it."""
    words = {"name": name, "due_at": request.due_at}
    key = f"erasure-{news}:{request.id}"
    return _letter(f"erasure_{news}", SUBJECTS[news], key, request.id, to, locale, words)


def _letter(
    template: str, subject: Lazy, key: str, owner_id: UUID, to: str, locale: str, words: Mapping[str, object]
) -> Letter:
    words = {**words, "band": settings.band_name, "url": f"{settings.base_url}/account/data?lang={locale}"}
    return Letter(
        key=key,
        owner_id=owner_id,
        to=to,
        subject=subject.in_locale(locale).format(band=settings.band_name),
        text=render(f"privacy/mail/{template}.txt", locale, words),
        html=render(f"privacy/mail/{template}.html", locale, words),
    )
