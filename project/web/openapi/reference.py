"""The document as a page to read: HTML without a script, made once."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from apps.core.http.openapi import PROBLEM_JSON
from apps.core.text.templates import asset
from project.settings import ROOT, settings
from project.web.openapi.components import METHODS, resolved

Json = Mapping[str, Any]
BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "{} characters or more",
    "maxLength": "{} characters at most",
    "minItems": "{} or more",
    "maxItems": "{} at most",
    "default": "by default {}",
}


def reference_page(api: Json) -> str:
    return _environment().get_template("reference.html").render(api=api, tags=_tags(api))


def swagger_page() -> str:
    return _environment().get_template("swagger.html").render()


def _environment() -> Environment:
    folder = ROOT / "project" / "web" / "openapi" / "templates"
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(settings=settings, asset=asset)
    made.filters.update(
        anchor=lambda text: re.sub(r"\W+", "-", text.lower()),
        bounds=_bounds,
        inline=_inline,
        json=lambda value: json.dumps(value, indent=2, ensure_ascii=False),
        paragraphs=_paragraphs,
        type=_type,
    )
    return made


def _tags(api: Json) -> list[Json]:
    found = [
        _shown(api, path, method, item[method])
        for path, item in api["paths"].items()
        for method in METHODS
        if method in item
    ]
    return [{**tag, "operations": [each for each in found if tag["name"] in each["tags"]]} for tag in api["tags"]]


def _shown(api: Json, path: str, method: str, operation: Json) -> Json:
    """With what it refers to, and with the document's `security` where it has none of its own."""
    answers = [_answer(api, status, resolved(api, each)) for status, each in operation["responses"].items()]
    parameters = [resolved(api, each) for each in operation["parameters"]]
    shown = {"security": api["security"], **operation, "parameters": parameters, "answers": answers}
    return {**shown, "path": path, "method": method, "body": _body(operation)}


def _body(operation: Json) -> Json | None:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        return {"media_type": media_type, "schema": content["schema"], "example": content.get("example")}
    return None


def _answer(api: Json, status: str, answer: Json) -> Json:
    content = answer.get("content", {})
    problems = content.get(PROBLEM_JSON, {}).get("examples", {})
    return {
        "status": status,
        "description": answer["description"],
        "schema": next((each["schema"] for each in content.values()), None) if not problems else None,
        "problems": [{"name": name, **resolved(api, problem)} for name, problem in problems.items()],
    }


def _type(schema: Json) -> Markup:
    """`list of Product`, linked, `text or null`."""
    match schema:
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            return Markup('<a href="#{0}">{0}</a>').format(name)
        case {"anyOf": kinds}:
            return Markup(" or ").join(_type(each) for each in kinds)
        case {"type": "array", "items": items}:
            return Markup("list of ") + _type(items)
        case {"enum": values}:
            return Markup(" or ").join(Markup("<code>{}</code>").format(value) for value in values)
        case _:
            return escape(schema.get("format") or schema.get("type", "any"))


def _bounds(schema: Json) -> str:
    kinds = [schema, *schema.get("anyOf", ())]
    said = [
        text.format(json.dumps(kind[name]))
        for kind in kinds
        for name, text in BOUNDS.items()
        if kind.get(name) not in (None, "")
    ]
    return ", ".join(said)


def _paragraphs(text: str) -> Markup:
    return Markup("\n").join(Markup("<p>{}</p>").format(_inline(each)) for each in text.split("\n\n") if each)


def _inline(text: str) -> Markup:
    """The little Markdown of our descriptions: `code` and **bold**."""
    escaped = str(escape(text))
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
    return Markup(re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", marked))  # noqa: S704  escaped above
