"""The links to the old and to the new address."""

from enum import StrEnum
from uuid import UUID

from apps.core.security.signing import sign, unsign


class Side(StrEnum):
    """Of a change of address."""

    old = "old"
    new = "new"


def link_token(id: UUID, side: Side) -> str:
    return sign(_purpose(side), id)


def read_token(token: str) -> tuple[UUID | None, Side]:
    for side in Side:
        if signed := unsign(_purpose(side), token):
            return signed.id, side
    return None, Side.old


def _purpose(side: Side) -> str:
    return f"{side.value} address"
