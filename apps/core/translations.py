"""Texts in the reader's language: the main one in its column, others beside it: {"ru": {"title": "…"}}."""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, String, bindparam, func, literal

from apps.core.i18n import LOCALES
from apps.core.i18n import lazy as _
from apps.core.texts import END, SENTENCE, LongText, Title
from project.settings import settings

OTHER_LOCALES = "|".join(each for each in LOCALES if each != settings.locale)
OtherLocale = Annotated[
    str,
    Meta(
        pattern=rf"^({OTHER_LOCALES}){END}",
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
