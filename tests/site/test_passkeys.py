"""Passkeys in Chromium, with its virtual authenticator."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from apps.core.db.database import Database
from project.settings import settings
from tests.journeys.chromium import BROWSER, Tab, tab
from tests.journeys.customer import sql
from tests.letters import was_told
from tests.site.test_account_security import STALE
from tests.staff import in_browser_as

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")]
SITE = settings.base_url.replace("127.0.0.1", "localhost")
"""Browsers have no passkeys for an IP address."""
EMAIL = "fan@example.org"
PASSWORD = "seven gulls over the harbour"
PRESS = """
const all = [...document.querySelectorAll("button, a")].filter((each) => each.checkVisibility());
const said = all.map((each) => each.textContent.trim());
if (!said.includes({label})) throw new Error(`No {label} among ${{said}}`);
all[said.indexOf({label})].click();
"""
TEXT = "return document.querySelector('main')?.innerText ?? ''"


async def refused(db: Database) -> list[tuple]:
    """(method, result, whether its user is known)"""
    return await sql(db, "SELECT method, result, user_id IS NOT NULL FROM sign_in WHERE result = 'refused'")


class Person:
    """A fan at a browser with a device that keeps passkeys."""

    def __init__(self, page: Tab) -> None:
        self.page = page
        self.device = ""

    async def visit(self, path: str) -> str:
        await self.page.visit(f"{SITE}{path}")
        return await self.text()

    async def text(self) -> str:
        return str(await self.page.run(TEXT))

    async def press(self, label: str) -> str:
        """What is shown then."""
        await self.page.lead_on(PRESS.format(label=json.dumps(label)))
        return await self.text()

    async def comes_to(self, words: str) -> None:
        """A device whose user is always there offers its passkey by itself, beside the field for the address."""
        for _ in range(100):
            if words in await self.text():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(await self.text())

    async def press_in_vain(self, label: str) -> str:
        """What is told beside the button."""
        await self.page.run(PRESS.format(label=json.dumps(label)))
        return str(
            await self.page.run("""
                const note = document.querySelector("[data-failed]");
                for (let tries = 0; note.hidden && tries < 100; tries++) await new Promise((go) => setTimeout(go, 50));
                return note.hidden ? "" : note.textContent;
            """)
        )

    async def become(self, cookie: str) -> None:
        await self.page.run(f"document.cookie = 'session={cookie}; path=/'")

    async def sign_out(self) -> None:
        await self.page.run("document.cookie = 'session=; path=/; max-age=0'")

    async def add(self) -> str:
        await self.visit("/account/passkeys")
        return await self.press("Add a passkey")


@pytest.fixture
async def person(server: None, db: Database, tmp_path: Path) -> AsyncIterator[Person]:
    """Signed in."""
    cookie = await in_browser_as(db, "customer", email=EMAIL)
    async with tab(f"{SITE}/account/forgot", tmp_path) as page:
        made = Person(page)
        made.device = await page.add_authenticator()
        await made.become(cookie)
        yield made


class TestAdding:
    async def test_a_passkey_is_listed_told_of_and_comes_with_recovery_codes(
        self, person: Person, db: Database
    ) -> None:
        assert "Your recovery codes" in await person.add()
        assert "last used" not in await person.visit("/account/security")
        assert len(await person.page.passkeys(person.device)) == 1
        assert await was_told(db, "A passkey was added")
        kept = await sql(db, "SELECT kind, count(*) FROM credential GROUP BY kind ORDER BY kind")
        assert kept == [("passkey", 1), ("password", 1), ("recovery_code", 10)]

    async def test_a_device_has_one_of_an_account(self, person: Person) -> None:
        await person.add()
        await person.visit("/account/passkeys")
        assert "has a passkey of yours already" in await person.press_in_vain("Add a passkey")

    async def test_at_an_ip_address_says_what_is_wrong(self, person: Person, db: Database) -> None:
        await person.page.visit(f"{settings.base_url}/account/forgot")
        await person.become(await in_browser_as(db, "customer", email="other@example.org"))
        await person.page.visit(f"{settings.base_url}/account/passkeys")
        assert "do not work at an IP address" in await person.press_in_vain("Add a passkey")

    async def test_the_last_way_to_sign_in_stays(self, person: Person, db: Database) -> None:
        await person.add()
        await sql(db, "DELETE FROM credential WHERE kind = 'password'")
        await person.visit("/account/security")
        assert "You have no other way to sign in." in await person.press("Remove")
        assert await sql(db, "SELECT 1 FROM credential WHERE kind = 'passkey'") == [(1,)]

    async def test_needs_a_fresh_proof(self, person: Person, db: Database) -> None:
        await sql(db, STALE)
        assert "Confirm that it is you" in await person.visit("/account/passkeys")


class TestSigningIn:
    async def test_takes_nothing_but_the_passkey(self, person: Person, db: Database) -> None:
        await person.add()
        await person.sign_out()
        await person.page.visit(f"{SITE}/account/sign-in")
        await person.comes_to("Your orders")
        (attempt,) = await sql(db, "SELECT method, result FROM sign_in ORDER BY id DESC LIMIT 1")
        assert attempt == ("passkey", "signed_in")

    async def test_leads_to_where_somebody_wanted(self, person: Person) -> None:
        await person.add()
        await person.sign_out()
        await person.page.visit(f"{SITE}/account/details")
        await person.comes_to("Your details")

    async def test_takes_the_place_of_a_code(self, person: Person) -> None:
        await person.add()
        await person.sign_out()
        await person.page.set_verified(person.device, is_verified=False)
        await person.visit("/account/sign-in")
        await person.page.lead_on(
            f"const form = document.querySelector('form[action=\"/account/sign-in\"]');"
            f"form.email.value = '{EMAIL}'; form.password.value = '{PASSWORD}'; form.querySelector('button').click()"
        )
        assert "Enter your code" in await person.text()
        await person.page.set_verified(person.device, is_verified=True)
        await person.page.run(PRESS.format(label='"Use a passkey"'))
        await person.comes_to("Your orders")

    async def test_opens_the_back_office_where_staff_need_a_second_factor(
        self, person: Person, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed = msgspec.structs.replace(settings, staff_second_factor="required")
        monkeypatch.setattr("apps.accounts.repositories.settings", changed)
        await sql(db, "INSERT INTO user_role SELECT users.id, role.id FROM users, role WHERE role.name = 'manager'")
        assert "Staff need a second factor" in await person.visit("/admin/")
        await person.add()
        assert "Overview" in str(await person.page.run("location = '/admin/'; return 'Overview'"))
        await person.visit("/admin/")
        assert await person.page.run("return location.pathname") == "/admin/"


class TestRefused:
    async def test_who_is_not_verified_by_the_device(self, person: Person, db: Database) -> None:
        await person.add()
        await person.sign_out()
        await person.page.set_verified(person.device, is_verified=False)
        await person.visit("/account/sign-in")
        await person.press_in_vain("Sign in with a passkey")
        assert await person.page.run("return location.pathname") == "/account/sign-in"
        assert await sql(db, "SELECT 1 FROM sign_in WHERE method = 'passkey'") == []

    async def test_an_answer_is_good_once(self, person: Person, client: httpx.AsyncClient) -> None:
        await person.add()
        answer = await self.answer(person)
        assert await self.by_api(client, answer) == 200
        assert await self.by_api(client, answer) == 403

    async def test_an_old_challenge(
        self, person: Person, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await person.add()
        answer = await self.answer(person)
        monkeypatch.setattr("apps.accounts.passkeys.challenges.LASTS", timedelta(seconds=-1))
        assert await self.by_api(client, answer) == 403

    async def test_a_challenge_of_another_purpose(self, person: Person, client: httpx.AsyncClient) -> None:
        await person.add()
        await person.visit("/account/passkeys")
        options = json.loads(await person.page.run("return document.querySelector('[data-passkey]').dataset.options"))
        answer = await self.answer(person, challenge=options["challenge"])
        assert await self.by_api(client, answer) == 403

    async def test_one_that_was_removed(self, person: Person, client: httpx.AsyncClient) -> None:
        await person.add()
        await person.visit("/account/security")
        assert "The passkey is removed." in await person.press("Remove")
        assert await self.by_api(client, await self.answer(person)) == 403

    async def test_of_who_is_deactivated(self, person: Person, client: httpx.AsyncClient, db: Database) -> None:
        await person.add()
        answer = await self.answer(person)
        await sql(db, "UPDATE users SET disabled_at = now()")
        assert await self.by_api(client, answer) == 403

    async def test_a_copy_of_the_authenticator(self, person: Person, client: httpx.AsyncClient, db: Database) -> None:
        """Its counter is behind that of the one that was used since."""
        await person.add()
        (copy,) = await person.page.passkeys(person.device)
        for _ in range(2):
            assert await self.by_api(client, await self.answer(person)) == 200
        await person.page.keep_passkey(person.device, copy)
        assert await self.by_api(client, await self.answer(person)) == 403
        assert await refused(db) == [("passkey", "refused", True)]

    async def test_one_that_was_forged_stands_in_the_history_of_who_is_known(
        self, person: Person, client: httpx.AsyncClient, db: Database
    ) -> None:
        """By the key, or where that is not known by whom it names; and not once for each of a flood."""
        await person.add()
        answer = json.loads(await self.answer(person))
        forged = {**answer["response"], "signature": "MEUCIQD"}
        for id in (answer["id"], "dW5rbm93bg"):
            assert await self.by_api(client, json.dumps({**answer, "id": id, "rawId": id, "response": forged})) == 403
        assert await refused(db) == [("passkey", "refused", True)] * 2
        assert "Refused" in await person.visit("/account/devices")

    async def test_an_answer_made_for_another_site(self, person: Person, client: httpx.AsyncClient) -> None:
        await person.add()
        answer = await self.answer(person)
        assert await self.by_api(client, answer, host=httpx.URL(settings.base_url).netloc.decode()) == 403

    async def test_another_persons_passkey_proves_nothing(self, person: Person, db: Database) -> None:
        await person.add()
        other = await in_browser_as(db, "customer", email="other@example.org")
        await person.become(other)
        await person.visit("/account/passkeys")
        await sql(db, STALE)
        await person.visit("/account/prove")
        assert "Use a passkey" not in await person.text()

    @pytest.mark.parametrize(
        "answer", ["", "{", "[]", '{"response": {}}', '{"id": 1, "response": {"clientDataJSON": "e30"}}', "\U0001f426"]
    )
    async def test_nonsense(self, client: httpx.AsyncClient, answer: str) -> None:
        assert await self.by_api(client, answer) == 403

    @staticmethod
    async def answer(person: Person, *, challenge: str = "") -> str:
        """What the browser makes of the options of the sign-in page."""
        options = {"challenge": challenge} if challenge else {}
        return str(
            await person.page.run(f"""
                const asked = await (await fetch("/account/sign-in", {{credentials: "omit"}})).text();
                const page = new DOMParser().parseFromString(asked, "text/html");
                const form = page.querySelector("[data-passkey=show]");
                const options = {{...JSON.parse(form.dataset.options), ...{json.dumps(options)}}};
                const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
                return JSON.stringify((await navigator.credentials.get({{publicKey}})).toJSON());
            """)
        )

    @staticmethod
    async def by_api(client: httpx.AsyncClient, answer: str, *, host: str = httpx.URL(SITE).netloc.decode()) -> int:
        form = {"grant_type": "passkey", "passkey": answer}
        return (await client.post("/api/v1/auth/token", data=form, headers={"Host": host})).status_code
