"""/health/live: the process answers. /health/ready: it can serve, or the reasons why not."""

import asyncio
from functools import cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from litestar import Controller, Response, get
from sqlalchemy import text

from apps.core.db import Database
from apps.core.requests import PUBLIC, Db
from project.settings import ROOT


class HealthController(Controller):
    path = "/health"
    include_in_schema = False
    opt = PUBLIC

    @get("/live")
    async def live(self) -> dict[str, str]:
        return {"status": "live"}

    @get("/ready")
    async def ready(self, db: Db) -> Response[dict[str, object]]:
        reasons = await _reasons(db)
        body: dict[str, object] = {"status": "unready" if reasons else "ready", "reasons": reasons}
        return Response(body, status_code=503 if reasons else 200)


async def _reasons(db: Database) -> list[str]:
    try:
        async with asyncio.timeout(3), db.reads() as connection:
            found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    except Exception as error:
        return [f"the database does not answer: {type(error).__name__}"]
    return (
        [] if found == newest_migration() else [f"migrations are not applied: at {found}, needs {newest_migration()}"]
    )


@cache
def newest_migration() -> str | None:
    return ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()
