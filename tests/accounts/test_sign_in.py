"""Registering, signing in, going on and signing out, as OAuth clients do it."""

import asyncio

import httpx
import msgspec
import pytest
from passlib.hash import argon2

from apps.accounts.controllers.auth import grant
from apps.accounts.devices.known_devices import device_of
from apps.accounts.passkeys.challenges import RelyingParty
from apps.accounts.passwords.hashing import QUEUE
from apps.accounts.schemas import TokenIn, TokenOut
from apps.accounts.sessions.limits import PASSWORD_TRIES
from apps.accounts.sessions.origin import Origin
from apps.accounts.sessions.refusals import BadCredentials
from apps.core.db.database import Database
from apps.core.http.rate_limits import Limits, TooManyRequests
from apps.core.http.rate_limits.counts import DatabaseCounts
from apps.core.jobs import JOBS
from project.settings import settings
from tests.accounts.fan import PASSWORD, Fan
from tests.journeys.customer import sql
from tests.letters import newest_letter
from tests.staff import signed_in_as

pytestmark = pytest.mark.anyio
TOKEN = "/api/v1/auth/token"

SITE = RelyingParty("localhost", settings.base_url)
ANYWHERE = PASSWORD_TRIES.from_anywhere
LOOPBACK = bytes((127, 0, 0, 1))


class TestPasswords:
    @pytest.mark.parametrize("password", ["short", "a" * 129, "tab\tin the middle", "aaaaaaaaaaaa", "fan@example.org"])
    async def test_a_bad_password_is_refused(self, client: httpx.AsyncClient, password: str) -> None:
        answer = await Fan(client, password=password).register(status=422)
        assert [each["field"] for each in answer["errors"]] == ["password"]

    async def test_a_weak_password_has_a_type_and_a_sentence_of_its_own(self, client: httpx.AsyncClient) -> None:
        answer = await Fan(client, password="fan@example.org").register(status=422)
        assert answer["type"] == "urn:backline:problem:weak-password"
        assert answer["title"] == "This password is too easy to guess."
        assert answer["errors"][0]["message"].startswith("This password is made of your name or address")

    async def test_the_password_is_kept_only_as_argon2id(self, client: httpx.AsyncClient, db: Database) -> None:
        await Fan(client).open_account(db)
        ((kept,),) = await sql(db, "SELECT secret FROM credential")
        assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


class TestManyAtOnce:
    async def test_who_would_wait_long_is_told_at_once(self, client: httpx.AsyncClient, db: Database) -> None:
        fan = Fan(client)
        await fan.open_account(db)
        form = {"grant_type": "password", "username": fan.email, "password": fan.password}
        answers = await asyncio.gather(*(client.post(TOKEN, data=form) for _ in range(60)))
        let_in, refused = ([each for each in answers if each.status_code == status] for status in (200, 503))
        assert len(let_in) >= QUEUE.most_of_one
        assert len(let_in) + len(refused) == 60
        assert {(each.json()["type"], each.headers["retry-after"]) for each in refused} == {
            ("urn:backline:problem:busy", "1")
        }
        await fan.sign_in()


class TestSigningIn:
    async def test_the_answer_is_what_oauth_clients_expect(self, fan: Fan) -> None:
        form = {"grant_type": "password", "username": "FAN@example.org", "password": PASSWORD, "scope": ""}
        answer = await fan.client.post(TOKEN, data=form, auth=("app", ""))
        assert answer.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token", "device_token"}
        assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 900)
        assert "no-store" in answer.headers["cache-control"]

    async def test_the_access_token_says_who_it_is(self, fan: Fan) -> None:
        assert (await fan.me())["email"] == "fan@example.org"

    @pytest.mark.parametrize(("email", "password"), [("fan@example.org", "wrong"), ("who@example.org", PASSWORD)])
    async def test_a_wrong_password_and_an_unknown_address_look_alike(
        self, fan: Fan, email: str, password: str
    ) -> None:
        answer = await Fan(fan.client, email=email, password=password).sign_in(status=400)
        assert (answer["error"], answer["type"]) == ("invalid_grant", "urn:backline:problem:bad-credentials")

    async def test_another_grant_is_named_as_such(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(TOKEN, data={"grant_type": "client_credentials"})
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")

    async def test_json_is_no_form(self, client: httpx.AsyncClient) -> None:
        assert (await client.post(TOKEN, json={"grant_type": "password"})).status_code == 415

    async def test_nobody_without_a_password_signs_in(self, client: httpx.AsyncClient, db: Database) -> None:
        await signed_in_as(db, email="staff@example.org")
        await sql(db, "DELETE FROM credential")
        for password in ("!", "", "anything else"):
            await Fan(client, email="staff@example.org", password=password).sign_in(status=400)

    async def test_an_outdated_hash_is_made_anew(self, fan: Fan, db: Database) -> None:
        weaker = argon2.using(type="ID", rounds=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        await sql(db, "UPDATE credential SET secret = :weaker", weaker=weaker)
        await fan.sign_in()
        ((kept,),) = await sql(db, "SELECT secret FROM credential")
        assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        await fan.sign_in()


class TestGuessing:
    @pytest.fixture
    def limits_are_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        changed = msgspec.structs.replace(settings, rate_limits="on")
        monkeypatch.setattr("apps.core.http.rate_limits.counts.settings", changed)

    async def test_on_a_known_device_nobody_keeps_the_owner_from_a_proof(
        self, limits_are_on: None, fan: Fan, db: Database
    ) -> None:
        """As from signing in."""
        device, limits = (await fan.sign_in())["device_token"], Limits(DatabaseCounts(db))
        await asyncio.gather(*(limits.hit(ANYWHERE, fan.email) for _ in range(ANYWHERE.most)), return_exceptions=True)
        await fan.ask("POST", "/api/v1/me/proof", 429, json={"password": PASSWORD})
        await fan.ask("POST", "/api/v1/me/proof", 204, json={"password": PASSWORD, "device_token": device})

    async def test_is_slowed_down_and_the_owner_comes_in_all_the_same(self, fan: Fan, db: Database) -> None:
        most = PASSWORD_TRIES.from_one_place.most
        guesses = [await self.outcome(db, password="a wrong guess", by="thief") for _ in range(most + 1)]
        assert guesses == [BadCredentials] * most + [TooManyRequests]
        assert await self.outcome(db, password=PASSWORD, by="owner") is TokenOut

    async def test_from_many_places_is_slowed_down_too(self, db: Database) -> None:
        limits = Limits(DatabaseCounts(db))
        await asyncio.gather(*(limits.hit(ANYWHERE, "fan@example.org") for _ in range(ANYWHERE.most)))
        assert await self.outcome(db, password="a wrong guess", by="thief") is TooManyRequests

    async def test_what_is_refused_in_one_place_does_not_count_for_all(
        self, limits_are_on: None, fan: Fan, db: Database
    ) -> None:
        limits, most = Limits(DatabaseCounts(db)), PASSWORD_TRIES.from_one_place.most
        tries = (
            limits.hit(PASSWORD_TRIES.from_one_place, f"gull@example.org\0network {LOOPBACK.hex()}")
            for _ in range(most)
        )
        await asyncio.gather(*tries)
        await Fan(fan.client, email="Gull@example.org").sign_in(status=429)
        standing = await limits.hit(ANYWHERE, "gull@example.org")
        assert str(standing) == '"sign-in-from-anywhere";r=199;t=600'

    async def test_an_attack_from_everywhere_does_not_keep_the_owner_out_of_a_known_device(
        self, fan: Fan, db: Database
    ) -> None:
        device = (await fan.sign_in())["device_token"]
        limits = Limits(DatabaseCounts(db))
        await asyncio.gather(*(limits.hit(ANYWHERE, "fan@example.org") for _ in range(ANYWHERE.most)))
        assert await self.outcome(db, password=PASSWORD, by="elsewhere") is TooManyRequests
        assert await self.outcome(db, password=PASSWORD, by="owner", device=device) is TokenOut

    async def test_a_stolen_device_token_helps_a_guesser_no_further(self, fan: Fan, db: Database) -> None:
        device = (await fan.sign_in())["device_token"]
        most = PASSWORD_TRIES.on_known_device.most
        guesses = [await self.outcome(db, password="a wrong guess", by=f"{n}", device=device) for n in range(most + 1)]
        assert guesses == [BadCredentials] * most + [TooManyRequests]

    async def test_a_device_is_known_to_its_user_alone(self, fan: Fan, db: Database) -> None:
        device = (await fan.sign_in())["device_token"]
        assert device_of(device, "fan@example.org")
        assert not device_of(device, "other@example.org")
        assert (await fan.sign_in(device_token=device))["device_token"] == device
        assert (await fan.renew())["device_token"] is None

    @staticmethod
    async def outcome(db: Database, *, password: str, by: str, device: str = "") -> type:
        form = TokenIn("password", username="fan@example.org", password=password, device_token=device)
        try:
            origin = Origin(by, address="", program="", device_token=device)
            return type(await grant(form, db, Limits(DatabaseCounts(db)), origin, SITE))
        except (BadCredentials, TooManyRequests) as refused:
            return type(refused)


class TestGoingOn:
    async def test_a_refresh_token_brings_the_next(self, fan: Fan) -> None:
        first = fan.refresh
        await fan.renew()
        assert fan.refresh != first
        await fan.renew()
        await fan.me()

    async def test_five_at_once_get_the_same_successor(self, fan: Fan) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": fan.refresh}
        answers = await asyncio.gather(*(fan.client.post(TOKEN, data=form) for _ in range(5)))
        assert [answer.status_code for answer in answers] == [200] * 5
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1

    async def test_a_lost_answer_can_be_asked_for_again(self, fan: Fan) -> None:
        lost = fan.refresh
        await fan.renew()
        successor = fan.refresh
        await fan.renew(lost)
        assert fan.refresh == successor
        await fan.me()
        await fan.renew()

    async def test_a_token_whose_successor_was_used_ends_the_session(self, fan: Fan) -> None:
        stolen = fan.refresh
        await fan.renew()
        await fan.renew()
        answer = await fan.renew(stolen, status=400)
        assert answer["error"] == "invalid_grant"
        await fan.renew(status=400)
        await fan.me(status=401)

    async def test_a_used_one_shown_later_ends_the_session_and_its_user_is_told(self, fan: Fan, db: Database) -> None:
        stolen = fan.refresh
        await fan.renew()
        await sql(db, "UPDATE session_token SET used_at = used_at - interval '31 seconds'")
        for _ in range(2):
            await fan.renew(stolen, status=400)
        await fan.me(status=401)
        letter = await newest_letter(db)
        assert letter["Subject"] == "You were signed out: somebody else had your session with The Band"
        told = "SELECT count(*) FROM audit_entry WHERE action = 'accounts.end_copied_session'"
        assert await sql(db, told) == [(1,)]

    async def test_a_session_that_has_ended_brings_no_successor(self, fan: Fan, db: Database) -> None:
        lost = fan.refresh
        await fan.renew()
        await fan.ask("POST", "/api/v1/auth/logout", 204)
        await fan.renew(lost, status=400)
        assert await sql(db, "SELECT 1 FROM audit_entry WHERE action = 'accounts.end_copied_session'") == []

    async def test_other_sessions_live_on(self, fan: Fan) -> None:
        other, stolen = Fan(fan.client), fan.refresh
        await other.sign_in()
        await fan.renew()
        await fan.renew()
        await fan.renew(stolen, status=400)
        await other.me()

    async def test_an_expired_one_is_worth_nothing(self, fan: Fan, db: Database) -> None:
        await sql(db, "UPDATE user_session SET expires_at = clock_timestamp()")
        await fan.renew(status=400)
        await fan.me(status=401)

    async def test_only_hashes_are_kept(self, fan: Fan, db: Database) -> None:
        ((kept,),) = await sql(db, "SELECT token_hash FROM session_token")
        assert fan.refresh.encode() not in kept
        assert len(kept) == 32

    async def test_used_tokens_are_forgotten_when_they_expire(self, fan: Fan, db: Database) -> None:
        await fan.renew()
        await JOBS["accounts.forget_sessions"].run(db, None)
        assert len(await sql(db, "SELECT * FROM session_token")) == 2
        await sql(db, "UPDATE session_token SET expires_at = clock_timestamp() WHERE used_at IS NOT NULL")
        await JOBS["accounts.forget_sessions"].run(db, None)
        assert len(await sql(db, "SELECT * FROM session_token")) == 1


class TestSigningOut:
    async def test_ends_this_session_at_once(self, fan: Fan) -> None:
        other = Fan(fan.client)
        await other.sign_in()
        await fan.ask("POST", "/api/v1/auth/logout", 204)
        await fan.me(status=401)
        await fan.renew(status=400)
        await other.me()

    async def test_everywhere_ends_all(self, fan: Fan) -> None:
        other = Fan(fan.client)
        await other.sign_in()
        await fan.ask("POST", "/api/v1/auth/logout-everywhere", 204)
        await fan.me(status=401)
        await other.me(status=401)
        await other.renew(status=400)


class TestTheirOwnAccount:
    async def test_name_and_language_can_be_changed(self, fan: Fan) -> None:
        await fan.ask("PUT", "/api/v1/me", 200, json={"name": "Ada", "locale": "ru"})
        me = await fan.me()
        assert (me["name"], me["locale"]) == ("Ada", "ru")

    async def test_a_new_password_ends_the_other_sessions(self, fan: Fan) -> None:
        other, new = Fan(fan.client), "nine herons under the bridge"
        await other.sign_in()
        await fan.ask("POST", "/api/v1/me/password", 204, json={"current": PASSWORD, "new": new})
        await fan.me()
        await other.me(status=401)
        await fan.sign_in(status=400)
        await Fan(fan.client, password=new).sign_in()

    async def test_the_current_password_must_be_right(self, fan: Fan) -> None:
        body = {"current": "a wrong guess", "new": "nine herons under the bridge"}
        answer = await fan.ask("POST", "/api/v1/me/password", 403, json=body)
        assert answer["type"] == "urn:backline:problem:wrong-password"
        await fan.sign_in()

    @pytest.mark.parametrize("new", ["short", "fan@example.org", "1234567890"])
    async def test_the_new_one_must_be_good(self, fan: Fan, new: str) -> None:
        body = {"current": PASSWORD, "new": new}
        answer = await fan.ask("POST", "/api/v1/me/password", 422, json=body)
        assert [each["field"] for each in answer["errors"]] == ["new"]
