"""What follows from the route itself, so that no handler has to say it: refusals, security, headers."""

from collections.abc import Iterator, Mapping
from typing import Any

from litestar.openapi.datastructures import ResponseSpec

from apps.accounts.current_user import SessionNeeded
from apps.accounts.guards import FreshProof, NotAllowed, NotSignedIn, Requires, SecondFactorMissing, SignedIn
from apps.accounts.sessions.proof import ProofNeeded
from apps.core.errors import AppError, BadRequest, Busy, Invalid, NotFound, TooLarge, UnsupportedMediaType
from apps.core.http.idempotency import KeyReused, StillRunning
from apps.core.http.pagination import BadCursor
from apps.core.http.preconditions import VersionMissing, VersionStale
from apps.core.http.rate_limits.limit import TooManyRequests, limit_of
from project.web.openapi.operations import IF_MATCH, Operation
from project.web.response_cache.layer import is_public

DATABASE = {"db", "reads", "session"}
LIMITS = "limits"
BEARER, SIGN_IN = "bearer", "signIn"
SIGNED_IN: list[dict[str, list[str]]] = [{BEARER: []}, {SIGN_IN: []}]
OPTIONAL: list[dict[str, list[str]]] = [{}, *SIGNED_IN]
"""With a token or without one."""
BY_STATUS: Mapping[int, tuple[str, ...]] = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}

DEPRECATED = {"Deprecation", "Sunset"}
"""Refusals have them too; once for each operation is enough to document."""


def refusals(operation: Operation) -> Iterator[type[AppError]]:
    """The errors that any operation of its kind may answer."""
    parameters = operation.parameters()
    names = {each.name for each in parameters}
    yield from (BadRequest, Invalid)
    if "after" in names:
        yield BadCursor
    if operation.body or operation.file:
        yield from (TooLarge, UnsupportedMediaType)
    if any(each.place == "path" for each in parameters):
        yield NotFound
    if may_sign_in(operation):
        yield NotSignedIn
    for guard in operation.handler.resolve_guards():
        if isinstance(guard, Requires):
            yield from (NotAllowed, SecondFactorMissing)
        elif isinstance(guard, SignedIn):
            yield SessionNeeded
        elif isinstance(guard, FreshProof):
            yield ProofNeeded
    if "Idempotency-Key" in names:
        yield from (KeyReused, StillRunning)
    if IF_MATCH in names:
        yield from (VersionMissing, VersionStale)
    if is_limited(operation):
        yield TooManyRequests
    if operation.injected & DATABASE or is_guarded(operation) or is_limited(operation):
        yield Busy


def is_guarded(operation: Operation) -> bool:
    return any(isinstance(guard, (SignedIn, Requires)) for guard in operation.handler.resolve_guards())


def is_limited(operation: Operation) -> bool:
    """All alike, or in its own way with the limits injected."""
    return limit_of(operation.handler) is not None or LIMITS in operation.injected


def may_sign_in(operation: Operation) -> bool:
    return is_guarded(operation) or bool(operation.handler.opt.get("may_sign_in"))


def security(operation: Operation) -> dict[str, Any]:
    """One of these; an empty list says that no token is read.

    Where a guest may ask as well nothing is said, so that OPTIONAL, the document's own, counts: generators take an
    operation that names any scheme for one that needs it.
    """
    if is_guarded(operation):
        return {"security": SIGNED_IN}
    return {} if may_sign_in(operation) else {"security": []}


def not_modified(operation: Operation) -> dict[int, ResponseSpec]:
    """What anybody may keep is not sent again to those who have it."""
    description = "Nothing has changed since the version that If-None-Match names."
    return {304: ResponseSpec(None, description=description)} if is_public(operation.handler) else {}


def headers(operation: Operation, status: int) -> dict[str, Any]:
    """What stands in an answer of that status, as references."""
    names = set(BY_STATUS.get(status, ()))
    if is_limited(operation) and (status < 400 or status == TooManyRequests.status):
        names |= {"RateLimit", "RateLimit-Policy"}
    if status < 400 and is_public(operation.handler):
        names |= {"Cache-Control", "ETag"}
    if status < 400 and is_guarded(operation) and operation.makes_response:
        names |= {"Cache-Control", "ETag", *(["Location"] if status == 201 else [])}
    if status < 400 and operation.is_deprecated:
        names |= DEPRECATED
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}
