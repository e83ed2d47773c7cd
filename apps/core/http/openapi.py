"""What a handler says about its answers in the API document; what follows from the route itself is added centrally."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any
from uuid import UUID

from litestar.enums import MediaType
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from msgspec import UNSET, Meta, Struct, UnsetType

from apps.core.errors import AppError

PROBLEM_JSON = "application/problem+json"
URN = "urn:backline:problem:"
SAMPLES = defaultdict(
    lambda: "…",
    title="Tour shirt · L",
    left="2",
    limit="4",
    currency="EUR",
    seconds="30",
    minutes="12",
    expected="application/json",
)
"""What stands for the placeholders of an error's sentence in its example."""
FILE = "file"
"""`opt={FILE: "application/octet-stream"}`: the handler reads the body by itself, as a file of that media type."""
DEPRECATION = "deprecation"
"""`opt={DEPRECATION: Deprecation(…)}`: the operation will be removed; its docstring names what replaces it."""
NOTICE = timedelta(days=365)
"""How long a deprecated operation is served at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """Since when an operation is deprecated, and the first day (UTC) on which it may be gone.

    Raises ValueError when there is less than NOTICE between them.
    """

    since: date
    sunset: date

    def __post_init__(self) -> None:
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"Deprecated on {self.since}, it must be served until {self.since + NOTICE} at least.")


class FieldProblem(Struct):
    """A field that is not right."""

    field: Annotated[str, Meta(description="The field or parameter.", examples=["lines[0].quantity"])]
    message: Annotated[str, Meta(description="What is wrong, for people.", examples=["Must be at least 1."])]


class Problem(Struct, kw_only=True):
    """Why a request was refused (RFC 9457). Programs go by `type`; `title` is for people.

    `errors` comes with the type `invalid` and those that are about one field; the members after it with the types that
    say so.
    """

    type: Annotated[str, Meta(description="The error's stable name.", examples=[f"{URN}sold-out"])]
    title: Annotated[str, Meta(description="A sentence in the reader's language.", examples=["There is nothing here."])]
    status: Annotated[int, Meta(ge=400, le=599, description="The HTTP status.", examples=[404])]
    detail: Annotated[str, Meta(description="More about this one case.")] | UnsetType = UNSET
    request_id: Annotated[str, Meta(description="As in X-Request-ID.")] | UnsetType = UNSET
    errors: Annotated[list[FieldProblem], Meta(description="All fields that are not right.")] | UnsetType = UNSET
    offer: Annotated[UUID, Meta(description="The offer that is the trouble.")] | UnsetType = UNSET
    left: Annotated[int, Meta(description="How many can be had besides `held`.", examples=[2])] | UnsetType = UNSET
    held: Annotated[int, Meta(description="How many the cart holds already.", examples=[1])] | UnsetType = UNSET
    limit: Annotated[int, Meta(description="The most there may be.", examples=[4])] | UnsetType = UNSET
    minimum: Annotated[int, Meta(description="The least price, in minor units.")] | UnsetType = UNSET
    total: Annotated[int, Meta(description="What it costs now, in minor units.")] | UnsetType = UNSET
    currency: Annotated[str, Meta(description="ISO 4217.", examples=["EUR"])] | UnsetType = UNSET
    state: Annotated[str, Meta(description="The state that forbids it.", examples=["paid"])] | UnsetType = UNSET
    reason: Annotated[str, Meta(description="What failed at the other side.")] | UnsetType = UNSET
    permission: Annotated[str, Meta(description="What is missing.", examples=["orders.refund"])] | UnsetType = UNSET
    prove_at: Annotated[str, Meta(description="Prove it there by POST, then try again.")] | UnsetType = UNSET
    error: Annotated[str, Meta(description="The name OAuth 2.0 has for it (RFC 6749, 5.2).")] | UnsetType = UNSET
    second_factor_token: Annotated[str, Meta(description="Goes on with the sign-in.")] | UnsetType = UNSET
    factors: Annotated[list[str], Meta(description="What the account has.", examples=[["totp"]])] | UnsetType = UNSET
    pools: Annotated[list[UUID], Meta(description="The pools that are in use.")] | UnsetType = UNSET
    line: Annotated[int, Meta(description="Where the body stops being JSON.", examples=[1])] | UnsetType = UNSET
    column: Annotated[int, Meta(description="In that line, in bytes.", examples=[17])] | UnsetType = UNSET
    seconds: Annotated[int, Meta(description="How long to wait.", examples=[30])] | UnsetType = UNSET
    minutes: Annotated[int, Meta(description="When some of it may be free again.", examples=[12])] | UnsetType = UNSET
    expected: Annotated[str, Meta(description="The Content-Type to send.")] | UnsetType = UNSET


def problems(*errors: type[AppError]) -> dict[int, ResponseSpec]:
    """For `responses=`: the business errors of a handler, each an example under its status."""
    by_status = groupby(sorted(errors, key=attrgetter("status")), key=attrgetter("status"))
    return {status: _refusals(status, list(group)) for status, group in by_status}


def success_response(
    body: Any, *, status: int, description: str | None = None, media_type: str = MediaType.JSON
) -> dict[int, ResponseSpec]:
    """For `responses=` of handlers that return bytes: the type of what the bytes hold; None for no body."""
    said = description or HTTPStatus(status).phrase
    return {status: ResponseSpec(body, generate_examples=False, description=said, media_type=media_type)}


def _refusals(status: int, errors: Sequence[type[AppError]]) -> ResponseSpec:
    return ResponseSpec(
        Problem,
        generate_examples=False,
        description=HTTPStatus(status).phrase,
        media_type=PROBLEM_JSON,
        examples=[_example(error) for error in errors],
    )


def _example(error: type[AppError]) -> Example:
    sentence = error.message.source.format_map(SAMPLES)
    value = {"type": URN + error.type, "title": sentence, "status": error.status}
    return Example(id=error.type, summary=sentence, description=error.__dict__.get("__doc__"), value=value)
