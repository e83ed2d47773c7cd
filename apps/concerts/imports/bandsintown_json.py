"""A file of Bandsintown's events, cut into its events with the line each begins on. Never raises."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from apps.core.importing import MOST_LINES, TOO_MANY_LINES, Problem, decode_beginning
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

Element = tuple[int, Any]

BLANK = " \t\r\n"
BEGINS = re.compile(r"""[ \t\r\n]*(\{[ \t\r\n]*["}]|\[[ \t\r\n]*["{\[\]\-0-9tfn])""")
WRAPPERS = ("events", "data", "results")
REFUSALS = ("errors", "error", "errorMessage", "warn", "message")


def elements(text: str, problems: list[Problem]) -> list[Element]:
    """The events of an array; of an object that wraps one; or the one event that the file is."""
    start = len(text) - len(text.lstrip(BLANK))
    if text[start : start + 1] == "[":
        return _bounded(_array(text, start + 1, problems), problems)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        sentence = _("this is not JSON: {reason}").format(reason=_reason(error))
        problems.append(Problem(getattr(error, "lineno", 1), sentence))
        return []
    return _bounded(((1, event) for event in _unwrapped(document, problems)), problems)


def _bounded(events: Iterator[Element], problems: list[Problem]) -> list[Element]:
    found = list(islice(events, MOST_LINES))
    if more := next(events, None):
        problems.append(Problem(more[0], TOO_MANY_LINES))
    return found


def _array(text: str, position: int, problems: list[Problem]) -> Iterator[Element]:
    """Event by event, so that what stands before a broken place is still read."""
    decoder = json.JSONDecoder()
    line, counted = 1, 0
    while True:
        position = _skip(text, position, BLANK)
        line, counted = line + text.count("\n", counted, position), position
        if text[position : position + 1] == "]":
            return
        try:
            event, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            sentence = _("this is not JSON, and nothing after it was read: {reason}").format(reason=_reason(error))
            problems.append(Problem(getattr(error, "lineno", line), sentence))
            return
        yield line, event
        position = _skip(text, position, BLANK)
        if text[position : position + 1] == ",":
            position += 1
        elif text[position : position + 1] != "]":
            broken = line + text.count("\n", counted, position)
            problems.append(Problem(broken, _("a comma is missing; nothing after it was read")))
            return


def _skip(text: str, position: int, what: str) -> int:
    while position < len(text) and text[position] in what:
        position += 1
    return position


def _reason(error: Exception) -> Lazy:
    """Python refuses only two more things than what is no JSON: deep nesting, and numbers of thousands of digits."""
    if isinstance(error, json.JSONDecodeError):
        return _("column {column} cannot be read").format(column=error.colno)
    return _("it is nested too deeply") if isinstance(error, RecursionError) else _("a number is too long")


def is_json(data: bytes) -> bool:
    """Whether it begins as a list or an object does. No more of the file is looked at."""
    return bool(BEGINS.match(decode_beginning(data)))


def _unwrapped(document: Any, problems: list[Problem]) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        if "venue" in document:
            return [document]
        for name in WRAPPERS:
            if isinstance(document.get(name), list):
                return list(document[name])
        if refusal := next((document[name] for name in REFUSALS if document.get(name)), None):
            sentence = _("this is not a list of events but an answer of Bandsintown's: {answer}")
            problems.append(Problem(1, sentence.format(answer=json.dumps(refusal)[:200])))
            return []
    problems.append(Problem(1, _("this is not Bandsintown's list of events")))
    return []
