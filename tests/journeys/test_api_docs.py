"""docs/api.md does what it says, and so does the page to try the API out."""

import asyncio
import re
from pathlib import Path

import pytest

from project.settings import ROOT, settings
from tests.accounts.fan import Fan
from tests.conformance import api
from tests.factories import make_tickets
from tests.journeys.chromium import BROWSER, tab
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
GUIDE = ROOT / "docs" / "api.md"
MOST_LINES = 10


def ten_lines() -> str:
    """The first code block, for the server of this test."""
    block = re.search(r"```bash\n(.+?)```", GUIDE.read_text(), re.DOTALL)
    assert block
    return block[1].replace("http://127.0.0.1:8000", settings.base_url)


async def test_ten_lines_of_curl_buy_a_ticket(server, worker, db, tmp_path: Path):
    async with db.begin() as session:
        await make_tickets(session, 100)
    process = await asyncio.create_subprocess_exec("bash", "-eu", "-c", ten_lines(), stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), timeout=60)
    ((order,),) = await sql(db, "SELECT state FROM orders")
    assert (process.returncode, order) == (0, "paid")
    assert re.fullmatch(r"\S{20,}", output.decode().strip().splitlines()[-1])


def test_they_are_ten():
    assert len(ten_lines().strip().splitlines()) <= MOST_LINES


def test_every_path_of_the_guide_exists():
    mentioned = set(re.findall(r"`(?:GET|POST) (/[\w/{}-]+)`", GUIDE.read_text()))
    assert mentioned
    assert mentioned <= {path.removeprefix("/api/v1") for path in api()["paths"]}


@pytest.mark.parametrize("page", ["/docs", "/docs/reference"])
async def test_the_api_can_be_read_on_pages(client, page: str):
    answer = await client.get(page)
    assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (200, True)


TRY_OUT = """
const here = async (selector) => {
  for (;;) {
    const found = document.querySelector(selector);
    if (found) return found;
    const isAtEnd = scrollY > document.body.scrollHeight - 2 * innerHeight;
    scrollTo(0, isAtEnd ? 0 : scrollY + innerHeight); // long pages are drawn as they are seen
    await new Promise((resume) => setTimeout(resume, 50));
  }
};
const press = async (selector) => (await here(selector)).click();
const type = async (selector, text) => {
  const field = await here(selector);
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", {bubbles: true}));
};
const tryOut = async (operation) => {
  const block = `[id$="-${operation}"]`;
  for (const part of [".opblock-summary-control", ".try-out__btn", ".execute"]) await press(`${block} ${part}`);
  return (await here(`${block} .live-responses-table tbody .response-col_status`)).textContent.trim();
};
await press(".auth-wrapper .authorize");
await type("#oauth_username", "fan@example.org");
await type("#oauth_password", "seven gulls over the harbour");
await press(".auth-container:has(#oauth_username) .authorize");
await here(".auth-container:has(h6) h6");
await press(".close-modal");
return [await tryOut("listProducts"), await tryOut("getMe")];
"""


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")
async def test_a_fan_signs_in_and_tries_requests_out_in_the_browser(client, db, tmp_path: Path):
    """Also where the site is not reached by the name in BASE_URL."""
    await Fan(client).open_account(db)
    async with tab(f"http://localhost:{settings.port}/docs", tmp_path) as page:
        assert await asyncio.wait_for(page.run(TRY_OUT), 60) == ["200", "200"]
