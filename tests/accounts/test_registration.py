"""Opening an account and setting a forgotten password: by links that are mailed, and without telling who has one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import msgspec
import pytest

from apps.accounts.links import password_links
from apps.accounts.registration import registration
from apps.accounts.sessions import limits
from apps.core.db.database import Database
from apps.core.http.rate_limits import Limit
from apps.core.jobs import JOBS, drain
from project.settings import settings
from tests.accounts.fan import PASSWORD, Fan
from tests.journeys.customer import sql
from tests.letters import newest_letter, text_of, token_in
from tests.queries import counting

pytestmark = pytest.mark.anyio
OTHER = "nine herons under the bridge"
GENEROUS = Limit("generous", 1000, timedelta(hours=1))


@pytest.fixture
def limits_are_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the server that starts after it."""
    changed = msgspec.structs.replace(settings, rate_limits="on")
    monkeypatch.setattr("apps.core.http.rate_limits.counts.settings", changed)


class TestRegistering:
    async def test_the_link_and_the_password_open_a_customers_account(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        fan = Fan(client, email="Fan@Example.org")
        assert await fan.register(name=" Ada ", locale="ru") == {"email": "Fan@Example.org"}
        assert await sql(db, "SELECT 1 FROM users") == []
        letter = await newest_letter(db)
        assert (letter["To"], letter["Subject"]) == ("fan@example.org", "Подтвердите регистрацию: The Band")
        assert f"{settings.base_url}/account/confirm?token=" in text_of(letter)
        me = await fan.confirm(token_in(letter))
        assert (me["email"], me["name"], me["locale"], me["permissions"]) == ("fan@example.org", "Ada", "ru", [])
        assert await sql(db, "SELECT name FROM role JOIN user_role ON role_id = role.id") == [("customer",)]
        await fan.sign_in()

    async def test_nobody_signs_in_before_the_address_is_confirmed(self, client: httpx.AsyncClient) -> None:
        fan = Fan(client)
        await fan.register()
        assert (await fan.sign_in(status=400))["type"] == "urn:backline:problem:bad-credentials"

    async def test_a_known_address_is_answered_alike_and_mailed_that_it_is_known(self, fan: Fan, db: Database) -> None:
        stranger = Fan(fan.client, email="FAN@example.org", password=OTHER)
        assert await stranger.register() == {"email": "FAN@example.org"}
        letter = await newest_letter(db)
        assert letter["Subject"] == "You already have an account with The Band"
        assert "token=" not in text_of(letter)
        await stranger.sign_in(status=400)

    async def test_who_registers_anothers_address_gets_nothing_of_it(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        thief, owner = Fan(client, password=OTHER), Fan(client)
        await thief.register()
        link = token_in(await newest_letter(db))
        assert (await owner.confirm(link, status=403))["type"] == "urn:backline:problem:wrong-password"
        await owner.open_account(db)
        await thief.confirm(link, status=410)
        await thief.sign_in(status=400)
        await owner.sign_in()

    async def test_a_link_works_once_however_often_it_is_followed_at_once(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        fan = Fan(client)
        await fan.register()
        body = {"token": token_in(await newest_letter(db)), "password": PASSWORD}
        answers = await asyncio.gather(*(client.post("/api/v1/auth/confirm", json=body) for _ in range(6)))
        assert sorted(each.status_code for each in answers) == [201, 410, 410, 410, 410, 410]

    async def test_links_of_two_registrations_make_one_account(self, client: httpx.AsyncClient, db: Database) -> None:
        fan = Fan(client)
        links = []
        for _ in range(2):
            await fan.register()
            links.append(token_in(await newest_letter(db)))
        bodies = [{"token": link, "password": PASSWORD} for link in links]
        answers = await asyncio.gather(*(client.post("/api/v1/auth/confirm", json=body) for body in bodies))
        assert sorted(each.status_code for each in answers) == [201, 410]

    async def test_a_link_is_over_after_a_day_and_forgotten(self, client: httpx.AsyncClient, db: Database) -> None:
        fan = Fan(client)
        await fan.register()
        token = token_in(await newest_letter(db))
        await sql(db, "UPDATE registration SET expires_at = now()")
        assert (await fan.confirm(token, status=410))["type"] == "urn:backline:problem:link-over"
        await JOBS["accounts.forget_sessions"].run(db, None)
        assert await sql(db, "SELECT 1 FROM registration") == []

    @pytest.mark.parametrize("token", ["", "a", "ä" * 40, "\x00", "0" * 200])
    async def test_a_token_of_nonsense_opens_nothing(self, client: httpx.AsyncClient, token: str) -> None:
        answer = await client.post("/api/v1/auth/confirm", json={"token": token, "password": PASSWORD})
        assert answer.status_code in (410, 422)

    async def test_nobody_has_their_own_words_mailed_to_others(self, client: httpx.AsyncClient, db: Database) -> None:
        await Fan(client).register(name="you have won: https://evil.example/prize")
        assert "evil.example" not in (await newest_letter(db)).as_string()

    async def test_a_password_that_is_refused_uses_up_no_mail(
        self, limits_are_on: None, client: httpx.AsyncClient
    ) -> None:
        for _ in range(6):
            await Fan(client, password="fan@example.org").register(status=422)
        await Fan(client).register()

    async def test_registrations_keep_nobody_from_a_new_password(self, limits_are_on: None, fan: Fan) -> None:
        for _ in range(4):
            await Fan(fan.client, password=OTHER).register()
        await Fan(fan.client, password=OTHER).register(status=429)
        await fan.forget()

    async def test_a_mailbox_gets_ten_a_day_whoever_asks(
        self, limits_are_on: None, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        generous = limits.REGISTRATION_MAILS._replace(from_one_place=GENEROUS)
        monkeypatch.setattr(registration, "REGISTRATION_MAILS", generous)
        for _ in range(10):
            await Fan(client).register()
        await Fan(client).register(status=429)
        await Fan(client, email="other@example.org").register()
        await Fan(client).forget()

    async def test_dozens_behind_one_address_may_register(self, limits_are_on: None, client: httpx.AsyncClient) -> None:
        for n in range(20):
            await Fan(client, email=f"fan-{n}@example.org").register()

    async def test_a_link_never_names_another_host(self, client: httpx.AsyncClient, db: Database) -> None:
        forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
        body = {"email": "fan@example.org", "password": PASSWORD}
        answer = await client.post("/api/v1/auth/register", json=body, headers=forged)
        if answer.status_code == 202:
            assert "evil.example" not in text_of(await newest_letter(db))
        else:
            assert answer.status_code == 400


class TestForgetting:
    async def test_who_uses_up_the_resets_does_not_keep_out_a_known_device(
        self, limits_are_on: None, fan: Fan, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        device = (await fan.sign_in())["device_token"]
        generous = limits.RESET_MAILS._replace(from_one_place=GENEROUS)
        monkeypatch.setattr(password_links, "RESET_MAILS", generous)
        for _ in range(10):
            await fan.forget()
        await fan.forget(status=429)
        await fan.ask("POST", "/api/v1/auth/forgot", 202, json={"email": fan.email, "device_token": device})

    async def test_a_new_password_by_link_ends_all_sessions(self, fan: Fan, db: Database) -> None:
        assert await fan.forget() == {"email": "fan@example.org"}
        letter = await newest_letter(db)
        assert f"{settings.base_url}/account/reset?token=" in text_of(letter)
        new = Fan(fan.client, password=OTHER)
        await new.reset(token_in(letter))
        await fan.me(status=401)
        await fan.renew(status=400)
        await fan.sign_in(status=400)
        await new.sign_in()

    async def test_the_link_works_once_and_not_after_an_hour(self, fan: Fan, db: Database) -> None:
        await fan.forget()
        token = token_in(await newest_letter(db))
        new = Fan(fan.client, password=OTHER)
        await new.reset(token)
        await new.reset(token, status=410)
        await fan.forget()
        token = token_in(await newest_letter(db))
        await sql(db, "UPDATE password_link SET expires_at = now()")
        await new.reset(token, status=410)

    async def test_a_newer_link_ends_the_older(self, fan: Fan, db: Database) -> None:
        tokens = []
        for _ in range(2):
            await fan.forget()
            tokens.append(token_in(await newest_letter(db)))
        older, newer = tokens
        new = Fan(fan.client, password=OTHER)
        await new.reset(older, status=410)
        await new.reset(newer)

    async def test_it_ends_no_invitation(self, fan: Fan, db: Database) -> None:
        """Anybody may ask for it."""
        await fan.forget()
        invitation = token_in(await newest_letter(db))
        await sql(db, "UPDATE password_link SET purpose = 'invitation'")
        await fan.forget()
        await newest_letter(db)
        await Fan(fan.client, password=OTHER).reset(invitation)
        assert await sql(db, "SELECT 1 FROM password_link") == []

    async def test_a_changed_password_ends_the_link(self, fan: Fan, db: Database) -> None:
        await fan.forget()
        token = token_in(await newest_letter(db))
        await fan.ask("POST", "/api/v1/me/password", 204, json={"current": PASSWORD, "new": OTHER})
        await Fan(fan.client, password="four terns beyond the pier").reset(token, status=410)

    async def test_an_unknown_address_is_answered_alike_and_mailed_nothing(
        self, client: httpx.AsyncClient, db: Database
    ) -> None:
        assert await Fan(client, email="who@example.org").forget() == {"email": "who@example.org"}
        await drain(db)
        assert await sql(db, "SELECT 1 FROM mail") == []

    async def test_nobody_who_is_disabled_comes_back_by_a_link(self, fan: Fan, db: Database) -> None:
        await fan.forget()
        token = token_in(await newest_letter(db))
        await sql(db, "UPDATE users SET disabled_at = now()")
        await Fan(fan.client, password=OTHER).reset(token, status=410)

    async def test_a_weak_password_is_refused_and_the_link_still_works(self, fan: Fan, db: Database) -> None:
        await fan.forget()
        token = token_in(await newest_letter(db))
        refused = await Fan(fan.client, password="fan@example.org").reset(token, status=422)
        assert [each["field"] for each in refused["errors"]] == ["password"]
        await Fan(fan.client, password=OTHER).reset(token)

    async def test_getting_it_open_confirms_the_address(self, fan: Fan, db: Database) -> None:
        await sql(db, "UPDATE users SET email_confirmed_at = NULL")
        await fan.forget()
        await Fan(fan.client, password=OTHER).reset(token_in(await newest_letter(db)))
        assert await sql(db, "SELECT email_confirmed_at IS NOT NULL FROM users") == [(True,)]


@pytest.mark.parametrize("step", [Fan.register, Fan.forget])
async def test_what_is_done_at_once_is_the_same_for_known_and_unknown(
    step: Callable[[Fan], Awaitable[dict]], fan: Fan, db: Database
) -> None:
    """So that time tells nothing: what differs is left to a job."""
    asked = []
    for email in ("fan@example.org", "who@example.org"):
        with counting() as statements:
            await step(Fan(fan.client, email=email))
        asked.append(statements)
    known, unknown = asked
    assert known == unknown
