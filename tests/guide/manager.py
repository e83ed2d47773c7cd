"""A manager at the back office, in a real browser: whatever is pressed or filled in is found by the words on it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image

from project.demo.people import PASSWORD
from tests.journeys.chromium import Tab

WIDTH, HEIGHT = 1240, 860
PHOTO = 900
FIND = """
const said = (node) => node.textContent.replace(/\\s+/g, " ").trim().replace(/ \\(required\\)$/, "");
const find = (kinds, words, nth = 0) => {
  const all = [...document.querySelectorAll(kinds)].filter((each) => said(each) === words && each.checkVisibility());
  if (!all[nth]) throw new Error(`No ${kinds} “${words}” at ${location.pathname}`);
  return all[nth];
};
const unfold = (words) => {
  const inMenus = [...document.querySelectorAll(".more li > *")];
  for (const each of inMenus.filter((each) => said(each) === words)) each.closest(".more").open = true;
};
const type = (field, text) => {
  field.value = text;
  for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, {bubbles: true}));
};
const until = async (look) => {
  for (let tries = 0; tries < 200; tries++) {
    const found = look();
    if (found) return found;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  throw new Error(`Waited in vain at ${location.pathname}`);
};
"""
RING = """
unfold(words);
const node = find("a, button, label, h2", words);
const ringed = node.control && node.control.type !== "checkbox" ? node.control : node;
ringed.style.cssText += "outline: 3px solid #1769aa; outline-offset: 1px";
"""
FRAME = """
const top_of = () => below ? find("h1, h2, legend, label", below).getBoundingClientRect().top - 24 : 0;
scrollTo(0, 0);
scrollTo(0, top_of());
const main = document.querySelector("main");
const bottom = Math.max(...[...main.querySelectorAll("*")].map((each) => each.getBoundingClientRect().bottom));
return [below ? main.getBoundingClientRect().left : 0, top_of(), innerWidth, Math.min(innerHeight, bottom + 24)];
"""


class Manager:
    """`album` is the folder for pictures; without one none are taken."""

    def __init__(self, tab: Tab, *, site: str, album: Path | None) -> None:
        self._tab = tab
        self._site = site
        self._album = album
        self._read: list[str] = []

    async def open(self, path: str) -> None:
        await self._tab.visit(self._site + path)
        await self._look()

    async def sign_in(self, email: str) -> None:
        await self.open("/admin/login")
        await self.fill("Email", email)
        await self.fill("Password", PASSWORD)
        await self.press("Sign in")

    async def sign_out(self) -> None:
        await self.press("Sign out")

    async def follow(self, words: str, *, nth: int = 0) -> None:
        await self._click("a", words, nth)

    async def follow_row(self, words: str) -> None:
        """The link of the row in which these words stand."""
        row = f"[...document.querySelectorAll('tr')].find((each) => said(each).includes({quoted(words)}))"
        await self._lead_on(f"{row}.querySelector('a')")

    async def press(self, words: str, *, nth: int = 0) -> None:
        await self._click("button", words, nth)

    async def fill(self, label: str, text: str, *, nth: int = 0) -> None:
        await self._do(f"type(find('label', {quoted(label)}, {nth}).control, {quoted(text)})")

    async def tick(self, label: str, *, nth: int = 0) -> None:
        await self._do(f"find('label', {quoted(label)}, {nth}).control.click()")

    async def select(self, label: str, option: str) -> None:
        """`option` is how what stands in the list begins."""
        await self._do(f"""
            const list = find('label', {quoted(label)}).control;
            type(list, [...list.options].find((each) => each.text.startsWith({quoted(option)})).value)""")

    async def choose(self, label: str, words: str, *, nth: int = 0) -> None:
        """The first suggestion that comes when `words` are typed."""
        await self._do(f"""
            const field = find('label', {quoted(label)}, {nth}).control;
            type(field, {quoted(words)});
            const first = await until(() => field.parentNode.querySelector('[role=option]'));
            first.dispatchEvent(new Event('pointerdown'))""")

    async def add_files(self, label: str, *files: Path) -> None:
        field = await self._do(f"return find('label', {quoted(label)}).control.id")
        await self._tab.choose_files(f"[id='{field}']", files)

    async def download(self, words: str) -> str:
        """The text of the file that the link leads to."""
        return await self._do(f"return (await fetch(find('a', {quoted(words)}).href)).text()")

    async def photograph(self, path: str, file: Path) -> None:
        """What the site shows there, as if somebody had taken a picture of it."""
        await self._tab.resize(PHOTO, PHOTO)
        await self._tab.visit(self._site + path)
        save(await self._tab.picture(), file)
        await self._tab.resize(WIDTH, HEIGHT)

    async def wait_for(self, selector: str) -> None:
        """What a job in the background makes: the page is loaded anew until it is there."""
        for _try in range(60):
            if await self._do(f"return !!document.querySelector({quoted(selector)})"):
                return
            await self._do("await new Promise((resume) => setTimeout(resume, 250))")
            await self._tab.lead_on("setTimeout(() => location.reload())")
        raise AssertionError(f"{selector} never came")

    async def read(self) -> None:
        """The page once more, which has changed meanwhile."""
        await self._look()

    async def picture(self, name: str, *ringed: str, below: str = "", height: int = HEIGHT) -> None:
        """The window with a ring around what bears these words; without the menu where it begins further `below`."""
        for words in ringed:
            await self._do(f"const words = {quoted(words)}; {RING}")
        if self._album:
            await self._take(self._album / f"{name}.webp", below, height)

    def words_read(self) -> str:
        """Everything that could be read since this was asked last."""
        read, self._read = " ".join(self._read), []
        return read

    async def _click(self, kinds: str, words: str, nth: int) -> None:
        """What is in a menu is pressed there."""
        await self._do(f"unfold({quoted(words)})")
        await self._lead_on(f"find('{kinds}', {quoted(words)}, {nth})")

    async def _lead_on(self, node: str) -> None:
        await self._tab.lead_on(f"{FIND} const node = {node}; setTimeout(() => node.click())")
        await self._look()

    async def _take(self, file: Path, below: str, height: int) -> None:
        await self._tab.resize(WIDTH, height)
        box = await self._tab.run(f"{FIND} const below = {quoted(below)}; {FRAME}")
        save(await self._tab.picture(), file, box)

    async def _look(self) -> None:
        """Nothing that a manager does here may be refused."""
        refusal = await self._do(
            "return said(document.querySelector('.alert, .dead-end') ?? document.createElement('p'))"
        )
        assert not refusal, refusal
        self._read.append(await self._do("return said(document.body)"))

    async def _do(self, script: str) -> str:
        return str(await self._tab.run(f"{FIND} {script}") or "")


def save(png: bytes, file: Path, box: Sequence[float] | None = None) -> None:
    """All of it, or what is in the box; in the format that the file's name says."""
    with Image.open(BytesIO(png)) as seen:
        seen.convert("RGB").crop(box).save(file, quality=80, method=6)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def evening(days: int) -> str:
    """Eight in the evening, so many days from now, as a field for a date and a time takes it."""
    return datetime.combine(datetime.now(UTC).date() + timedelta(days=days), time(20)).strftime("%Y-%m-%dT%H:%M")
