"""The result page of an action on many rows: which were skipped, and why."""

from collections.abc import Sequence
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct
from sqladmin.authorization import Action as Access
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from apps.backoffice.pages import page
from apps.backoffice.requests import current_user_of, db_of, id_of
from apps.backoffice.urls import outcome_url
from apps.backoffice.views.registry import ViewRegistry
from apps.core.errors import NotFound
from apps.core.http.idempotency import RequestKey, StoredResponse, store_responses, stored_responses

DONE = 200


class LeftOut(Struct, frozen=True):
    """`why` in the language of who did it."""

    id: UUID | None
    label: str
    why: str


class Outcome(Struct, frozen=True):
    """`done`: with how many, by `user_id`. `back` is the list that they chose from, `rest` asks about the others."""

    identity: str
    action: str
    user_id: UUID
    done: int
    left_out: Sequence[LeftOut]
    back: str
    rest: str = ""


async def keep_outcome(session: AsyncSession, key: RequestKey, outcome: Outcome) -> str:
    """Where it is shown for a day."""
    id = uuid5(key.id, outcome.action)
    answer = StoredResponse(DONE, msgspec.json.encode(outcome))
    await store_responses(await session.connection(), [(RequestKey(id, key.body_hash), answer)])
    return outcome_url(outcome.identity, id)


async def show_outcome(views: ViewRegistry, request: Request) -> Response:
    view = views.requested(request, Access.LIST)
    outcome = await _find(request)
    if outcome.identity != view.identity:
        raise NotFound
    return page(
        request,
        "backoffice/outcome.html",
        menu=views.menu_for(request),
        view=view,
        action=view.action(outcome.action),
        outcome=outcome,
        may_look=view.may(request, Access.DETAILS),
    )


async def _find(request: Request) -> Outcome:
    """Raises NotFound for what is none, and for another person's."""
    id = id_of(request.path_params["pk"])
    async with db_of(request).reads() as connection:
        kept = (await stored_responses(connection, [id])).get(id) if id else None
    try:
        outcome = msgspec.json.decode(kept.body if kept else b"", type=Outcome)
    except (msgspec.DecodeError, msgspec.ValidationError, TypeError):
        raise NotFound from None
    if outcome.user_id != current_user_of(request).id:
        raise NotFound
    return outcome
