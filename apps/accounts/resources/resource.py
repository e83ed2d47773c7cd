"""A resource is one kind of thing that staff look after: who may, what it looks like, and which services change it.

It is declared once, in its app's `resources.py`. The API's routes (routes.py) and the view in the back office
(apps/backoffice/resource_view.py) are made from it.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Column
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.permissions import Permission
from apps.core.db.database import UUIDBase
from apps.core.db.keyset import Keyset
from apps.core.db.repositories import LockingRepository

Row = TypeVar("Row", bound=UUIDBase)
In = TypeVar("In", bound=Struct)
Out = TypeVar("Out", bound=Struct)
Service = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePermissions:
    """To `edit` is to add and to change; who may `archive` may restore, too. What is None nobody may do."""

    view: Permission
    edit: Permission
    archive: Permission | None = None
    delete: Permission | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[Row, In, Out]):
    """Of rows that can go to the archive. The services take the session first and `actor` by name.

    `add(session, new)` returns the row; `change(session, row, changed)` writes all that `schema` has; `archive`,
    `restore` and `delete` take the row. It is locked then.
    """

    path: str
    permissions: ResourcePermissions
    repository: type[LockingRepository[Row]]
    relations: Sequence[str] = ()
    """What is loaded with a row, for `show` and the services."""
    schema: type[In]
    new_schema: type[Struct] | None = None
    """Where a new one is asked for other things than one that is there."""
    out_schema: type[Out]
    out: Callable[[Any], Out] | None = None
    """Where not all fields of `out_schema` are attributes of the row: of the model, and in a list of the table."""
    out_by_query: Callable[[AsyncSession, Row], Awaitable[Out]] | None = None
    """Where some have to be counted."""
    live: Collection[str] = ()
    """Fields of `out_schema` that change by themselves, and are no part of its version."""
    keyset: Keyset | None = None
    """The order of its list."""
    searched: Sequence[Column[Any]] = ()
    """Columns that the words are looked for in."""
    add: Callable[..., Awaitable[Row]]
    change: Service
    archive: Service | None = None
    restore: Service | None = None
    delete: Service | None = None

    async def find(self, session: AsyncSession, id: UUID) -> Row:
        """Raises NotFound."""
        return await self._related(session, await self.repository(session=session).find(id))

    async def lock(self, session: AsyncSession, id: UUID) -> Row:
        """Raises NotFound."""
        return await self._related(session, await self.repository(session=session).find_locked(id))

    async def show(self, session: AsyncSession, row: Row) -> Out:
        return await self.out_by_query(session, row) if self.out_by_query else self.item(row)

    def item(self, row: Any) -> Out:
        """Of a list, from a row of the table."""
        return self.out(row) if self.out else msgspec.convert(row, self.out_schema, from_attributes=True)

    async def _related(self, session: AsyncSession, row: Row) -> Row:
        if self.relations:
            await session.refresh(row, self.relations)
        return row
