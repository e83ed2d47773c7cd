"""Words that are looked for in texts, whatever their case and accents."""

from collections.abc import Iterable
from typing import Annotated

from litestar.params import QueryParameter
from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_, true

from apps.core.text.string_types import LINE

WordsQuery = Annotated[
    str,
    QueryParameter(name="q", max_length=100, pattern=LINE, required=False, description="A part of a name."),
]


def anywhere(words: str) -> str:
    """A pattern for LIKE that these very words match, wherever they stand."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def contain(words: str, *texts: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether each of the words stands in one of `texts`."""
    return and_(true(), *(_contains(word, texts) for word in words.split()))


def _contains(word: str, texts: Iterable[SQLColumnExpression[str]]) -> ColumnElement[bool]:
    return or_(*(func.fold(text).like(func.fold(anywhere(word))) for text in texts))


def begin(words: str, *texts: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Whether one of `texts` does so."""
    return or_(*(func.fold(text).like(func.fold(anywhere(words)[1:])) for text in texts))
