"""The document's schemas: msgspec's own, which is what checks the requests, under names that read well."""

import re
from collections.abc import Mapping, Sequence
from inspect import cleandoc
from typing import Any, Union

import msgspec

from apps.orders.kinds.parts import Part
from project.web.openapi.samples import goes_in, with_samples

REF = "#/components/schemas/"
NO_NUL = r"^[^\x00]*$"
PLAIN = {"str": "Text", "int": "Number"}
PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


class Schemas:
    """The schemas of `types`; `components` are the ones with a name. `Part` is any of its `variants`."""

    def __init__(self, types: Sequence[Any], variants: Sequence[type[Part]]) -> None:
        made, components = msgspec.json.schema_components([*types, Union[*variants]], ref_template=REF + "{name}")
        components[Part.__name__] = {**made[-1], "description": Part.__doc__}
        names = {old: public_name(old) for old in components}
        described = {names[old]: _described(schema, names[old]) for old, schema in components.items()}
        self._types = list(types)
        self._schemas: list[dict[str, Any]] = _renamed(list(made[:-1]), names)
        self.components = dict(sorted(with_samples(_renamed(described, names)).items()))

    def of(self, type: Any) -> dict[str, Any]:
        """The schema of one of the types, a reference where it has a name."""
        return self._schemas[self._types.index(type)]


def public_name(name: str) -> str:
    """`ProductOut` → Product, `ProductIn` → ProductInput, `Page_ProductOut_` → ProductPage.

    Of two with the same name each is named after its app: `apps.shop.listing.listing.Sort` → ShopSort.
    """
    if "." in name:
        _, app, *_ = name.split(".")
        return app.capitalize() + public_name(name.rpartition(".")[2])
    if generic := re.fullmatch(r"([A-Za-z]+)_(.+)_", name):
        return public_name(generic[2]) + generic[1]
    return PLAIN.get(name) or re.sub("In$", "Input", name.removesuffix("Out"))


def words(name: str) -> str:
    """`ProductSummary` and `product_summary` → "Product summary"."""
    return " ".join(PARTS.findall(name)).lower().capitalize()


def _described(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Its name is title enough. Texts that come in hold no NUL, as all of ours."""
    kind = {"type": "string"} if "enum" in schema else {}
    fields = {field: _field(each) for field, each in schema.get("properties", {}).items()}
    untitled = {key: each for key, each in schema.items() if key != "title"}
    texts = {"description": cleandoc(schema["description"])} if "description" in schema else {}
    described = {**untitled, **kind, **texts} | ({"properties": fields} if fields else {})
    return _without_nul(described) if goes_in(name) else described


def _field(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What need not be given has no default that is null: to generators that would be a value of its own."""
    kind = {"type": "string"} if "enum" in schema else {}
    return kind | {key: each for key, each in schema.items() if key != "default" or each is not None}


def _without_nul(value: Any) -> Any:
    match value:
        case {"type": "string"} if not value.keys() & {"pattern", "format", "enum", "const"}:
            return {**value, "pattern": NO_NUL}
        case dict():
            return {key: _without_nul(each) for key, each in value.items()}
        case list():
            return [_without_nul(each) for each in value]
        case _:
            return value


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case {"$ref": ref}:
            return {**value, "$ref": REF + names[ref.removeprefix(REF)]}
        case {"propertyName": str(), "mapping": mapping}:
            by_tag = {tag: REF + names[ref.removeprefix(REF)] for tag, ref in mapping.items()}
            return {**value, "mapping": by_tag}
        case dict():
            return {key: _renamed(each, names) for key, each in value.items()}
        case list():
            return [_renamed(each, names) for each in value]
        case _:
            return value
