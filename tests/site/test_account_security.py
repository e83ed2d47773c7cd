"""How fans sign in: with a second factor, on which devices, and what they do when it was somebody else."""

import asyncio
import re

import httpx
import pyotp
import pytest
from sqlalchemy import text

from apps.core.db.database import Database
from project.settings import settings
from tests.journeys.customer import sql
from tests.letters import newest_letter, text_of, was_told
from tests.site.browser import Fan
from tests.site.test_account import EMAIL, OTHER, PASSWORD, open_account, path_in

pytestmark = pytest.mark.anyio
LATER = "UPDATE credential SET counter = 0"
"""As if the code of now had not been used."""
STALE = "UPDATE user_session SET proved_at = now() - interval '1 hour'"


@pytest.fixture
async def member(fan: Fan, db: Database) -> Fan:
    await open_account(fan, db)
    return fan


def codes_in(page: str) -> list[str]:
    return re.findall(r"(?:[2-9a-z]{4}-){5}[2-9a-z]{4}", page)


def secret_in(page: str) -> str:
    return re.search(r"(?:[A-Z2-7]{4} ){8}", page)[0].replace(" ", "")


async def set_up_app(member: Fan) -> tuple[str, list[str]]:
    """The secret and the recovery codes."""
    await member.visit("/account/second-factor")
    page = await member.press("Set up an app")
    secret = secret_in(page.text)
    page = await member.press("Turn on", code=pyotp.TOTP(secret).now())
    return secret, codes_in(page.text)


async def sign_out(member: Fan) -> None:
    await member.visit("/account")
    await member.press("Sign out")


async def show_password(member: Fan, password: str = PASSWORD) -> None:
    await member.visit("/account/sign-in")
    await member.press("Sign in", email=EMAIL, password=password)


async def try_code(member: Fan, form: dict[str, str], code: str) -> int:
    answer = await member.client.post("/account/sign-in/code", data=form | {"code": code})
    return answer.status_code


class TestApp:
    async def test_is_asked_for_from_then_on_and_a_code_works_once(self, member: Fan, db: Database) -> None:
        secret, codes = await set_up_app(member)
        assert len(set(codes)) == 10
        await sign_out(member)
        await show_password(member)
        assert "Enter your code" in member.page.text
        code = pyotp.TOTP(secret).now()
        page = await member.press("Sign in", status=400, code=code)
        assert "has been used already" in page.text
        await sql(db, LATER)
        page = await member.press("Sign in", code=code)
        assert "Your orders" in page.text
        assert [each.result for each in await sql(db, "SELECT result FROM sign_in ORDER BY id")] == [
            "signed_in",
            "second_factor_asked",
            "wrong_second_factor",
            "signed_in",
        ]

    async def test_nothing_is_open_before_the_code(self, member: Fan) -> None:
        await set_up_app(member)
        await sign_out(member)
        await show_password(member)
        assert "Please sign in" in (await member.visit("/account/details")).text

    async def test_a_recovery_code_works_once_too(self, member: Fan) -> None:
        _secret, codes = await set_up_app(member)
        for status in (200, 400):
            await sign_out(member) if status == 200 else member.client.cookies.delete("session")
            await show_password(member)
            await member.press("Sign in", status=status, code=codes[0].upper())

    async def test_five_wrong_codes_are_the_end_of_a_sign_in(self, member: Fan) -> None:
        await set_up_app(member)
        await sign_out(member)
        await show_password(member)
        for _ in range(5):
            await member.press("Sign in", status=400, code="000000")
        page = await member.press("Sign in", status=400, code="000000")
        assert "Please sign in again." in page.text

    async def test_a_new_password_by_mail_does_not_go_round_it(self, member: Fan, db: Database) -> None:
        await set_up_app(member)
        await sign_out(member)
        await member.visit("/account/forgot")
        await member.press("Email me a link", email=EMAIL)
        await member.visit(path_in(text_of(await newest_letter(db))))
        page = await member.press("Set password", password=OTHER)
        assert "Your new password is set." in page.text
        await member.press("Sign in", email=EMAIL, password=OTHER)
        assert "Enter your code" in member.page.text

    async def test_a_new_password_by_mail_brings_no_more_codes_to_try(self, member: Fan, db: Database) -> None:
        """A known device has codes of its own to try: one is not known before somebody has shown a code there."""
        await set_up_app(member)
        await sign_out(member)
        member.client.cookies.clear()
        await member.visit("/account/forgot")
        await member.press("Email me a link", email=EMAIL)
        await member.visit(path_in(text_of(await newest_letter(db))))
        await member.press("Set password", password=OTHER)
        await show_password(member, OTHER)
        assert "Enter your code" in member.page.text
        assert "device" not in member.client.cookies

    async def test_of_two_recovery_codes_at_once_one_opens_a_session(self, member: Fan, db: Database) -> None:
        _secret, codes = await set_up_app(member)
        await sign_out(member)
        await show_password(member)
        form = member.page.forms[-1].fields | {"code": ""}
        async with db.begin() as session:
            await session.execute(text("SELECT 1 FROM users FOR UPDATE"))
            trying = [asyncio.create_task(try_code(member, form, code)) for code in codes[:2]]
            await asyncio.sleep(1)
        assert sorted(await asyncio.gather(*trying)) == [303, 400]
        alive = "SELECT 1 FROM user_session WHERE ended_at IS NULL"
        assert len(await sql(db, alive)) == 1

    async def test_wrong_codes_at_once_all_count(self, member: Fan, db: Database) -> None:
        await set_up_app(member)
        await sign_out(member)
        await show_password(member)
        form = member.page.forms[-1].fields
        async with db.begin() as session:
            await session.execute(text("SELECT 1 FROM users FOR UPDATE"))
            trying = [asyncio.create_task(try_code(member, form, "000000")) for _ in range(5)]
            await asyncio.sleep(1)
        assert set(await asyncio.gather(*trying)) == {400}
        assert await sql(db, "SELECT attempts FROM second_factor_request") == [(5,)]

    async def test_a_wrong_code_beside_the_right_one_is_no_fault(self, member: Fan, db: Database) -> None:
        _secret, codes = await set_up_app(member)
        await sign_out(member)
        await show_password(member)
        form = member.page.forms[-1].fields
        async with db.begin() as session:
            await session.execute(text("SELECT 1 FROM users FOR UPDATE"))
            trying = [asyncio.create_task(try_code(member, form, codes[0]))]
            await asyncio.sleep(0.7)
            trying += [asyncio.create_task(try_code(member, form, "000000"))]
            await asyncio.sleep(0.7)
        assert await asyncio.gather(*trying) == [303, 400]

    async def test_whoever_comes_to_an_open_screen_changes_nothing(self, member: Fan, db: Database) -> None:
        await sql(db, STALE)
        page = await member.visit("/account/second-factor")
        assert "Confirm that it is you" in page.text
        await member.press("Confirm", status=403, password=OTHER)
        page = await member.press("Confirm", password=PASSWORD)
        assert "Set up an app" in page.text

    async def test_who_has_one_confirms_by_it_and_can_remove_it(self, member: Fan, db: Database) -> None:
        secret, _codes = await set_up_app(member)
        await sql(db, STALE)
        await sql(db, LATER)
        await member.visit("/account/security")
        await member.press("Remove the app")
        await member.press("Confirm", code=pyotp.TOTP(secret).now())
        await member.press("Remove the app")
        assert "The app is removed." in member.page.text
        assert await sql(db, "SELECT kind FROM credential") == [("password",)]
        assert await was_told(db, "The authenticator app was removed")

    async def test_the_secret_is_kept_encrypted(self, member: Fan, db: Database) -> None:
        secret, codes = await set_up_app(member)
        kept = [each.secret for each in await sql(db, "SELECT secret FROM credential")]
        assert not [each for each in kept if secret in each or each in codes]


class TestDevices:
    async def test_each_is_listed_and_ended_by_itself(
        self, member: Fan, client: httpx.AsyncClient, db: Database
    ) -> None:
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        firefox = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"}
        token = (await client.post("/api/v1/auth/token", data=form, headers=firefox)).json()["access_token"]
        page = await member.visit("/account/devices")
        assert "Firefox on Windows" in page.text
        assert page.text.count("This device") == 1
        end = next(form for form in page.forms if form.action.endswith("/end"))
        page = await member.send(end.action, end.fields)
        assert "Signed out there." in page.text
        assert "Firefox on Windows" not in page.text.split("Sign-in history")[0]
        me = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.status_code == 401

    async def test_another_users_session_is_out_of_reach(self, member: Fan, db: Database) -> None:
        (theirs,) = await sql(db, "SELECT id FROM user_session")
        await sql(db, "UPDATE user_session SET user_id = user_id")
        stranger = httpx.AsyncClient(base_url=settings.base_url, trust_env=False)
        async with stranger:
            answer = await stranger.post(f"/account/devices/{theirs.id}/end")
        assert answer.status_code in (303, 403)
        assert await sql(db, "SELECT 1 FROM user_session WHERE ended_at IS NOT NULL") == []

    async def test_wrong_passwords_stand_in_the_history(self, member: Fan) -> None:
        await sign_out(member)
        await member.visit("/account/sign-in")
        await member.press("Sign in", status=400, email=EMAIL, password="a wrong guess at it")
        await member.press("Sign in", email=EMAIL, password=PASSWORD)
        page = await member.visit("/account/devices")
        assert "Wrong password" in page.text

    async def test_unknown_addresses_stand_there_as_they_were_typed_and_no_passwords(
        self, fan: Fan, db: Database
    ) -> None:
        form = {"grant_type": "password", "password": PASSWORD}
        for username in ("nobody@example.org", "my secret password"):
            await fan.client.post("/api/v1/auth/token", data={**form, "username": username})
        kept = await sql(db, "SELECT email, result, user_id FROM sign_in ORDER BY id")
        assert kept == [("nobody@example.org", "unknown_address", None), ("", "unknown_address", None)]


class TestSomebodyElse:
    async def test_a_new_device_is_told_by_mail_and_ended_by_one_tap(
        self, member: Fan, client: httpx.AsyncClient, db: Database
    ) -> None:
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        thief = (await client.post("/api/v1/auth/token", data=form)).json()
        letter = text_of(await newest_letter(db))
        assert "a device where you had not signed in before" in letter
        link = path_in(letter)
        assert "not-me" in link
        await member.visit(link)
        page = await member.press("That was not me")
        assert "Set a new password" in page.text
        me = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {thief['access_token']}"})
        assert me.status_code == 401
        assert (await client.post("/api/v1/auth/token", data=form)).status_code == 400
        await member.press("Set password", password=OTHER)
        await member.press("Sign in", email=EMAIL, password=OTHER)
        assert "Your orders" in member.page.text
        await member.visit(link)
        await member.press("That was not me", status=410)

    async def test_api_keys_that_they_may_have_made_end_too(
        self, member: Fan, client: httpx.AsyncClient, db: Database
    ) -> None:
        await sql(db, "INSERT INTO user_role SELECT users.id, role.id FROM users, role WHERE role.name = 'manager'")
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        thief = (await client.post("/api/v1/auth/token", data=form)).json()
        link = path_in(text_of(await newest_letter(db)))
        signed_in = {"Authorization": f"Bearer {thief['access_token']}"}
        new = {"name": "Mine now", "permissions": ["orders.view"]}
        made = (await client.post("/api/v1/me/api-keys", json=new, headers=signed_in)).json()
        with_key = {"Authorization": f"Bearer {made['key']}"}
        assert (await client.get("/api/v1/staff/orders", headers=with_key)).status_code == 200
        await member.visit(link)
        await member.press("That was not me")
        assert (await client.get("/api/v1/staff/orders", headers=with_key)).status_code == 401

    async def test_a_known_device_is_not_told_of(self, member: Fan, db: Database) -> None:
        await sign_out(member)
        await show_password(member)
        assert "Your orders" in member.page.text
        assert await sql(db, "SELECT 1 FROM sign_in WHERE is_new_device") == []

    async def test_looking_at_the_link_ends_nothing(self, member: Fan, client: httpx.AsyncClient, db: Database) -> None:
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        await client.post("/api/v1/auth/token", data=form)
        await member.visit(path_in(text_of(await newest_letter(db))))
        assert await sql(db, "SELECT 1 FROM user_session WHERE ended_at IS NOT NULL") == []
