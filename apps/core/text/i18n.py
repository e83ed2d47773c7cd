"""Languages: the gettext catalogues of the apps, read at start, and sentences that are translated when shown."""

import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from apps.core.installed import folders

LOCALES = ("en", "ru")
LONGEST_HEADER = 200


@cache
def translations(locale: str) -> gettext.NullTranslations:
    """What the catalogues of all apps say in `locale`; English is the language of the source."""
    compiled = BytesIO()
    write_mo(compiled, merged(locale))
    return gettext.GNUTranslations(BytesIO(compiled.getvalue()))


def merged(locale: str) -> Catalog:
    """One catalogue of all apps'; if two have the same sentence, that of the lower app counts."""
    everything = Catalog(locale=locale)
    for path in catalogues(locale):
        for message in sentences(path):
            everything[message.id] = message
    return everything


def catalogues(locale: str) -> list[Path]:
    """Those of the apps that have one, the lowest app first."""
    return [path for folder in folders("locale") if (path := folder / f"{locale}.po").is_file()]


def sentences(path: Path) -> list[Message]:
    """Those of one app's catalogue, without its header."""
    with path.open("rb") as file:
        return [message for message in read_po(file, locale=path.stem) if message.id]


@dataclass(frozen=True, slots=True)
class Lazy:
    """A sentence of the source, translated when its reader is known."""

    source: str

    def in_locale(self, locale: str) -> str:
        return translations(locale).gettext(self.source)

    def format(self, /, **values: object) -> "Told":
        """Like that of text; `values` may be sentences themselves."""
        return Told(self.source, values)


@dataclass(frozen=True, slots=True)
class Told(Lazy):
    """A sentence with gaps, and what fills them: text, numbers, or sentences that are translated with it."""

    values: Mapping[str, object]

    def in_locale(self, locale: str) -> str:
        said = {
            name: value.in_locale(locale) if isinstance(value, Lazy) else value for name, value in self.values.items()
        }
        return translations(locale).gettext(self.source).format_map(said)


def lazy(source: str) -> Lazy:
    return Lazy(source)


def said(text: Lazy | str, locale: str) -> str:
    """A sentence in that language; text that somebody has written, as it is."""
    return text.in_locale(locale) if isinstance(text, Lazy) else text


def preferred_locale(accept_language: str, *, default: str) -> str:
    """The best of our locales for an Accept-Language header (RFC 9110, 12.5.4), of which the beginning counts."""
    return _preferred(accept_language[:LONGEST_HEADER], default)


@lru_cache(maxsize=1024)
def _preferred(accept_language: str, default: str) -> str:
    ranked = filter(None, map(_ranked, accept_language.split(",")))
    wanted = sorted(ranked, key=lambda each: each[0], reverse=True)  # of equals the one named first
    return negotiate_locale([tag.replace("-", "_") for _, tag in wanted], LOCALES) or default


def _ranked(part: str) -> tuple[float, str] | None:
    tag, _, quality = part.strip().partition(";q=")
    try:
        rank = float(quality or 1)
    except ValueError:
        return None
    return (rank, tag) if tag and rank > 0 else None
