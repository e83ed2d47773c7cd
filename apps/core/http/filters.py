"""Filters that lists share: what has changed, and these very things."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

from apps.core.text.datetimes import AwareDatetime
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import END, SENTENCE

MOST_NAMED = 100
ID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
UpdatedAfter = Annotated[
    AwareDatetime | None,
    QueryParameter(
        name="updated_after",
        required=False,
        description="Only what was changed after that, in the order of the changes. Begin a minute before the last one "
        "that you have: a change shows when it is finished, under the time at which it began.",
    ),
]
IdsQuery = Annotated[
    str | None,
    QueryParameter(
        name="ids",
        required=False,
        max_length=37 * MOST_NAMED,
        pattern=rf"^({ID}(,{ID}){{0,{MOST_NAMED - 1}}})?{END}",
        description=f"Only these: ids with commas between them, {MOST_NAMED} at most.",
        schema_extra={SENTENCE: _("IDs separated by commas, at most 100.")},
    ),
]


def ids_in(text: str | None) -> Sequence[UUID] | None:
    """What IdsQuery names; None when it is not given."""
    return [UUID(each) for each in text.split(",")] if text else None
