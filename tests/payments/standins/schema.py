"""Forms as Stripe's published description of its API has them; without the file nothing is checked."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema_rs import Draft202012Validator

SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "data" / "stripe-openapi-subset.json"
IS_THERE = SCHEMA.is_file()


def form_of(text: str) -> dict[str, Any]:
    """`a[b][0]=c` → {"a": {"b": {"0": "c"}}}, with lists where all keys are numbers."""
    form: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *path, last = name.replace("]", "").split("[")
        place = form
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return dict(_lists(form))


def problems_of(method: str, path: str, form: Mapping[str, Any]) -> list[str]:
    """Why the API would not take the form there; empty where the description is not at hand."""
    if not IS_THERE:
        return []
    template = next((each for each in _paths() if _fits(each, path) and method.lower() in _paths()[each]), None)
    if template is None:
        return [f"there is no {method} {path}"]
    if method != "POST":
        known = {each["name"] for each in _paths()[template]["get"].get("parameters", ())}
        return [f"{path} takes no {name}" for name in form if name not in known]
    content = _paths()[template]["post"]["requestBody"]["content"]
    schema = content["application/x-www-form-urlencoded"]["schema"]
    validator = Draft202012Validator(schema)
    return [f"{path}: {error.message}" for error in validator.iter_errors(_typed(form, schema))]


@cache
def _paths() -> Mapping[str, Any]:
    return dict(json.loads(SCHEMA.read_text())["paths"])


def _fits(template: str, path: str) -> bool:
    ours, theirs = path.split("/"), template.split("/")
    return len(ours) == len(theirs) and all(a == b or b.startswith("{") for a, b in zip(ours, theirs, strict=True))


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    plain = {name: _lists(each) for name, each in value.items()}
    return list(plain.values()) if plain and all(name.isdigit() for name in plain) else plain


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """Numbers where the schema wants numbers: a form has text only."""
    for option in (schema, *schema.get("anyOf", ())):
        if isinstance(value, dict) and "properties" in option:
            known = option["properties"]
            return {name: _typed(each, known.get(name, {})) for name, each in value.items()}
        if isinstance(value, list) and "items" in option:
            return [_typed(each, option["items"]) for each in value]
        if isinstance(value, str) and option.get("type") == "integer" and value.lstrip("-").isdigit():
            return int(value)
        if isinstance(value, str) and option.get("type") == "boolean" and value in ("true", "false"):
            return value == "true"
    return value
