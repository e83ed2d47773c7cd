"""The API's document: valid, complete and readable, whatever routes are added."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from click.testing import CliRunner
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from apps.core.http.openapi import URN
from project.app import create_app
from project.commands import cli
from project.web.openapi.components import resolved
from project.web.openapi.document import document
from project.web.openapi.operations import operation_id

pytestmark = pytest.mark.anyio
SIGNED_IN = [{"bearer": []}, {"signIn": []}]
SMALL = 2_232  # bytes of the document for each operation
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    return document(create_app())


def operations(api: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in api["paths"].items():
        yield from ((f"{method.upper()} {path}", item[method]) for method in METHODS if method in item)


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object inside."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)


def given(api: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """An operation's parameters, those too that it refers to."""
    return [resolved(api, each) for each in operation["parameters"]]


def checker(api: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": api["components"]}, validate_formats=True, ignore_unknown_formats=True
    )


class TestDocument:
    def test_is_openapi_3_1(self, api):
        assert api["openapi"].startswith("3.1")
        assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(api)] == []

    def test_every_reference_leads_somewhere(self, api):
        for ref in {each["$ref"] for each in objects(api) if isinstance(each.get("$ref"), str)}:
            _, *steps = ref.split("/")
            found = api
            for step in steps:
                assert step in found, ref
                found = found[step]

    def test_everything_that_is_named_is_used(self, api):
        used = {each["$ref"] for each in objects(api) if isinstance(each.get("$ref"), str)}
        kinds = ("schemas", "responses", "parameters", "examples", "headers")
        named = {f"#/components/{kind}/{name}" for kind in kinds for name in api["components"][kind]}
        assert named - used == set()

    def test_is_small_since_nothing_is_said_twice(self, api):
        assert len(json.dumps(api, separators=(",", ":"), ensure_ascii=False).encode()) < SMALL * len(
            list(operations(api))
        )
        inline = [
            f"{name} {status}"
            for name, operation in operations(api)
            for status, each in operation["responses"].items()
            if status >= "400" and "$ref" not in each
        ]
        assert inline == []

    def test_nothing_is_null_by_default(self, api):
        assert [each for each in objects(api) if each.get("default", ...) is None] == []

    def test_says_whose_it_is(self, api):
        assert api["info"]["contact"].keys() == {"name", "url", "email"}
        assert api["info"]["license"].keys() == {"name", "identifier"}

    def test_made_twice_it_is_the_same(self, api):
        assert json.dumps(document(create_app())) == json.dumps(api)


class TestOperations:
    def test_each_has_a_name_of_its_own_and_words(self, api):
        ids = [operation["operationId"] for _, operation in operations(api)]
        assert len(ids) == len(set(ids)) > 100
        assert [id for id in ids if not re.fullmatch("[a-z]+([A-Z][a-z]+)*", id)] == []
        assert [name for name, each in operations(api) if not (each["summary"] and each["description"])] == []

    def test_each_stands_under_one_tag_that_is_described(self, api):
        described = [[tag["name"]] for tag in api["tags"] if tag["description"]]
        assert [name for name, operation in operations(api) if operation["tags"] not in described] == []

    def test_each_says_who_may_call_it(self, api):
        assert api["security"] == [{}, *SIGNED_IN]
        for name, operation in operations(api):
            security = operation.get("security", api["security"])
            assert security in ([], SIGNED_IN, api["security"]), name
            assert security == SIGNED_IN or "/staff/" not in name, name
            assert "401" in operation["responses"] or not security, name

    def test_each_names_its_refusals_by_type(self, api):
        for name, operation in operations(api):
            refusals = {status: each for status, each in operation["responses"].items() if status >= "400"}
            assert {"400", "422"} <= refusals.keys(), name
            for status, each in refusals.items():
                examples = resolved(api, each)["content"]["application/problem+json"]["examples"]
                problems = {kind: resolved(api, example)["value"] for kind, example in examples.items()}
                assert problems, name
                assert {problem["status"] for problem in problems.values()} == {int(status)}, name
                assert [URN + kind for kind in problems] == [problem["type"] for problem in problems.values()], name

    def test_every_parameter_is_described_with_a_fitting_example(self, api):
        parameters = [(name, each) for name, operation in operations(api) for each in given(api, operation)]
        assert [f"{name}: {each['name']}" for name, each in parameters if not each["description"]] == []
        assert [
            f"{name}: {each['name']}"
            for name, each in parameters
            if "example" in each and not checker(api, each["schema"]).is_valid(each["example"])
        ] == []

    def test_where_signing_in_is_up_to_the_customer_it_is_said(self, api):
        optional = {operation["operationId"] for _, operation in operations(api) if "security" not in operation}
        assert optional == {
            *("getCart", "addCartLine", "changeCartLine", "removeCartLine"),
            *("placeOrder", "getOrder", "cancelOrder", "payOrder"),
            *("listOrderInvoices", "getOrderInvoiceFile", "listOrderWithdrawals", "withdrawFromOrder"),
        }

    def test_a_refund_needs_its_key(self, api):
        parameters = given(api, api["paths"]["/api/v1/staff/orders/{number}/refund"]["post"])
        assert [each["name"] for each in parameters if "required" in each] == ["number", "Idempotency-Key"]

    def test_where_something_was_made_its_location_is_said(self, api):
        made = {
            name: resolved(api, each["responses"]["201"]).get("headers", {})
            for name, each in operations(api)
            if "/staff/" in name and "201" in each["responses"]
        }
        assert made
        assert [name for name, headers in made.items() if "Location" not in headers] == []

    def test_examples_send_no_header_that_may_be_left_out(self, api):
        for name, operation in operations(api):
            headers = [each for each in given(api, operation) if each["in"] == "header" and "required" not in each]
            assert not [each["name"] for each in headers if "example" in each], name

    def test_all_are_answered_in_the_language_asked_for(self, api):
        for path, item in api["paths"].items():
            names = [api["components"]["parameters"][each["$ref"].rpartition("/")[2]] for each in item["parameters"]]
            assert [each["name"] for each in names] == ["lang", "Accept-Language"], path


class TestSchemas:
    def test_names_read_well(self, api):
        for name in api["components"]["schemas"]:
            assert re.fullmatch("[A-Z][A-Za-z0-9]+", name), name

    def test_every_object_and_enum_says_what_it_is(self, api):
        assert [name for name, schema in api["components"]["schemas"].items() if not schema.get("description")] == []

    def test_examples_fit(self, api):
        schemas = api["components"]["schemas"]
        fields = {
            f"{name}.{field}": each
            for name, schema in schemas.items()
            for field, each in schema.get("properties", {}).items()
        }
        assert [
            f"{name}: {error.message}"
            for name, schema in (schemas | fields).items()
            for example in schema.get("examples", ())
            for error in checker(api, schema).iter_errors(example)
        ] == []

    def test_json_that_goes_in_knows_no_other_fields(self, api):
        bodies = [operation.get("requestBody", {}).get("content", {}) for _, operation in operations(api)]
        names = {
            body["application/json"]["schema"]["$ref"].rpartition("/")[2]
            for body in bodies
            if "application/json" in body
        }
        schemas = api["components"]["schemas"]
        assert names
        assert [name for name in names if schemas[name].get("additionalProperties") is not False] == []


class TestNames:
    @pytest.mark.parametrize(
        ("method", "path", "lists", "name"),
        [
            ("GET", "/api/v1/products", True, "listProducts"),
            ("GET", "/api/v1/products/{slug}", False, "getProduct"),
            ("GET", "/api/v1/staff/categories", True, "listStaffCategories"),
            ("GET", "/api/v1/staff/products/{id}/variants", True, "listStaffProductVariants"),
            ("POST", "/api/v1/staff/stock-movements", False, "createStaffStockMovement"),
            ("POST", "/api/v1/orders/{number}/cancel", False, "cancelOrder"),
            ("DELETE", "/api/v1/cart/lines/{id}", False, "removeCartLine"),
        ],
    )
    def test_follow_from_method_and_path(self, method, path, lists, name):
        assert operation_id(method, path, lists=lists) == name


class TestCommand:
    def test_writes_what_is_served(self, api, tmp_path):
        assert CliRunner().invoke(cli, ["openapi", "--output", str(tmp_path / "api.json")]).exit_code == 0
        assert json.loads((tmp_path / "api.json").read_text()) == api


class TestPages:
    @pytest.mark.parametrize("path", ["/docs", "/docs/reference"])
    async def test_fetch_nothing_from_elsewhere(self, path):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app()), base_url="http://localhost"
        ) as client:
            page = await client.get(path)
            addresses = re.findall(r'(?:src|href)="([^"#]+)', page.text)
            assert addresses
            assert [each for each in addresses if not each.startswith("/") or each.startswith("//")] == []
            files = [await client.get(each) for each in addresses if each.startswith("/static/")]
            assert {file.status_code for file in files} == {200}
