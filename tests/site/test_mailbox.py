"""The demo's mailbox: there in the demo, nowhere else."""

import msgspec
import pytest

from apps.core.db import Database
from apps.core.jobs import drain
from apps.mail import controllers
from project.settings import Environment
from tests.site.browser import Fan
from tests.site.test_buying import ordered

pytestmark = pytest.mark.anyio


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = msgspec.structs.replace(controllers.settings, environment=Environment.demo)
    monkeypatch.setattr(controllers, "settings", settings)


async def test_outside_the_demo_there_is_no_mailbox(fan: Fan) -> None:
    for path in ("/demo/mail", f"/demo/mail/{'a' * 32}", f"/demo/mail/{'a' * 32}/html"):
        await fan.visit(path, status=404)


async def test_only_mails_can_be_read(fan: Fan, demo: None) -> None:
    assert "No mail yet" in (await fan.visit("/demo/mail")).text
    for id in ("x", "a" * 32, "..%2f..%2fsecret", "A" * 32):
        await fan.visit(f"/demo/mail/{id}", status=404)


async def test_a_mail_is_shown_and_runs_nothing(fan: Fan, demo: None, db: Database) -> None:
    await ordered(fan, db)
    await fan.press("Pay")
    await fan.press("Pay")
    await drain(db)
    box = await fan.visit("/demo/mail")
    assert "to fan@example.org" in box.text
    mail = await fan.follow(next(label for label in box.links if label.startswith("Your order ")))
    assert "is paid." in mail.text
    frame = next(attributes for tag, attributes in mail.tags if tag == "iframe")
    assert "allow-scripts" not in frame["sandbox"]
    answer = await fan.client.get(frame["src"])
    assert answer.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    (policy,) = answer.headers.get_list("content-security-policy")
    assert policy.startswith("default-src 'none'")
    assert "sandbox" in policy
