"""Programs of Node's that tests use: installed once a module by npm, as anybody installs them."""

import json
import os
import re
import shutil
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conformance import api

OFFLINE = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|NewConnectionError|NameResolutionError")
"""What npm and pip say when there is no registry."""
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
needs_npm = pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm")


async def install(sources: Path, folder: Path) -> None:
    """The files of `sources` and the API's document with their packages; skips where no registry can be reached."""
    copy(sources, folder)
    code, output = await run(folder, "npm", "install", "--no-audit", "--no-fund")
    if code and OFFLINE.search(output):
        pytest.skip("npm cannot reach a registry")
    assert code == 0, output


def copy(sources: Path, folder: Path) -> None:
    """The files of `sources`, without what was installed or made beside them, and the API's document."""
    for each in sources.iterdir():
        if each.is_file():
            shutil.copy(each, folder)
    (folder / "openapi.json").write_text(json.dumps(api()))


async def run(folder: Path, *command: str, env: Mapping[str, str] | None = None) -> tuple[int | None, str]:
    """Exit code and what was said."""
    env = {**os.environ, **QUIET, **(env or {})}
    process = await create_subprocess_exec(*command, cwd=folder, stdout=PIPE, stderr=STDOUT, env=env)
    output, _ = await process.communicate()
    return process.returncode, output.decode()
