"""Previews of what an action would change. Only what was shown is changed; if it differs by then, staff look again."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from apps.backoffice.actions.action import ActionContext
from apps.backoffice.actions.selection import ActionRequest
from apps.backoffice.panels import Panel

SEEN = "seen"


class Unseen(Exception):
    """What would change was not shown yet, or is another by now."""

    def __init__(self, previews: Sequence[Panel]) -> None:
        super().__init__()
        self.previews = previews


async def refuse_unseen(context: ActionContext, asked: ActionRequest, rows: Sequence[Any]) -> None:
    """Raises Unseen, and whatever the action would raise."""
    if asked.action.preview is None:
        return
    if asked.form:
        for row in rows:
            await asked.view.prepare_action(context.session, asked.action, asked.form, row)
    previews = await asked.action.preview(context, rows, asked.form)
    if not (seen := seen_of(previews)) or seen != asked.values.get(SEEN):
        raise Unseen(previews)


def seen_of(previews: Sequence[Panel]) -> str:
    """Tells one set of changes from another; empty where there is none."""
    rows = [[str(cell) for cell in row] for panel in previews for row in panel.rows]
    return sha256(repr(rows).encode()).hexdigest() if rows else ""
