"""The usual routes of a resource in the staff's API, each to be named in a controller:

class CategoryStaffController(Controller):
    path, tags = CATEGORY.path, ["Staff: merch"]
    show = to_show(CATEGORY, "One category.")
    create = to_create(CATEGORY, "Add a category.", SlugTaken)

`says` is what the API's document tells of the operation, `refusals` the errors that its service raises. TypeError for
what the resource does not declare.
"""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from litestar import Controller, Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.types import Guard
from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.guards import Staff, requires
from apps.accounts.permissions import Permission
from apps.accounts.resources.resource import In, Out, Resource, Row, Service
from apps.core.db.archive import ArchiveFilter, ArchiveQuery, InArchive
from apps.core.db.keyset import page_by_key
from apps.core.errors import AppError, NotFound
from apps.core.http.idempotent_requests import IdempotentDep
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import IfMatch, refuse_stale, shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.core.text.search import WordsQuery, contain

New = TypeVar("New", bound=Struct)
Refusal = type[AppError]


class ResourceQuery(Struct, frozen=True, kw_only=True):
    """What a list is asked for."""

    q: str
    archive_filter: ArchiveFilter


def to_list(of: Resource[Row, In, Out], says: str) -> HTTPRouteHandler:
    may, order = [requires(of.permissions.view)], of.keyset
    if order is None:
        raise TypeError(f"{of.path} has no order to be listed in")

    @get("/", description=says, guards=may, cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self: Controller,
        reads: Reads,
        q: WordsQuery = "",
        archived: ArchiveQuery = ArchiveFilter.in_use,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[Out]:
        query = ResourceQuery(q=q, archive_filter=archived)
        return await page_by_key(reads, _found(of, query), order, of.item, query=query, limit=limit, after=after)

    return _typed(list, of)


def _found(of: Resource[Row, In, Out], query: ResourceQuery) -> Select[Any]:
    table = of.repository.model_type.table()
    found = query.archive_filter.of(select(table), table.c.archived_at)
    return found.where(contain(query.q, *of.searched)) if query.q else found


def to_show(of: Resource[Row, In, Out], says: str) -> HTTPRouteHandler:
    @get("/{id:uuid}", description=says, guards=[requires(of.permissions.view)], responses=problems(NotFound))
    async def show(self: Controller, id: FromPath[UUID], session: Session) -> Response[Out]:
        return await _shown(of, session, await of.find(session, id))

    return _typed(show, of)


def to_create(of: Resource[Row, In, Out], says: str, *refusals: Refusal) -> HTTPRouteHandler:
    @post("/", status_code=201, description=says, guards=[requires(of.permissions.edit)], responses=problems(*refusals))
    async def create(
        self: Controller, data: JSONBody[New], session: Session, current_user: Staff, idempotent: IdempotentDep
    ) -> Response[Out]:
        return await idempotent(_create, of, session, data, actor=current_user.actor)

    return _typed(create, of)


async def _create(of: Resource[Row, In, Out], session: AsyncSession, data: Struct, *, actor: str) -> Response[Out]:
    row = await of.add(session, data, actor=actor)
    return shown(await of.show(session, row), status=201, location=f"{of.path}/{row.id}", live=of.live)


def to_change(
    of: Resource[Row, In, Out], says: str, *refusals: Refusal, guards: Sequence[Guard] = ()
) -> HTTPRouteHandler:
    may: Sequence[Guard] = [requires(of.permissions.edit), *guards]
    refused = problems(NotFound, InArchive, *refusals)

    @put("/{id:uuid}", description=says, guards=may, responses=refused)
    async def change(
        self: Controller,
        id: FromPath[UUID],
        data: JSONBody[In],
        session: Session,
        current_user: Staff,
        if_match: IfMatch = None,
    ) -> Response[Out]:
        row = await of.lock(session, id)
        refuse_stale(if_match, await of.show(session, row), live=of.live)
        await of.change(session, row, data, actor=current_user.actor)
        return await _shown(of, session, row)

    return _typed(change, of)


def to_archive(of: Resource[Row, In, Out], says: str, *refusals: Refusal) -> HTTPRouteHandler:
    return to_do(of, "archive", of.archive, says, *refusals, permission=of.permissions.archive)


def to_restore(of: Resource[Row, In, Out], says: str, *refusals: Refusal) -> HTTPRouteHandler:
    return to_do(of, "restore", of.restore, says, *refusals, permission=of.permissions.archive)


def to_do(
    of: Resource[Row, In, Out],
    name: str,
    service: Service | None,
    says: str,
    *refusals: Refusal,
    permission: Permission | None,
    guards: Sequence[Guard] = (),
) -> HTTPRouteHandler:
    """A call of a service with the row, which is locked, and answered with the row as it is then.

    `guards` follow that of the permission.
    """
    if service is None or permission is None:
        raise TypeError(f"{of.path} has nothing to {name} by")
    may: Sequence[Guard] = [requires(permission), *guards]
    refused = problems(NotFound, *refusals)

    @post(f"/{{id:uuid}}/{name}", status_code=200, description=says, guards=may, responses=refused)
    async def act(self: Controller, id: FromPath[UUID], session: Session, current_user: Staff) -> Response[Out]:
        row = await of.lock(session, id)
        await service(session, row, actor=current_user.actor)
        return await _shown(of, session, row)

    return _typed(act, of)


async def _shown(of: Resource[Row, In, Out], session: AsyncSession, row: Row) -> Response[Out]:
    return shown(await of.show(session, row), live=of.live)


def _typed(handler: HTTPRouteHandler, of: Resource[Any, Any, Any]) -> HTTPRouteHandler:
    """Litestar reads the annotations: the schemas themselves stand in the place of their variables."""
    schemas = {New: of.new_schema or of.schema, In: of.schema, Out: of.out_schema}
    annotations = handler.fn.__annotations__
    for name, annotation in annotations.items():
        if variables := getattr(annotation, "__parameters__", ()):
            annotations[name] = annotation[tuple(schemas[each] for each in variables)]
    return handler
