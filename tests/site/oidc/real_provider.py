"""npm's oidc-provider, a certified provider, as a server on this machine."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from project.settings import ROOT, OidcProvider, settings
from tests.conftest import free_port
from tests.contract.npm import OFFLINE

SOURCES = Path(__file__).parent
FILES = ("package.json", "provider.mjs")
INSTALLED = ROOT / ".data" / "npm" / "oidc-provider-9.13.3"
"""Kept from run to run."""
OLDEST_NODE = 20
NAME, TITLE = "real", "Harbour ID"


def config(port: int) -> OidcProvider:
    return OidcProvider(
        name=NAME,
        issuer=f"http://localhost:{port}",
        client_id="backline",
        client_secret="s%cret+of a client",
        title=TITLE,
    )


@contextmanager
def running_provider() -> Iterator[OidcProvider]:
    """Skips where there is no Node, or no package to be had."""
    refuse_old_node()
    install()
    made = config(free_port())
    returns = f"{settings.base_url}/account/oidc/{NAME}/return"
    command = ["node", "provider.mjs", made.issuer, returns]
    with subprocess.Popen(command, cwd=INSTALLED, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout
            assert process.stdout.readline().strip() == b"listening"
            yield made
        finally:
            process.kill()


def refuse_old_node() -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs node and npm")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"oidc-provider needs node {OLDEST_NODE}, this is {version.strip()}")


def install() -> None:
    """Whole or not at all, since others may install it at the same moment."""
    if not INSTALLED.exists():
        INSTALLED.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=INSTALLED.parent) as folder:
            shutil.copy(SOURCES / "package.json", folder)
            command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode and OFFLINE.search(done.stdout + done.stderr):
                pytest.skip("npm cannot reach a registry")
            assert done.returncode == 0, done.stderr
            made = Path(folder) / "whole"
            made.mkdir()
            shutil.move(Path(folder) / "node_modules", made)
            with suppress(OSError):  # somebody was faster
                made.rename(INSTALLED)
    for each in FILES:
        shutil.copy(SOURCES / each, INSTALLED)
