"""/health/live: the process answers. /health/ready: it can serve, or the reasons why not."""

import asyncio

from litestar import Controller, Response, get

from apps.core.db import Database
from apps.core.requests import PUBLIC, Db
from project.migrations import applied_migration, newest_migration


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
            found = await applied_migration(connection)
    except Exception as error:
        return [f"the database does not answer: {type(error).__name__}"]
    return (
        [] if found == newest_migration() else [f"migrations are not applied: at {found}, needs {newest_migration()}"]
    )
