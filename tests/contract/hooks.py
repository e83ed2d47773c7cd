"""What schemathesis is told of the API beyond its document (SCHEMATHESIS_HOOKS)."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis
from jsonschema_rs import Draft202012Validator

from apps.core import validation
from apps.core.i18n import Lazy

NOT_UNDERSTOOD = {"bad-request", "too-large", "unsupported-media-type"}


def sentences() -> Iterator[str]:
    """What is said of a field that is not as the document has it."""
    for value in vars(validation).values():
        for each in value if isinstance(value, tuple | list) else [value]:
            yield from (part.source for part in (each if isinstance(each, tuple) else [each]) if isinstance(part, Lazy))


WRITTEN_WRONGLY = re.compile("|".join(re.sub(r"\\{\w+\\}", ".*", re.escape(each)) for each in sentences()))


@schemathesis.check
def fitting_requests_are_understood(ctx: Any, response: Any, case: Any) -> None:
    """What fits the document may be refused for what it asks for, never for how it is written.

    The built-in check goes by status, but 400, 412 and 422 are business errors here, too; type and sentences tell.
    """
    if response.status_code >= 400 and case.meta and case.meta.generation.mode.is_positive and body_fits(case):
        problem = response.json()
        assert problem["type"].rpartition(":")[2] not in NOT_UNDERSTOOD, response.text
        wrong = [each for each in problem.get("errors", ()) if WRITTEN_WRONGLY.fullmatch(each["message"])]
        assert not wrong, response.text


@cache
def document() -> dict[str, Any]:
    """What schemathesis was given, in its working directory."""
    read: dict[str, Any] = json.loads(Path("openapi.json").read_text())
    return read


def body_fits(case: Any) -> bool:
    """Looked at once more: texts that schemathesis has seen in answers it tries in bodies, whatever their pattern."""
    content = document()["paths"][case.path][case.method.lower()].get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return True
    schema = content["application/json"]["schema"] | {"components": document()["components"]}
    return Draft202012Validator(schema).is_valid(case.body)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """To JSON Schema 2.0 is an integer; who means a number of pieces writes 2, and only that is taken."""
    match body:
        case float() if body.is_integer():
            return int(body)
        case dict():
            return {key: map_body(context, value) for key, value in body.items()}
        case list():
            return [map_body(context, value) for value in body]
        case _:
            return body
