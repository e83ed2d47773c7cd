"""The running API against its document: schemathesis sends what fits and what does not, with all of its checks."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from apps.core.db.database import Database
from project.settings import ROOT, settings
from tests.conformance import api
from tests.contract.world import FanWorld, Known, StaffWorld
from tests.journeys.conftest import client, customer, server
from tests.journeys.customer import Customer
from tests.staff import signed_in_as
from tests.staff_api import StaffApi

__all__ = ["client", "customer", "server"]
pytestmark = pytest.mark.anyio
CONFIG = Path(__file__).with_name("schemathesis.toml")
HOOKS = CONFIG.with_name("hooks.py")
FANS = ("FAN", "LEAVING", "LEAVING_EVERYWHERE", "CHANGING_PASSWORD", "ASKING_FOR_DATA", "CHANGING_EMAIL")
NEVER_SERVED = {
    "POST /api/v1/payments/{provider}/webhook",
    "POST /api/v1/me/totp/confirm",
    "POST /api/v1/me/passkeys",
    "POST /api/v1/me/recovery-codes",
    "POST /api/v1/auth/register-passkey",
    "POST /api/v1/auth/confirm-passkey-options",
    "POST /api/v1/auth/confirm-passkey",
}
"""Only providers can sign, an app knows codes, a device makes passkeys, and recovery codes go with one of the two:
tests/journeys/test_webhooks.py and tests/site have what they are answered."""


@pytest.fixture
async def people(db: Database) -> dict[str, str]:
    """Authorization headers, by the names that schemathesis.toml has for them."""
    fans = {name: await signed_in_as(db) for name in FANS}
    everybody = {**fans, "ADMIN": await signed_in_as(db, "admin"), "KEY_OWNER": await signed_in_as(db, "manager")}
    return {name: headers["Authorization"] for name, headers in everybody.items()}


async def test_staff_are_answered_as_documented(customer: Customer, people: dict[str, str], tmp_path: Path) -> None:
    customer.client.headers["Authorization"] = people["ADMIN"]
    world = await StaffWorld(StaffApi(customer.client, {}), customer).known()
    await run(tmp_path, "--include-path-regex", world, people)
    assert unserved(tmp_path, world) == set()


async def test_fans_are_answered_as_documented(customer: Customer, people: dict[str, str], tmp_path: Path) -> None:
    customer.client.headers["Authorization"] = people["FAN"]
    customer.email = (await customer.client.get("/api/v1/me")).json()["email"]
    world = await FanWorld(customer, key_owner=people["KEY_OWNER"]).known()
    await run(tmp_path, "--exclude-path-regex", world, people)
    assert unserved(tmp_path, world) == NEVER_SERVED


async def run(folder: Path, staff: str, world: Mapping[str, Known], people: Mapping[str, str]) -> None:
    """Fails on what schemathesis finds, and on its warnings. `staff`: what to do with their part of the API."""
    (folder / "openapi.json").write_text(json.dumps(api()))
    (folder / "world.json").write_text(json.dumps(world))
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        *("--config-file", CONFIG, "run", "openapi.json", "--url", settings.base_url, staff, "/staff/"),
        *("--report-json-path", "report.json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={**os.environ, **people, "SCHEMATHESIS_HOOKS": str(HOOKS), "PYTHONPATH": str(ROOT)},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


def unserved(folder: Path, world: Mapping[str, Known]) -> set[str]:
    """The operations that never answered with success."""
    rates = json.loads((folder / "report.json").read_text())["valid_rates"]
    return {label for label in world if not any(each["accepted"] for each in rates.get(label, {}).values())}
