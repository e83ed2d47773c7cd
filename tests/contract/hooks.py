"""What schemathesis is told of the API beyond its document (SCHEMATHESIS_HOOKS)."""

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import schemathesis
from jsonschema_rs import Draft202012Validator

from apps.accounts.sessions.tokens import read_access_token
from apps.core.http import validation
from apps.core.http.openapi import PROBLEM_JSON, URN
from apps.core.text.i18n import Lazy
from apps.core.text.string_types import END
from project.web.openapi.components import resolved

NOT_UNDERSTOOD = {"bad-request", "too-large", "unsupported-media-type"}
NUMBER = "{n}"
STATEFUL = "stateful"
CURRENCY = re.compile(rf"^[A-Z]{{3}}{END}")
NEEDED = {
    "POST /api/v1/staff/products/{id}/reprice": {"percent": 5},
    "POST /api/v1/staff/pools/{id}/movements": {"delta": 12},
    "POST /api/v1/staff/products/{id}/variants": {"options": [], "stock": 40},
    "PUT /api/v1/staff/variants/{id}": {"options": []},
    "POST /api/v1/auth/token": {"username": "", "password": ""},
}
"""Fields that can be left out, but not here."""
NEEDED_HEADER = "Cart-Token"
"""It can be left out by who is signed in, and has another cart of their own."""
taken: set[Any] = set()
numbers = count()


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


@schemathesis.check
def refusals_are_of_a_type_that_is_named(ctx: Any, response: Any, case: Any) -> None:
    """All share one schema; which types may come, the names of the examples say. Other methods have none."""
    operation = document()["paths"][case.path].get(case.method.lower())
    if operation and response.status_code >= 400:
        answer = resolved(document(), operation["responses"][str(response.status_code)])
        kind = response.json()["type"].removeprefix(URN)
        assert kind in answer["content"][PROBLEM_JSON]["examples"], response.text


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """What fits the document is asked of what exists. Links bring things of their own."""
    fits = case.meta and case.meta.generation.mode.is_positive and case.meta.phase.name != STATEFUL
    if fits or case.path_parameters.get("id") == admin():
        known = world()[case.operation.label]
        if known.get(NEEDED_HEADER):
            case.headers.setdefault(NEEDED_HEADER, "")
        for given in (case.path_parameters, case.query, case.headers):
            given.update(real(dict(given), known))
            for name in [each for each, value in given.items() if value is None]:
                del given[name]
        if isinstance(case.body, dict):
            case.body = real(NEEDED.get(case.operation.label, {}) | case.body, known)


@cache
def admin() -> str:
    """The id of who asks as staff. Nothing is done to them, or they could ask no more."""
    access = read_access_token(os.environ["ADMIN"].removeprefix("Bearer "))
    return str(access.user_id) if access else ""


@cache
def world() -> dict[str, dict[str, Any]]:
    """By operation: what is there, by the name of a parameter or field."""
    read: dict[str, dict[str, Any]] = json.loads(Path("world.json").read_text())
    return read


def real(value: Any, known: dict[str, Any]) -> Any:
    """`value` with what is known in place of what was made up."""
    match value:
        case dict():
            return {
                CURRENCY.sub("EUR", name): chosen(each, known[name]) if name in known else real(each, known)
                for name, each in value.items()
            }
        case list():
            return [real(each, known) for each in value]
        case _:
            return value


def chosen(made_up: Any, known: Any) -> Any:
    """`{n}` makes another one every time; what was made up is taken as it is where nobody has taken it before."""
    match known:
        case _ if made_up is None:
            return None
        case str() if NUMBER in known and made_up not in taken:
            taken.add(made_up)
            return made_up
        case str():
            return known.replace(NUMBER, str(next(numbers)))
        case list():
            return [each.replace(NUMBER, str(next(numbers))) for each in known]
        case _:
            return known


def body_fits(case: Any) -> bool:
    """Looked at once more: texts that schemathesis has seen in answers it tries in bodies, whatever their pattern."""
    validator = body_validator(case.path, case.method.lower())
    return validator is None or validator.is_valid(case.body)


@cache
def body_validator(path: str, method: str) -> Draft202012Validator | None:
    content = document()["paths"][path][method].get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = content["application/json"]["schema"] | {"components": document()["components"]}
    return Draft202012Validator(schema)


@cache
def document() -> dict[str, Any]:
    """What schemathesis was given, in its working directory."""
    read: dict[str, Any] = json.loads(Path("openapi.json").read_text())
    return read


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
