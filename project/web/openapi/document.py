"""The OpenAPI 3.1 document of the API, made from the routes as they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from litestar import Litestar
from litestar.openapi.datastructures import ResponseSpec
from litestar.utils import get_enum_string_value

from apps.core.http.openapi import Problem, problems
from apps.orders.kinds.fulfilment import fulfilments
from project.web.openapi import automatic
from project.web.openapi.about import HEADERS, LANGUAGE_SCHEMA, LANGUAGES, SECURITY, SOMETIMES, TAGS, about
from project.web.openapi.components import Refusals, share_parameters, share_responses
from project.web.openapi.links import links
from project.web.openapi.operations import Operation, Parameter, operations
from project.web.openapi.samples import OPAQUE, PARAMETERS, Described, sample
from project.web.openapi.schemas import Schemas

Json = dict[str, Any]
SAID_BESIDE = ("description", "examples")
"""Of a parameter's schema: the parameter has them itself."""
FILE_SCHEMA = {"type": "string", "format": "binary"}


def document(app: Litestar) -> Json:
    """The whole document, in a stable order: operations by tag and path."""
    found = sorted(operations(app), key=_reading_order)
    schemas = Schemas(_types(found), [each.part for each in fulfilments() if each.part])
    refusals = Refusals(schemas.of(Problem))
    paths: defaultdict[str, Json] = defaultdict(_path)
    for operation in found:
        made = _operation(operation, schemas, refusals)
        _link(made["responses"], operation, found, schemas)
        paths[operation.path][operation.method.lower()] = made
    components = {
        "schemas": {**schemas.components, "Language": LANGUAGE_SCHEMA},
        "responses": share_responses(paths) | dict(sorted(refusals.responses.items())),
        "parameters": share_parameters(paths, LANGUAGES),
        "examples": dict(sorted(refusals.examples.items())),
        "headers": _headers(found),
        "securitySchemes": SECURITY,
    }
    return {**about(), "security": automatic.OPTIONAL, "paths": dict(paths), "components": components}


def _path() -> Json:
    """Every answer, a refusal too, may have sentences for people."""
    return {"parameters": [{"$ref": f"#/components/parameters/{name}"} for name in LANGUAGES]}


def _reading_order(operation: Operation) -> tuple[int, str]:
    tag = next(iter(operation.handler.resolve_tags()), "")
    return list(TAGS).index(tag) if tag in TAGS else len(TAGS), operation.path


def _types(found: Iterable[Operation]) -> list[Any]:
    """Every type that the document shows."""
    types: list[Any] = [Problem]
    for each in found:
        types += [each.body.annotation] if each.body else []
        types += [parameter.type for parameter in each.parameters()]
        types += [spec.data_container for spec in each.responses().values() if spec.data_container]
    return types


def _operation(operation: Operation, schemas: Schemas, refusals: Refusals) -> Json:
    made: Json = {
        "operationId": operation.id,
        "tags": list(operation.handler.resolve_tags()),
        "summary": operation.summary,
        "description": operation.description,
        **({"deprecated": True} if operation.is_deprecated else {}),
        **automatic.security(operation),
        "parameters": [_parameter(each, schemas) for each in operation.parameters()],
    }
    if operation.body:
        schema = schemas.of(operation.body.annotation)
        content = {operation.media_type: {"schema": schema, "example": sample(schema, schemas.components)}}
        made["requestBody"] = {"required": True, "content": content}
    if operation.file:
        made["requestBody"] = {"required": True, "content": {operation.file: {"schema": FILE_SCHEMA}}}
    return {**made, "responses": _responses(operation, schemas, refusals)}


def _parameter(parameter: Parameter, schemas: Schemas) -> Json:
    schema = schemas.of(parameter.type)
    if parameter.default is not None:
        schema = {**schema, "default": parameter.default}
    known = PARAMETERS.get(parameter.name, Described(""))
    made = {
        "name": parameter.name,
        "in": parameter.place,
        **({"required": True} if parameter.is_required else {}),
        "description": schema.get("description", known.description),
        "schema": {key: each for key, each in schema.items() if key not in SAID_BESIDE},
    }
    if parameter.name in OPAQUE and not parameter.is_required:
        return made
    is_free = known.example is not None and "format" not in schema
    return {**made, "example": known.example if is_free else sample(schema, schemas.components, parameter.name)}


def _responses(operation: Operation, schemas: Schemas, refusals: Refusals) -> Json:
    """Answers by status; those that the handler and the route both name are one."""
    declared = operation.responses() | automatic.not_modified(operation)
    automatically = problems(*automatic.refusals(operation))
    made = {}
    for status in sorted(declared | automatically):
        specs = [each[status] for each in (declared, automatically) if status in each]
        headers = automatic.headers(operation, status)
        if specs[0].data_container is Problem:
            made[str(status)] = refusals.refer(operation.id, status, _examples(specs), headers)
        else:
            made[str(status)] = _answer(specs[0], status, headers, schemas)
    return made


def _answer(spec: ResponseSpec, status: int, headers: Json, schemas: Schemas) -> Json:
    made: Json = {"description": spec.description or HTTPStatus(status).phrase}
    if headers:
        made["headers"] = headers
    if spec.data_container is None:
        return made
    content = {get_enum_string_value(spec.media_type): {"schema": schemas.of(spec.data_container)}}
    return {**made, "content": content}


def _examples(specs: Sequence[ResponseSpec]) -> dict[str, Json]:
    """Of the types of problems that may come, in the order of their names."""
    found = {str(each.id): _example(each) for spec in specs for each in spec.examples or []}
    return dict(sorted(found.items()))


def _link(responses: Json, operation: Operation, found: Sequence[Operation], schemas: Schemas) -> None:
    """From an object that was just made to all that can be done with it."""
    made = responses.get("201", {})
    for content in made.get("content", {}).values():
        shown = schemas.components.get(content["schema"].get("$ref", "").rpartition("/")[2], {})
        if found_links := links(operation, shown.get("properties", {}), found):
            made["links"] = found_links


def _example(example: Any) -> Json:
    named = {"description": example.description, "value": example.value}
    return {key: value for key, value in named.items() if value}


def _headers(found: Iterable[Operation]) -> Json:
    """Those of deprecation only where an operation has them."""
    unused = set() if any(each.is_deprecated for each in found) else automatic.DEPRECATED
    return {
        name: {"description": text, "required": name not in SOMETIMES, "schema": {"type": "string"}}
        for name, text in HEADERS.items()
        if name not in unused
    }
