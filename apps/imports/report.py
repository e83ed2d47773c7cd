"""What an import would do or has done, as it is kept for its page."""

from typing import Self

import msgspec

from apps.core.importing import Change, Counts, Problem, Tally
from apps.core.text.i18n import LOCALES

MOST_LINES = 500


class Line(msgspec.Struct, frozen=True):
    """`sentence` is English, `translations` are by locale; reports of the past have none."""

    line: int
    sentence: str
    translations: dict[str, str] = {}

    @classmethod
    def of(cls, problem: Problem) -> Self:
        said = {locale: problem.sentence.in_locale(locale) for locale in LOCALES}
        return cls(problem.line, said.pop("en"), said)

    def in_locale(self, locale: str) -> str:
        return self.translations.get(locale, self.sentence)


class Report(msgspec.Struct, kw_only=True):
    """The first problems, warnings and changes; the numbers tell how many there are in all."""

    problems: list[Line] = []
    warnings: list[Line] = []
    changes: list[Change] = []
    counts: Counts = {}
    pictures_waiting: int = 0
    pictures_failed: int = 0

    @classmethod
    def of(cls, tally: Tally) -> Self:
        return cls(
            problems=_first(tally.problems),
            warnings=_first(tally.warnings),
            changes=tally.changes,
            counts=tally.counts,
            pictures_waiting=tally.pictures_waiting,
            pictures_failed=tally.pictures_failed,
        )


def _first(problems: list[Problem]) -> list[Line]:
    return [Line.of(each) for each in sorted(problems)[:MOST_LINES]]
