"""Others' rules for documents of APIs, kept without a warning."""

from pathlib import Path

import pytest

from tests.contract.npm import install, needs_npm, run

LINTERS = Path(__file__).with_name("linters")


@needs_npm
@pytest.mark.anyio
async def test_they_have_nothing_to_say(tmp_path: Path) -> None:
    await install(LINTERS, tmp_path)
    for linter in ("redocly", "spectral"):
        code, output = await run(tmp_path, "npm", "run", linter)
        assert code == 0, output
