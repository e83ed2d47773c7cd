"""Operations as their handlers declare them: id, texts, parameters, body, answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from inspect import cleandoc
from types import NoneType
from typing import Annotated, Any, Union, get_args

import msgspec
from litestar import Litestar, Response
from litestar.enums import ParamType, RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, ParameterKwarg
from litestar.routes import HTTPRoute
from litestar.types import Empty
from litestar.typing import FieldDefinition
from litestar.utils.helpers import unwrap_partial

from apps.core.http.openapi import DEPRECATION, FILE
from apps.core.text.string_types import END
from project.web.openapi.schemas import words

BASE = "/api/v1"
NOUN_VERBS = {"GET": "get", "POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "remove"}
BOUNDS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "title", "description")
IF_MATCH = "If-Match"
"""Declared optional, so that its absence is answered with 428."""
NO_CONTROLS = rf"^[^\x00-\x1f\x7f]*{END}"
"""Control characters in path and query are refused before any handler."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    path: str
    method: str
    handler: HTTPRouteHandler
    path_parameters: frozenset[str]

    @property
    def id(self) -> str:
        given = self.handler.operation_id
        return given if isinstance(given, str) else operation_id(self.method, self.path, lists=self.lists)

    @property
    def lists(self) -> bool:
        """Whether it shows many."""
        shown = str(self.handler.parsed_fn_signature.return_type.raw)
        return not self.path.endswith("}") and ("Page" in shown or "list[" in shown)

    @property
    def summary(self) -> str:
        return self.handler.summary or words(self.id)

    @property
    def description(self) -> str:
        return self.handler.description or cleandoc(unwrap_partial(self.handler.fn).__doc__ or "")

    @property
    def body(self) -> FieldDefinition | None:
        return self.handler.parsed_data_field

    @property
    def media_type(self) -> str:
        """Of the body."""
        kwarg = self.body.kwarg_definition if self.body else None
        kind = kwarg.media_type if isinstance(kwarg, BodyKwarg) else RequestEncodingType.JSON
        return RequestEncodingType(kind).value

    @property
    def file(self) -> str | None:
        """The media type of a body that is no JSON and no form, but a file."""
        return self.handler.opt.get(FILE)

    @property
    def is_deprecated(self) -> bool:
        return DEPRECATION in self.handler.opt

    def responses(self) -> dict[int, ResponseSpec]:
        """Those of `responses=`, and what the handler returns unless they name a success."""
        declared = dict(self.handler.responses or {})
        if not any(status < 400 for status in declared):
            declared[self.handler.status_code] = ResponseSpec(self._returned(), description="")
        return declared

    def parameters(self) -> list["Parameter"]:
        """The handler's own, and those of what is injected into it."""
        return [made for name, field in self._fields() if (made := _parameter(name, field, self.path_parameters))]

    @property
    def injected(self) -> set[str]:
        """The names of its dependencies."""
        return self.handler.parsed_fn_signature.parameters.keys() & self.handler.resolve_dependencies().keys()

    def _fields(self) -> Iterator[tuple[str, FieldDefinition]]:
        providers = self.handler.resolve_dependencies()
        for name, field in self.handler.parsed_fn_signature.parameters.items():
            if name in providers:
                yield from providers[name].parsed_fn_signature.parameters.items()
            else:
                yield name, field

    @property
    def makes_response(self) -> bool:
        """With headers of its own, as `apps.core.http.preconditions.shown` does; not only a body."""
        return self.handler.parsed_fn_signature.return_type.is_subclass_of(Response)

    def _returned(self) -> Any:
        annotation = self.handler.parsed_fn_signature.return_type.annotation
        if get_args(annotation) == (bytes,):
            raise TypeError(
                f"{self.method} {self.path} returns bytes: say what they are by responses=success_response(…)"
            )
        body = get_args(annotation)[0] if self.makes_response else annotation
        return None if body is NoneType else body


@dataclass(frozen=True, slots=True)
class Parameter:
    """`type` carries the bounds, for msgspec to make the schema of."""

    name: str
    place: str
    type: Any
    is_required: bool
    default: Any
    examples: list[Example]


def operations(app: Litestar) -> Iterator[Operation]:
    """Every documented operation, by path."""
    for route in sorted(app.routes, key=lambda each: each.path):
        if isinstance(route, HTTPRoute) and route.path.startswith(BASE):
            for method, (handler, _) in sorted(route.route_handler_map.items()):
                if method != "OPTIONS" and handler.resolve_include_in_schema():
                    yield Operation(route.path_format, method, handler, frozenset(route.path_parameters))


def operation_id(method: str, path: str, *, lists: bool) -> str:
    """GET /products → listProducts, GET /products/{slug} → getProduct, POST /orders/{number}/cancel → cancelOrder."""
    parts = path.removeprefix(f"{BASE}/").split("/")
    named = [part for part in parts if not part.startswith("{") and part != "auth"]
    is_verb = method == "POST" and not named[-1].endswith("s") and parts[-1] == named[-1]
    verb = named.pop() if is_verb else "list" if lists else NOUN_VERBS[method]
    nouns = [*map(_singular, named[:-1]), named[-1] if lists else _singular(named[-1])] if named else []
    first, *others = re.split("-", verb)
    return first + "".join(part.capitalize() for noun in [*others, *nouns] for part in noun.split("-"))


def _singular(noun: str) -> str:
    return re.sub("ies$", "y", noun) if noun.endswith("ies") else re.sub("(?<!s)s$", "", noun)


def _parameter(name: str, field: FieldDefinition, path_parameters: frozenset[str]) -> Parameter | None:
    kwarg = field.kwarg_definition
    if field.is_di_field or not isinstance(kwarg, ParameterKwarg):
        return None
    public = kwarg.name or name
    is_path = public in path_parameters
    return Parameter(
        name=public,
        place="path" if is_path else kwarg.param_type.value,
        type=_bounded(field, kwarg),
        is_required=is_path or public == IF_MATCH or (kwarg.required is not False and field.default is Empty),
        default=None if field.default is Empty else msgspec.to_builtins(field.default),
        examples=kwarg.examples or [],
    )


def _bounded(field: FieldDefinition, kwarg: ParameterKwarg) -> Any:
    """The parameter's type with its bounds, without the None that stands for "not given"."""
    given = tuple(each for each in get_args(field.annotation) if each is not NoneType)
    kind = Union[given] if field.is_optional else field.annotation  # noqa: UP007  a tuple cannot be joined by |
    inner = [each for each in field.metadata if isinstance(each, msgspec.Meta)]
    bounds = {name: getattr(kwarg, name) for name in BOUNDS if getattr(kwarg, name) is not None}
    implied = {
        name: value for name, value in _implied(kind, kwarg).items() if not any(getattr(meta, name) for meta in inner)
    }
    return Annotated[(kind, *inner, msgspec.Meta(**implied | bounds))]


def _implied(kind: Any, kwarg: ParameterKwarg) -> dict[str, Any]:
    if kind is datetime:
        return {"tz": True}
    if kind is str and kwarg.param_type is not ParamType.HEADER:
        return {"pattern": NO_CONTROLS}
    return {}
