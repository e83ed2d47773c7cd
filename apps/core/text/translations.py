"""Texts in the reader's language: the main one in its column, others beside it: {"ru": {"title": "…"}}."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, String, bindparam, func, literal
from sqlalchemy.dialects.postgresql import JSONB

from apps.core.text.i18n import LOCALES
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import END, SENTENCE, LongText, Title
from project.settings import settings

OTHER_LOCALES = tuple(each for each in LOCALES if each != settings.locale)
OtherLocale = Annotated[
    str,
    Meta(
        pattern=rf"^({'|'.join(OTHER_LOCALES)}){END}",
        extra={SENTENCE: _("Must be a language of this site other than its main one.")},
    ),
]


class Texts(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """In one language; what is not given is shown in the main one."""

    title: Title | None = None
    description: LongText | None = None


Translations = Annotated[Mapping[OtherLocale, Texts], Meta(description="By language, other than the main one.")]


def in_locale(column: ColumnElement[Any], translations: ColumnElement[Any], name: str) -> ColumnElement[str]:
    """The text `name` in the language that the statement's parameter `locale` says, else as it stands in `column`."""
    locale = bindparam("locale", type_=String)
    return func.coalesce(func.jsonb_extract_path_text(translations, locale, literal(name, String)), column)


def title_in(locale: str, title: str, translations: Mapping[str, Mapping[str, str]]) -> str:
    """The same of a row that was read."""
    return translations.get(locale, {}).get("title") or title


def object_in_locale(translations: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """The object `name` in the language that the statement's parameter `locale` says; null when there is none."""
    return func.jsonb_extract_path(translations, bindparam("locale", type_=String), literal(name, String), type_=JSONB)
