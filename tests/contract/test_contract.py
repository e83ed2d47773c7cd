"""The running API against its document: schemathesis sends what fits and what does not, with all of its checks."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from apps.core.db import Database
from project.settings import ROOT, settings
from tests.conformance import api
from tests.factories import make_concert, make_shirt, make_ticket_type
from tests.journeys.conftest import serving
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio
CONFIG = Path(__file__).with_name("schemathesis.toml")
HOOKS = CONFIG.with_name("hooks.py")
SLUG = "tour-shirt"


@pytest.fixture
async def people(database_url: str, db: Database) -> AsyncIterator[dict[str, str]]:
    """The Authorization of an admin and of a fan, of a shop that sells something."""
    async with db.begin() as session:
        shirt = await make_shirt(session, stock=None)
        shirt.product.slug = SLUG
        concert = await make_concert(session)
        concert.slug = SLUG
        await make_ticket_type(session, {}, concert=concert)
    admin, fan = await signed_in_as(db, "admin"), await signed_in_as(db)
    async with serving(database_url):
        yield {"ADMIN": admin["Authorization"], "FAN": fan["Authorization"]}


@pytest.mark.parametrize("part", ["--include-path-regex", "--exclude-path-regex"], ids=["staff", "fans"])
async def test_every_answer_is_as_documented(part, people, tmp_path):
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(api()))
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        *("--config-file", CONFIG, "run", document, "--url", settings.base_url, part, "/staff/"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=tmp_path,
        env=os.environ | people | {"SCHEMATHESIS_HOOKS": str(HOOKS), "PYTHONPATH": str(ROOT)},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
