"""Components of the document: what many operations share, and refer to."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import chain, count
from typing import Any

from apps.core.http.openapi import PROBLEM_JSON

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
MOST_NAMED = 2
"""Of so many types of refusals the names make the name of the component."""


class Refusals:
    """The answers that refuse, and an example of each type. Which types may come is said by the examples' names."""

    def __init__(self, problem: Json) -> None:
        self._problem = problem
        self.responses: dict[str, Json] = {}
        self.examples: dict[str, Json] = {}

    def refer(self, operation_id: str, status: int, examples: Mapping[str, Json], headers: Json) -> Json:
        """A reference to the answer with these examples by type; made when no operation before had the like."""
        self.examples |= examples
        made = {
            "description": HTTPStatus(status).phrase,
            **({"headers": headers} if headers else {}),
            "content": {PROBLEM_JSON: {"schema": self._problem, "examples": _references("examples", examples)}},
        }
        if (name := next((known for known, each in self.responses.items() if each == made), None)) is None:
            name = self._name(operation_id, status, list(examples))
            self.responses[name] = made
        return {"$ref": f"#/components/responses/{name}"}

    def _name(self, operation_id: str, status: int, types: Sequence[str]) -> str:
        """NotFound, BadCursorOrInvalid; PlaceOrderConflict after the first that may answer so."""
        if len(types) <= MOST_NAMED:
            return "Or".join(map(pascal, types))
        return operation_id[0].upper() + operation_id[1:] + pascal(HTTPStatus(status).phrase)


def share_parameters(paths: Mapping[str, Json], known: Mapping[str, Json]) -> dict[str, Json]:
    """`known` and those that several operations have alike, taken out of these. Of two that differ under one name the
    more frequent one is shared."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for operation in operations_in(paths):
        for each in operation["parameters"]:
            counted[pascal(each["name"])][_text(each)] += 1
    shared = {name: texts.most_common(1)[0] for name, texts in counted.items() if name not in known}
    names = {text: name for name, (text, times) in shared.items() if times > 1}
    for operation in operations_in(paths):
        operation["parameters"] = [_shared(each, names) for each in operation["parameters"]]
    return {**known, **{name: json.loads(text) for text, name in sorted(names.items(), key=lambda each: each[1])}}


def share_responses(paths: Mapping[str, Json]) -> dict[str, Json]:
    """Those that several operations give alike, taken out of these; named after what they show."""
    answers = [(each["responses"], status) for each in operations_in(paths) for status in each["responses"]]
    texts = Counter(_text(responses[status]) for responses, status in answers)
    names: dict[str, str] = {}
    for responses, status in answers:
        text = _text(responses[status])
        if "$ref" in responses[status] or texts[text] == 1:
            continue
        name = names.setdefault(text, _answer_name(status, responses[status], set(names.values())))
        responses[status] = {"$ref": f"#/components/responses/{name}"}
    return {name: json.loads(text) for text, name in sorted(names.items(), key=lambda each: each[1])}


def _answer_name(status: str, answer: Json, taken: Collection[str]) -> str:
    schemas = [each["schema"] for each in answer.get("content", {}).values()]
    shown = schemas[0].get("$ref", "").rpartition("/")[2] if schemas else ""
    stem = f"{shown or pascal(HTTPStatus(int(status)).phrase)}Answer"
    return next(name for name in chain([stem], (f"{stem}{n}" for n in count(2))) if name not in taken)


def operations_in(paths: Mapping[str, Json]) -> Iterator[Json]:
    for item in paths.values():
        yield from (item[method] for method in METHODS if method in item)


def resolved(api: Mapping[str, Any], value: Any) -> Any:
    """`value`, or what it refers to."""
    while "$ref" in value:
        _, *steps = value["$ref"].split("/")
        value = api
        for step in steps:
            value = value[step]
    return value


def pascal(words: str) -> str:
    """`sold-out`, `sold_out` and `Sold out` → SoldOut."""
    return "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", words))


def _references(kind: str, names: Mapping[str, Any]) -> Json:
    return {name: {"$ref": f"#/components/{kind}/{name}"} for name in names}


def _shared(parameter: Json, names: Mapping[str, str]) -> Json:
    name = names.get(_text(parameter))
    return {"$ref": f"#/components/parameters/{name}"} if name else parameter


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
