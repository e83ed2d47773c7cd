"""Runs migrations: one transaction each, on PostgreSQL, over the app's own driver."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.types import TypeDecorator

from apps.core.db.database import Base
from project.database import ensure_database
from project.registry import load_models

load_models()


def include_object(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """The job queue's tables belong to its library; the migration that makes them holds their DDL."""
    return not (kind == "table" and name is not None and name.startswith("pgqueuer"))


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """A migration freezes plain column types: what a TypeDecorator does may change, the past may not."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def configure_and_run(connection: Connection | None, **options: Any) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_type=True,
        include_object=include_object,
        render_item=render_item,
        **options,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(configure_and_run)
        await connection.commit()
    await engine.dispose()


if context.is_offline_mode():
    configure_and_run(None, url="postgresql://", literal_binds=True)
else:
    asyncio.run(run_online(context.config.attributes.get("database_url") or ensure_database()))
