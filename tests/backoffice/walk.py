"""Somebody who opens every page of the back office that they are led to."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.backoffice.browser import Page

ELSEWHERE = ("/admin/logout", "/admin/login")
ID = re.compile(r"[0-9a-f-]{36}")
SAME_PAGE = ("lang", "sort", "after", "before", "list")
"""What asks for the same in other words, or for the same rows in another order."""


@dataclass
class Walk:
    """`pages` are those that answered, `dead_ends` those that did not, each with the page that led there.

    `site` holds the pages for fans, each looked at once for all who walk; of pages that differ by their row alone
    `most` are opened.
    """

    client: httpx.AsyncClient
    site: dict[str, int]
    most: int = 1000
    pages: dict[str, Page] = field(default_factory=dict)
    dead_ends: list[tuple[int, str, str]] = field(default_factory=list)

    async def through(self, start: str = "/admin/") -> "Walk":
        seen, alike, ahead = {start}, Counter[str](), [(start, "")]
        while ahead:
            place, led_from = ahead.pop()
            for each in await self._look(place, led_from):
                if each not in seen and alike[ID.sub("", each)] < self.most:
                    seen.add(each)
                    alike[ID.sub("", each)] += 1
                    ahead.append((each, place))
        return self

    async def _look(self, place: str, led_from: str) -> list[str]:
        if not place.startswith("/admin/"):
            if place not in self.site:
                self.site[place] = (await self.client.get(place, follow_redirects=True)).status_code
            self._count(self.site[place], place, led_from)
            return []
        answer = await self.client.get(place)
        self._count(answer.status_code, place, led_from)
        if answer.status_code != 200:
            return []
        self.pages[place] = Page(answer)
        return [plain(each) for each in places_on(self.pages[place])]

    def _count(self, status: int, place: str, led_from: str) -> None:
        if status != 200:
            self.dead_ends.append((status, place, led_from))


def places_on(page: Page) -> Iterator[str]:
    """Where its links lead, what its fields look things up at, and where buttons lead with the first row chosen."""
    for _text, place in page.places:
        if place.startswith("/") and not place.startswith(ELSEWHERE):
            yield place
    yield from page.autocompletes
    for form in page.forms:
        chosen = [box for box in form.boxes if box[0] == "pks"][:1]
        for button in form.buttons:
            if form.method == "get" and "formaction" in button and chosen:
                yield f"{button['formaction']}?{urlencode(chosen)}"


def plain(place: str) -> str:
    path, query = urlsplit(place).path, parse_qsl(urlsplit(place).query)
    kept = [(name, value) for name, value in query if name not in SAME_PAGE]
    return path + (f"?{urlencode(kept)}" if kept else "")
