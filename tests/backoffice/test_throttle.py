"""Signing in at the back office counts with all other tries to sign in."""

import msgspec
import pytest

from apps.accounts.sessions.limits import PASSWORD_TRIES
from project.settings import settings
from tests.backoffice.browser import Clerk
from tests.backoffice.conftest import client_of
from tests.journeys.conftest import serving

pytestmark = pytest.mark.anyio


async def test_passwords_cannot_be_tried_without_end(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = msgspec.structs.replace(settings, rate_limits="on")
    monkeypatch.setattr("apps.core.http.rate_limits.counts.settings", changed)
    async with serving(database_url), client_of() as client:
        page = await Clerk(client).visit("/admin/")
        form = {"csrf": page.value("csrf"), "email": "manager@example.org", "password": "some long wrong words"}
        tries = range(PASSWORD_TRIES.from_one_place.most + 1)
        answers = [await client.post("/account/sign-in", data=form) for _ in tries]
    assert {answer.status_code for answer in answers[:-1]} == {400}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
