"""A browser without JavaScript that knows every kind of field: what is on a form is sent as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

CELLS = ("td", "th", "dt", "dd", "li")
"""What stands apart from its neighbour without a blank between them."""
Fields = list[tuple[str, Any]]


@dataclass
class Form:
    action: str
    method: str
    fields: Fields = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    """Checkboxes that are not ticked."""
    buttons: list[dict[str, str]] = field(default_factory=list)
    """With their `text`."""
    files: str = "uploads"
    """The field that takes some."""


class Page(HTMLParser):
    """What somebody at a page can read, follow and send."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer, self.status, self.url = answer, answer.status_code, str(answer.url)
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.places: list[tuple[str, str]] = []
        self.autocompletes: list[str] = []
        self.errors: list[str] = []
        self._text: list[str] = []
        self._open: list[tuple[str, dict[str, str], int]] = []
        self.feed(answer.text)
        self.text = " ".join("".join(self._text).split())

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in pairs}
        if "data-autocomplete" in attributes:
            self.autocompletes.append(attributes["data-autocomplete"])
        if tag == "form":
            action = attributes.get("action") or self.answer.url.raw_path.decode()
            self.forms.append(Form(action, attributes.get("method", "get")))
        elif tag == "input" and self.forms:
            self._input(attributes)
        if tag in ("a", "button", "textarea", "select", "option", "span"):
            self._open.append((tag, attributes, len(self._text)))

    def _input(self, attributes: dict[str, str]) -> None:
        name, value = attributes.get("name", ""), attributes.get("value", "")
        if attributes.get("type") == "checkbox" and "checked" not in attributes:
            self.forms[-1].boxes.append((name, value or "on"))
        elif attributes.get("type") == "file":
            self.forms[-1].files = name
        elif name and attributes.get("type") != "file":
            self.forms[-1].fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag in CELLS:
            self._text.append(" ")
        if not self._open or self._open[-1][0] != tag:
            return
        _tag, attributes, start = self._open.pop()
        raw = "".join(self._text[start:])
        text = " ".join(raw.split())
        match tag:
            case "a":
                self.links[text] = attributes.get("href", "")
                self.places.append((text, attributes.get("href", "")))
            case "button":
                self.forms[-1].buttons.append({**attributes, "text": text})
            case "textarea":
                self.forms[-1].fields.append((attributes["name"], raw.removeprefix("\n")))
            case "span" if attributes.get("class") == "error":
                self.errors.append(text)
            case "option":
                self._option(attributes)

    def _option(self, attributes: dict[str, str]) -> None:
        """The one that is selected, else the first."""
        select = next(each[1] for each in reversed(self._open) if each[0] == "select")
        names = [name for name, _value in self.forms[-1].fields]
        if select["name"] not in names:
            self.forms[-1].fields.append((select["name"], attributes.get("value", "")))
        elif "selected" in attributes:
            self.forms[-1].fields[names.index(select["name"])] = (select["name"], attributes.get("value", ""))

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def form_with(self, label: str) -> tuple[Form, dict[str, str]]:
        return next(
            (form, button) for form in self.forms for button in form.buttons if button["text"].startswith(label)
        )

    def value(self, name: str) -> str:
        return next(value for form in self.forms for each, value in form.fields if each == name)


class Clerk:
    """Somebody at the back office."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: Page

    async def sign_in(self, email: str, password: str) -> None:
        csrf = Page(await self.client.get("/account/forgot")).value("csrf")
        form = {"csrf": csrf, "email": email, "password": password, "next": "/admin/"}
        await self.client.post("/account/sign-in", data=form)

    async def visit(self, path: str, *, status: int = 200) -> Page:
        return self._shown(await self.client.get(path, follow_redirects=True), status)

    async def follow(self, label: str, *, status: int = 200) -> Page:
        return await self.visit(self.page.links[label], status=status)

    async def press(
        self,
        label: str,
        *,
        status: int = 200,
        ticked: tuple[str, ...] = (),
        files: Sequence[tuple[str, bytes]] = (),
        **typed: Any,
    ) -> Page:
        """Fill in the form that has this button, and press it. `ticked`: values of checkboxes; `files` to send with it.

        A field `variants-0-sku` is typed as `variants_0_sku`; what the form does not have is an error.
        """
        form, button = self.page.form_with(label)
        fields = filled(form, typed) + [box for box in form.boxes if box[1] in ticked or box[0] in ticked]
        if button.get("name"):
            fields.append((button["name"], button.get("value", "")))
        action = button.get("formaction") or form.action
        if form.method == "get":
            answer = await self.client.get(action, params=fields, follow_redirects=True)
        else:
            uploads = [(form.files, file) for file in files]
            answer = await self.client.post(action, data=as_dict(fields), files=uploads, follow_redirects=True)
        return self._shown(answer, status)

    def _shown(self, answer: httpx.Response, status: int) -> Page:
        assert answer.status_code == status, answer.text
        self.page = Page(answer)
        return self.page


def filled(form: Form, typed: dict[str, Any]) -> Fields:
    names = {name.replace("-", "_").replace(".", "_"): name for name, _value in form.fields}
    unknown = typed.keys() - names.keys()
    assert not unknown, f"{unknown} are not fields of {sorted(names)}"
    values = {names[name]: value for name, value in typed.items()}
    return [(name, values.get(name, value)) for name, value in form.fields]


def as_dict(fields: Fields) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    return values
