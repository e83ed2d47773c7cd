"""Every answer of the API against its own document: no status, media type or field that is not written there."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from apps.core.http.openapi import PROBLEM_JSON, URN
from project.app import create_app
from project.web.openapi.components import resolved
from project.web.openapi.document import document

BASE, JSON = "/api/v1/", "application/json"
NO_OPERATION = {400, 404, 405}
"""What a path or method may be answered that does not exist."""
ON_EVERY = "X-Request-ID"
ON_ANY = {"Cache-Control", "Deprecation", "ETag", "RateLimit", "RateLimit-Policy", "Sunset"}
"""Of use to caches and browsers only, or told once for all, where they are not documented."""
Json = Mapping[str, Any]


async def check_answer(response: httpx.Response) -> None:
    """For httpx's `event_hooks`: fails the test that made the request."""
    request = response.request
    if not request.url.path.startswith(BASE) or request.method in ("HEAD", "OPTIONS"):
        return
    await response.aread()
    asked = f"{request.method} {request.url.path} → {response.status_code}"
    path = _template(request.url.path)
    operation = api()["paths"][path].get(request.method.lower()) if path else None
    if operation is None:
        assert response.status_code in NO_OPERATION or path == f"{BASE}openapi.json", f"{asked}: no such operation"
        return
    assert str(response.status_code) in operation["responses"], f"{asked} is not documented: {response.text[:300]}"
    answer = resolved(api(), operation["responses"][str(response.status_code)])
    _check_headers(answer.get("headers", {}), response, asked)
    _check_body(answer.get("content", {}), response, asked)


def _check_headers(documented: Json, response: httpx.Response, asked: str) -> None:
    required = {ON_EVERY, *(name for name in documented if api()["components"]["headers"][name]["required"])}
    missing = {name for name in required if name not in response.headers}
    assert not missing, f"{asked} lacks {missing}"
    unsaid = {name for name in api()["components"]["headers"] if name in response.headers and name not in documented}
    assert not unsaid - ON_ANY, f"{asked} has {unsaid - ON_ANY}, which are not documented"


def _check_body(content: Json, response: httpx.Response, asked: str) -> None:
    if not content:
        assert response.content == b"", f"{asked} has a body that is not documented"
        return
    media_type = response.headers.get("content-type", "").partition(";")[0]
    assert media_type in content, f"{asked} is {media_type}"
    if media_type not in (JSON, PROBLEM_JSON):
        return
    errors = list(_validator(json.dumps(content[media_type]["schema"])).iter_errors(response.json()))
    assert not errors, f"{asked}: {[(error.message, list(error.instance_path)) for error in errors[:3]]}"
    if media_type == PROBLEM_JSON:
        kind = response.json()["type"].removeprefix(URN)
        assert kind in content[media_type]["examples"], f"{asked}: {kind} is not documented"


@cache
def api() -> dict[str, Any]:
    return document(create_app())


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """Without parameters first: /orders/mine before /orders/{number}."""
    paths = sorted(api()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"{[^}]+}", "[^/]+", path) + "/?"), path) for path in paths]


def _template(path: str) -> str | None:
    return next((template for pattern, template in _templates() if pattern.fullmatch(path)), None)


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": {"schemas": _closed()}}, validate_formats=True)


@cache
def _closed() -> dict[str, Any]:
    """The schemas, taking no field that they do not name."""
    named = api()["components"]["schemas"].items()
    return {
        name: {"additionalProperties": False, **schema} if "properties" in schema else schema for name, schema in named
    }
