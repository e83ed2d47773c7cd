"""The check behind every journey: an answer that the document does not have fails the test that got it."""

import httpx
import pytest

from tests.conformance import check_answer

pytestmark = pytest.mark.anyio
ORDERS = "http://shop/api/v1/me/orders"
PAGE = {"items": [], "next": None}


def answer(status: int = 200, *, url: str = ORDERS, **content: object) -> httpx.Response:
    headers = {"X-Request-ID": "0193a5c2", "Content-Type": "application/json"}
    body = {**PAGE, **content}
    return httpx.Response(status, json=body, headers=headers, request=httpx.Request("GET", url))


async def test_what_is_documented_passes():
    await check_answer(answer())


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (answer(418), "is not documented"),
        (answer(sold=3), "sold"),
        (answer(next=7), "next"),
        (answer(404), "is not documented"),
        (answer(url="http://shop/api/v1/secrets"), "no such operation"),
    ],
    ids=["status", "field", "type", "refusal", "path"],
)
async def test_what_is_not_documented_fails(given, complaint):
    with pytest.raises(AssertionError, match=complaint):
        await check_answer(given)


async def test_a_missing_header_fails():
    given = answer()
    del given.headers["X-Request-ID"]
    with pytest.raises(AssertionError, match="X-Request-ID"):
        await check_answer(given)
