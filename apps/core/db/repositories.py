"""What repositories have in common: how they lock rows, and count what belongs to them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.db.database import UUIDBase
from apps.core.errors import NotFound

Model = TypeVar("Model", bound=UUIDBase)


class LockingRepository(SQLAlchemyAsyncRepository[Model]):
    """Rows are locked FOR NO KEY UPDATE and read anew, whatever the session knew of them."""

    async def lock(self, id: UUID) -> Model:
        """Raises LookupError."""
        row = await self.lock_one(self.model_type.id == id)
        if row is None:
            raise LookupError(f"{self.model_type.__name__} {id}")
        return row

    async def lock_one(self, *where: ColumnElement[bool]) -> Model | None:
        found = select(self.model_type).where(*where).with_for_update(key_share=True)
        return (await self.session.execute(found, execution_options={"populate_existing": True})).scalar_one_or_none()

    async def lock_all(self, ids: Collection[UUID]) -> Sequence[Model]:
        """One statement. In the order of their ids; what is gone is not among them."""
        found = select(self.model_type).where(self.model_type.id.in_(ids)).order_by(self.model_type.id)
        locking = found.with_for_update(key_share=True)
        return (await self.session.scalars(locking, execution_options={"populate_existing": True})).all()

    async def find(self, id: UUID) -> Model:
        """For an id that came from outside: raises NotFound."""
        return _found(await self.get_one_or_none(id=id))

    async def find_locked(self, id: UUID) -> Model:
        """Raises NotFound."""
        return _found(await self.lock_one(self.model_type.id == id))


def _found(row: Model | None) -> Model:
    if row is None:
        raise NotFound
    return row


async def count_by(
    session: AsyncSession, owner: SQLColumnExpression[Any], ids: Collection[UUID], *where: ColumnElement[bool]
) -> Mapping[UUID, int]:
    """How many rows name each of `ids` as their `owner`: one statement. Those that none does are not among them."""
    counted = select(owner, func.count()).where(owner.in_(ids), *where).group_by(owner)
    return dict((await session.execute(counted)).tuples().all())
