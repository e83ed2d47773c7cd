"""Links: which operations what was just made can be given to, and with what."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from project.web.openapi.operations import BASE, IF_MATCH, Operation

STAFF = f"{BASE}/staff/"
OF_ITS_COLLECTION = {"id", "slug"}
"""Names that mean something only below the path where the thing was made."""


def links(source: Operation, fields: Mapping[str, Any], operations: Sequence[Operation]) -> dict[str, Any]:
    """Of the answer of `source`, which shows an object with these fields."""
    return {target.id: _link(target, needed) for target, needed in _targets(source, fields, operations)}


def _targets(
    source: Operation, fields: Mapping[str, Any], operations: Sequence[Operation]
) -> Iterator[tuple[Operation, list[str]]]:
    for target in operations:
        parameters = target.parameters()
        needed = [each.name for each in parameters if each.is_required]
        named = set(needed) - {IF_MATCH}
        is_below = target.path.startswith(f"{source.path}/{{") or not named & OF_ITS_COLLECTION
        is_for_the_same = target.path.startswith(STAFF) == source.path.startswith(STAFF)
        if named and named <= fields.keys() and is_below and is_for_the_same:
            yield target, needed


def _link(target: Operation, needed: Sequence[str]) -> dict[str, Any]:
    return {"operationId": target.id, "parameters": {name: _expression(name) for name in needed}}


def _expression(name: str) -> str:
    return "$response.header.ETag" if name == IF_MATCH else f"$response.body#/{name}"
