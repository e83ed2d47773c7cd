"""A browser without JavaScript: it knows pages, links and forms, and sends what is on them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """(label, name, value)"""


class Page(HTMLParser):
    """What a reader of the page can see, follow and send."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.status = answer.status_code
        self.url = str(answer.url)
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self._inside: list[str] = []
        self._select: str | None = None
        self._open: tuple[str, int] | None = None
        self.feed(answer.text)
        self.text = " ".join(self.words.split())

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in pairs}
        self.tags.append((tag, attributes))
        if tag == "form":
            self.forms.append(Form(attributes["action"]))
        elif tag == "input" and self.forms:
            self._input(attributes)
        elif tag == "select":
            self._select = attributes["name"]
        elif tag == "option" and self._select:
            self._option(attributes)
        elif tag == "button":
            self.forms[-1].buttons.append(("", attributes.get("name", ""), attributes.get("value", "")))
        if tag in ("a", "button", "option", "title"):
            self._open = (tag, len(self.words))
            self._href = attributes.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        if self._open and self._open[0] == tag:
            label = " ".join(self.words[self._open[1] :].split())
            if tag == "a":
                self.links[label] = self._href
            elif tag == "button":
                _label, name, value = self.forms[-1].buttons.pop()
                self.forms[-1].buttons.append((label, name, value))
            elif tag == "title":
                self.title = label

    def handle_data(self, data: str) -> None:
        self.words += data

    def _input(self, attributes: dict[str, str]) -> None:
        if attributes.get("type") not in ("radio", "checkbox") or "checked" in attributes:
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")

    def _option(self, attributes: dict[str, str]) -> None:
        fields = self.forms[-1].fields
        if "selected" in attributes or self._select not in fields:
            fields[str(self._select)] = attributes.get("value", "1")

    @property
    def foreign(self) -> set[str]:
        """Tags that would run or show what is not ours; a script with an address of its own runs nothing else."""
        own = {("script", f"/static/site/{name}.js") for name in ("site", "passkeys")}
        named = {(tag, held.get("src", "").partition("?")[0]) for tag, held in self.tags}
        return {tag for tag, source in named - own if tag in ("script", "style", "img")}

    def tag(self, id: str) -> dict[str, str]:
        return next(attributes for _tag, attributes in self.tags if attributes.get("id") == id)


class Fan:
    """One browser with its cookies."""

    def __init__(self, client: httpx.AsyncClient, *, language: str = "en") -> None:
        self.client = client
        self.client.headers["Accept-Language"] = language
        self.page: Page

    async def visit(self, path: str, *, status: int = 200, **headers: str) -> Page:
        answer = await self.client.get(path, headers=headers, follow_redirects=True)
        return self._shown(answer, status)

    async def follow(self, label: str) -> Page:
        return await self.visit(self.page.links[label])

    async def press(self, label: str, *, status: int = 200, headers: dict | None = None, **typed: object) -> Page:
        """Fill the form that has this button, and press it."""
        form, name, value = next(
            (form, name, value)
            for form in self.page.forms
            for text, name, value in form.buttons
            if text.startswith(label)
        )
        pressed = {name: value} if name else {}
        data = form.fields | {key: str(value) for key, value in typed.items()} | pressed
        return await self.send(form.action, data, status=status, headers=headers)

    async def send(self, path: str, data: dict, *, status: int = 200, headers: dict | None = None) -> Page:
        answer = await self.client.post(path, data=data, headers=headers, follow_redirects=True)
        return self._shown(answer, status)

    def _shown(self, answer: httpx.Response, status: int) -> Page:
        assert answer.status_code == status, answer.text
        self.page = Page(answer)
        return self.page
