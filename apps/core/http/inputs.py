"""Requests read strictly: every query parameter known and given once, bodies of the right kind, and nothing guessed.

Litestar reads JSON with `strict=False` ("2" is taken for 2), keeps the last of two equal names and ignores unknown
query parameters. Here all of these are refused, with everything else that is wrong, in one answer.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.di import Provide
from litestar.enums import ParamType, RequestEncodingType
from litestar.handlers.http_handlers import HTTPRouteHandler
from litestar.params import BodyKwarg, ParameterKwarg
from litestar.utils.signature import ParsedSignature

from apps.core.errors import FieldError, Invalid, UnsupportedMediaType
from apps.core.http.json_body import body_errors, is_plain
from apps.core.http.requests import LANGUAGE, AnyRequest
from apps.core.http.validation import REQUIRED, TWICE, UNKNOWN, error_in_text
from apps.core.text.i18n import LOCALES

API = "/api/"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    source: ParamType
    kind: Any
    is_required: bool


CHOSEN_LANGUAGE = Parameter(LANGUAGE, ParamType.QUERY, Literal.__getitem__(LOCALES), is_required=False)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a handler reads of a request; `body` and `form` are the type of its `data`, by the way it is sent."""

    query: Mapping[str, Parameter]
    others: Sequence[Parameter]
    body: Any
    form: Any
    decoder: msgspec.json.Decoder[Any]


class StrictRequest(Request[Any, Any, Any]):
    """The app's `request_class`."""

    async def json(self) -> Any:
        """The handler's `data`. Raises BadRequest, UnsupportedMediaType, or Invalid for body and parameters at once."""
        inputs = inputs_of(self.route_handler)
        if inputs.body is None:
            return await super().json()
        refuse_media_type(self, RequestEncodingType.JSON)
        body = await self.body()
        try:
            value = inputs.decoder.decode(body)
        except (ValueError, RecursionError):
            value = msgspec.UNSET
        if value is msgspec.UNSET or not is_plain(body):
            raise_if_wrong([*parameter_errors(self), *body_errors(body, inputs.decoder)])
        return value


async def refuse_misread(request: AnyRequest) -> None:
    """Before a handler of the API: what Litestar would let pass in a query or a form."""
    if not request.scope["path"].startswith(API):
        return
    inputs = inputs_of(request.route_handler)
    if inputs.form:
        refuse_media_type(request, RequestEncodingType.URL_ENCODED)
        raise_if_wrong([*parameter_errors(request), *_form_errors(await request.body(), inputs.form)])
    elif _has_wrong_parameters(request, inputs):
        body = body_errors(await request.body(), inputs.decoder) if inputs.body else []
        raise_if_wrong([*parameter_errors(request), *body])


def _has_wrong_parameters(request: AnyRequest, inputs: Inputs) -> bool:
    """Headers too, before anything is injected: Litestar leaves a transaction open when a later dependency refuses."""
    in_query = bool(request.scope["query_string"]) and any(_query_errors(request, inputs))
    return in_query or any(_other_errors(request, inputs))


def refuse_media_type(request: AnyRequest, expected: RequestEncodingType) -> None:
    given = next((value for name, value in request.scope["headers"] if name == b"content-type"), b"")
    if given.partition(b";")[0].strip().lower() != expected.encode():
        raise UnsupportedMediaType(expected=expected.value)


def raise_if_wrong(errors: Sequence[FieldError]) -> None:
    if errors:
        raise Invalid(errors=errors)


def parameter_errors(request: AnyRequest) -> list[FieldError]:
    """What is wrong with query, path and headers."""
    inputs = inputs_of(request.route_handler)
    return [*_query_errors(request, inputs), *_other_errors(request, inputs)]


def _query_errors(request: AnyRequest, inputs: Inputs) -> Iterator[FieldError]:
    return _text_errors(_pairs(request.scope["query_string"]), inputs.query)


def _other_errors(request: AnyRequest, inputs: Inputs) -> Iterator[FieldError]:
    for each in inputs.others:
        value = (request.headers if each.source is ParamType.HEADER else request.path_params).get(each.name)
        if value is None and each.is_required:
            yield FieldError(each.name, REQUIRED)
        elif isinstance(value, str) and (error := error_in_text(value, each.kind, each.name)):
            yield error


def _text_errors(pairs: Sequence[tuple[str, str]], known: Mapping[str, Parameter]) -> Iterator[FieldError]:
    times = Counter(name for name, _ in pairs)
    for name, value in dict(pairs).items():
        if name not in known:
            yield FieldError(name[:100], UNKNOWN)
        elif times[name] > 1:
            yield FieldError(name, TWICE)
        elif error := error_in_text(value, known[name].kind, name):
            yield error
    yield from (FieldError(name, REQUIRED) for name, each in known.items() if each.is_required and name not in times)


def _form_errors(body: bytes, kind: Any) -> list[FieldError]:
    fields = msgspec.structs.fields(kind)
    known = {
        each.encode_name: Parameter(each.encode_name, ParamType.QUERY, each.type, each.required) for each in fields
    }
    errors = _text_errors(_pairs(body), known)
    if kind.__struct_config__.forbid_unknown_fields:
        return list(errors)
    return [each for each in errors if each.message is not UNKNOWN]


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    return parse_qsl(encoded.decode("latin-1"), keep_blank_values=True)


@lru_cache(maxsize=1024)
def inputs_of(handler: HTTPRouteHandler) -> Inputs:
    parameters = list(_parameters(handler.parsed_fn_signature, handler.signature_model, handler.resolve_dependencies()))
    data = handler.parsed_data_field
    sent_as = data.kwarg_definition.media_type if data and isinstance(data.kwarg_definition, BodyKwarg) else None
    kind = data.annotation if data else None
    body = kind if sent_as is RequestEncodingType.JSON else None
    return Inputs(
        query={each.name: each for each in [*parameters, CHOSEN_LANGUAGE] if each.source is ParamType.QUERY},
        others=[each for each in parameters if each.source in (ParamType.PATH, ParamType.HEADER)],
        body=body,
        form=kind if sent_as is RequestEncodingType.URL_ENCODED else None,
        decoder=msgspec.json.Decoder(body or Any),
    )


def _parameters(
    signature: ParsedSignature, model: type[msgspec.Struct], dependencies: Mapping[str, Provide]
) -> Iterator[Parameter]:
    """The handler's own, and those of what is injected into it."""
    fields = {each.name: each for each in msgspec.structs.fields(model)}
    for name, definition in signature.parameters.items():
        kwarg = definition.kwarg_definition
        if provided := dependencies.get(name):
            yield from _parameters(provided.parsed_fn_signature, provided.signature_model, dependencies)
        elif isinstance(kwarg, ParameterKwarg):
            is_required = fields[name].required and not definition.is_optional
            yield Parameter(kwarg.name or name, kwarg.param_type, fields[name].type, is_required)
