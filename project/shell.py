"""Prompts for developers: Python with the app's objects, and psql on its database."""

import asyncio
import code
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from sqlalchemy import make_url

from apps.core.db.database import Base, Database
from project import registry
from project.database import ensure_database
from project.settings import settings


def interact() -> None:
    registry.load()
    models = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
    with asyncio.Runner() as runner:
        names: dict[str, Any] = {"db": Database(ensure_database()), "settings": settings, "run": runner.run, **models}
        code.interact("db, settings, models; run(coroutine) awaits.", local=names, exitmsg="")


def psql(arguments: Sequence[str]) -> int:
    if shutil.which("psql") is None:
        raise SystemExit("psql is not installed: apt install postgresql-client")
    url = make_url(ensure_database()).set(drivername="postgresql")
    return subprocess.call(["psql", url.render_as_string(hide_password=False), *arguments])
