"""Bodies as PayPal's published description of its Orders API has them; without the file nothing is checked."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "data" / "paypal-orders-v2.json"
IS_THERE = SCHEMA.is_file()
ORDERS = "/v2/checkout/orders"
REQUESTS = {ORDERS: "order_request", f"{ORDERS}/capture": "order_capture_request"}


def problems_of_request(path: str, body: Any) -> list[str]:
    """Why PayPal would not take it, or would pass a name over in silence."""
    name = REQUESTS.get("/".join(part for part in path.split("/") if not part.isupper() or part == ""))
    return [*problems_of(name, body), *_unknown(body, _schemas()[name], name)] if name and IS_THERE else []


def problems_of(name: str, body: Any) -> list[str]:
    if not IS_THERE:
        return []
    return [f"{name}: {error.message}" for error in _validator(name).iter_errors(body)]


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": {"schemas": _schemas()}})


@cache
def _schemas() -> Mapping[str, Any]:
    return dict(json.loads(SCHEMA.read_text())["components"]["schemas"])


def _unknown(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    """Names that the description does not have."""
    known = _resolved(schema)
    if isinstance(value, list):
        for each in value:
            yield from _unknown(each, known.get("items", {}), place)
    elif isinstance(value, dict):
        properties = _properties(known)
        for name, each in value.items():
            if name not in properties:
                yield f"{place} takes no {name}"
            else:
                yield from _unknown(each, properties[name], f"{place}.{name}")


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = _schemas()[schema["$ref"].rpartition("/")[2]]
    return schema


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(schema.get("properties", {}))
    for each in schema.get("allOf", ()):
        found |= _properties(_resolved(each))
    return found
