"""The file of an export."""

from datetime import datetime
from typing import Any

import msgspec


class PersonalData(msgspec.Struct, kw_only=True):
    """`held`: by the table's name, its rows."""

    made_at: datetime
    band: str
    email: str
    held: dict[str, list[dict[str, Any]]]


def to_json(export: PersonalData) -> bytes:
    return msgspec.json.format(msgspec.json.encode(export), indent=2)


def from_json(result: bytes) -> PersonalData:
    """`result`: what `to_json` made."""
    return msgspec.json.decode(result, type=PersonalData)
