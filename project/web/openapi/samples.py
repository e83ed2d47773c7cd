"""Examples: what a field of that name may hold, and from them an example of every object.

A field with examples of its own (`msgspec.Meta(examples=…)`) keeps them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from project.settings import settings

SAMPLES: Mapping[str, Any] = {
    "access_token": "eyJhbGciOiJIUzI1NiIs…",
    "action": "order.paid",
    "actor": "user:0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60",
    "address": {"line1": "Hafenstraße 1", "city": "Hamburg", "postal_code": "20359", "country": "DE"},
    "alt": "A black shirt with a ferry on it",
    "barcode": "4006381333931",
    "city": "Hamburg",
    "code": "T1.k1.AZOlwn0QfMSfWisc",
    "compare_at": 3000,
    "compare_at_text": "€30.00",
    "country": "Germany",
    "currency": settings.currency,
    "description": "<p>Printed in the harbour.</p>",
    "detail": "More about it.",
    "email": "fan@example.org",
    "error": "invalid_grant",
    "expected": "application/json",
    "key": "v1.k1.AZOlwn0QfMSfWisc",
    "latitude": 53.5453,
    "line1": "Hafenstraße 1",
    "line2": "",
    "locale": "en",
    "longitude": 9.9664,
    "name": "Ada Fan",
    "note": "Came with the van",
    "number": "K7M2QX4N",
    "option_names": ["Size"],
    "options": ["L"],
    "pay_url": f"{settings.base_url}/demo/pay/0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60",
    "payment": "confirmed",
    "postal_code": "20359",
    "lineup": ["The Gulls"],
    "price": 2500,
    "prices": {settings.currency: {"amount": 2500}},
    "price_text": "€25.00",
    "problem": None,
    "provider": "demo",
    "quantity": 2,
    "reason": "ConnectTimeout",
    "reference": "0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60",
    "allocation": {"0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60": 1},
    "refresh_token": "rt_4c8f0b2d…",
    "region": "Hamburg",
    "request_id": "0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60",
    "sku": "SHIRT-L",
    "slug": "tour-shirt",
    "subtotal": 5000,
    "tags": ["hoodie"],
    "tax_class": "standard",
    "time_zone": "Europe/Berlin",
    "tickets_elsewhere": [{"url": "https://tickets.example.org/1234", "title": "VIP", "sold_out": False}],
    "token": "v1.k1.AZOlwn0QfMSfWisc",
    "token_type": "Bearer",
    "total": 5000,
    "total_text": "€50.00",
    "unit_price": 2500,
    "url": f"{settings.base_url}/…",
    "vendor": "The Slow Ferries",
    "venue_name": "Knust",
}
OF_A_KIND: Mapping[str, Any] = {
    "Address.country": "DE",
    "Category.slug": "shirts",
    "Category.title": "Shirts",
    "Checkout.delivery": "ship",
    "Concert.description": "Doors at seven.",
    "Concert.on_sale_at": "2027-01-15T10:00:00Z",
    "Concert.slug": "live-in-hamburg",
    "Concert.title": "Live in Hamburg",
    "TicketConcert.slug": "2026-11-21-hamburg-knust",
    "TicketConcert.title": "Live in Hamburg",
    "TicketTypeName.name": "Standing",
    "Movement.reason": "received",
    "Pool.capacity": 40,
    "Pool.name": "Hall",
    "Price.amount": 2500,
    "Price.minimum": None,
    "Product.slug": "tour-shirt",
    "Product.title": "Tour shirt",
    "Refund.reason": "Ordered by mistake",
    "Role.title": "Merch table",
    "TicketType.max_per_customer": 4,
    "TicketType.max_per_order": 4,
    "TicketType.name": "Standing",
    "TicketType.sale_from": "2027-01-15T10:00:00Z",
    "TicketType.title": "Live in Hamburg · Standing",
    "Tour.description": "From harbour to harbour.",
    "Tour.slug": "night-crossing",
    "Tour.title": "Night crossing",
    "User.email": "office@example.org",
    "User.name": "Ada Office",
    "Variant.max_per_customer": None,
    "Variant.max_per_order": 10,
    "Variant.sale_from": "2027-01-15T10:00:00Z",
    "Variant.tax_class": "standard",
    "Variant.title": "Tour shirt · L",
    "Venue.name": "Markthalle",
}
"""Where the field's name alone does not tell: by the kind of object, whether it is made, changed, listed or shown."""
KIND = re.compile(r"^New|(Staff|Summary|Listed|Found|Detail)?(Input)?$")


@dataclass(frozen=True, slots=True)
class Described:
    """A parameter that goes by the same name everywhere."""

    description: str
    example: Any = None


OPAQUE = {"after", "Cart-Token", "Idempotency-Key"}
"""What an earlier answer has given, or the caller makes up: where it may be left out, an example would be sent."""
PARAMETERS: Mapping[str, Described] = {
    "category": Described("Only products of this category.", "shirts"),
    "city": Described("Only those in this city.", "Hamburg"),
    "country": Described("Only those in this country: a code, or a name in any language of the site.", "Germany"),
    "disabled": Described("Only people who are kept out, or only those who are not.", False),
    "near": Described("Only those near this place: latitude and longitude in degrees.", "53.55,9.99"),
    "price_max": Described("The highest price, in minor units of `currency`.", 5000),
    "price_min": Described("The lowest price, in minor units of `currency`.", 1000),
    "after": Described("The `next` of the page before.", "WyJUb3VyIHNoaXJ0Il0"),
    "Cart-Token": Described("The cart's `token`; without one a new cart begins.", "v1.k1.AZOlwn0QfMSfWisc"),
    "currency": Described("Prices in this currency (ISO 4217), the shop's own by default.", "EUR"),
    "id": Described("Its id."),
    "Idempotency-Key": Described(
        "Names this request, so that repeating it does nothing twice.", "5d0b2f0e-6a53-4d4c-9a3e-0d6a1c5f7b11"
    ),
    "If-Match": Described("The ETag of the version that is changed.", '"9b2f0c1d3e4f5a6b7c8d9e0f1a2b3c4d"'),
    "key": Described("Opens the order: its `key`.", "v1.k1.AZOlwn0QfMSfWisc"),
    "limit": Described("How many a page holds.", 20),
    "invoice": Described("The number of the invoice or credit note.", "INV-2026-000042"),
    "number": Described("The order's number.", "K7M2QX4N"),
    "provider": Described("The way of paying.", "demo"),
    "q": Described("Words to look for.", "hoodie"),
    "slug": Described("Its name in links.", "tour-shirt"),
    "published": Described("Only what fans see, or only what they do not see."),
    "state": Described("Only those in this state."),
    "tag": Described("Only those with this tag.", "hoodie"),
    "ids": Described("Only these.", "0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60"),
    "vendor": Described("Only those of this vendor.", "The Slow Ferries"),
    "tour": Described("Only those of this tour.", "night-crossing"),
    "venue": Described("Only those at this venue."),
    "when": Described("Those to come, or those that were.", "upcoming"),
}
BY_FORMAT: Mapping[str, Any] = {
    "uuid": "0193a5c2-7d10-7cc4-9f5a-2b1c3d4e5f60",
    "date-time": "2026-11-21T19:00:00Z",
    "date": "2026-11-21",
    "uri": "https://example.org/",
}
BY_TYPE: Mapping[str, Any] = {"boolean": True, "number": 1.5, "object": {}, "null": None}


def goes_in(component: str) -> bool:
    """Whether it is what a request's body holds: that has an example as a whole."""
    return component.endswith("Input")


def with_samples(components: Mapping[str, Any]) -> dict[str, Any]:
    """The plain fields of every object that comes out with examples: together they make one of the object."""
    return {name: _with_sample(name, schema, components) for name, schema in components.items()}


def sample(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits `schema`; `name` is the field's, with the kind of its object before it: "Pool.name"."""
    field = name.rpartition(".")[2]
    match schema:
        case _ if name in OF_A_KIND:
            return OF_A_KIND[name]
        case {"examples": [first, *_]}:
            return first
        case {"$ref": ref}:
            return _of_component(ref.rpartition("/")[2], components, name)
        case {"const": value} | {"enum": [value, *_]}:
            return value
        case {"anyOf": [first, *_]}:
            return sample(first, components, name)
        case _ if field in SAMPLES and "format" not in schema:
            return SAMPLES[field]
        case {"type": "array", "items": items}:
            return [sample(items, components, name)]
        case _:
            return _plain(schema, field)


def _of_component(component: str, components: Mapping[str, Any], name: str) -> Any:
    schema = components[component]
    return _object(component, components) if "properties" in schema else sample(schema, components, name)


def _object(component: str, components: Mapping[str, Any]) -> dict[str, Any]:
    kind, fields = KIND.sub("", component), components[component]["properties"]
    values = {name: sample(each, components, f"{kind}.{name}") for name, each in fields.items()}
    return {name: value for name, value in values.items() if value is not None}


def _plain(schema: Mapping[str, Any], name: str) -> Any:
    match schema:
        case {"format": form} if form in BY_FORMAT:
            return BY_FORMAT[form]
        case {"type": "string"}:
            return name.replace("_", " ")
        case {"type": "integer"}:
            return schema.get("minimum", 1)
        case _:
            return BY_TYPE.get(schema.get("type", "null"))


def _with_sample(component: str, schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    if "properties" not in schema or goes_in(component):
        return dict(schema)
    kind = KIND.sub("", component)
    fields = {name: _illustrated(each, components, f"{kind}.{name}") for name, each in schema["properties"].items()}
    return {**schema, "properties": fields}


def _illustrated(schema: Mapping[str, Any], components: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Where type and name alone do not tell."""
    is_plain = schema.get("type") not in (None, "array", "object") or "anyOf" in schema
    tells = "format" in schema or "enum" in schema or schema.get("type") == "boolean" or _is_reference(schema)
    if not is_plain or (tells and name not in OF_A_KIND):
        return without_examples(schema) if tells else dict(schema)
    value = sample(schema, components, name)
    if value is None or value == _plain(schema, name.rpartition(".")[2]):
        return dict(schema)
    return {"examples": [value], **without_examples(schema)}


def without_examples(value: Any) -> Any:
    """Schemas of which the example stands elsewhere."""
    match value:
        case dict():
            return {key: without_examples(each) for key, each in value.items() if key != "examples"}
        case list():
            return [without_examples(each) for each in value]
        case _:
            return value


def _is_reference(schema: Mapping[str, Any]) -> bool:
    """Maybe one that can be null."""
    return any("$ref" in each or "format" in each for each in schema.get("anyOf", ()))
