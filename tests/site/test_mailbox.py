"""The demo's mailbox: there in the demo, nowhere else."""

import os

import msgspec
import pytest

from apps.core.db.database import Database
from apps.core.jobs import drain
from apps.mail import controllers
from project.settings import Environment
from tests.journeys.customer import MAILS
from tests.site.browser import Fan, Page
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
    assert "No emails yet" in (await fan.visit("/demo/mail")).text
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


async def test_many_mails_come_in_pages(fan: Fan, demo: None) -> None:
    MAILS.mkdir(parents=True, exist_ok=True)
    for number in range(60):
        path = MAILS / f"{number:032x}.eml"
        path.write_bytes(f"To: fan@example.org\r\nSubject: Letter {number}.\r\n\r\nHello".encode())
        os.utime(path, (number, number))
    newest = await fan.visit("/demo/mail")
    seen = [subjects(newest), subjects(await fan.follow("Older emails")), subjects(await fan.follow("Older emails"))]
    assert [len(each) for each in seen] == [25, 25, 10]
    assert [label for page in seen for label in page] == [f"Letter {number}." for number in reversed(range(60))]
    assert "Older emails" not in fan.page.links
    assert subjects(await fan.follow("Newer emails")) == seen[1]
    assert (await fan.follow("Newer emails")).url.endswith("/demo/mail")
    assert "no emails on this page" in (await fan.visit("/demo/mail?page=99")).text


def subjects(page: Page) -> list[str]:
    return [label for label in page.links if label.startswith("Letter")]
