"""What a provider may say, or not say, that signs nobody in."""

import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.responses import Response

from apps.core.db.database import Database
from tests.journeys.customer import sql
from tests.site.browser import Fan, Page
from tests.site.oidc.conftest import a_browser
from tests.site.oidc.stand_in import ANOTHER, KEY, SECRET, TITLE, StandIn

pytestmark = pytest.mark.anyio
REFUSED = f"{TITLE} did not tell us who you are."
DOWN = f"{TITLE} does not answer properly right now."
OVER = "This took too long, or was begun in another browser or tab."


async def go(person: Fan, *, status: int = 200, page: str = "/account/sign-in") -> Page:
    await person.visit(page)
    return await person.press(f"Continue with {TITLE}", status=status)


async def is_empty(db: Database) -> bool:
    return await sql(db, "SELECT id FROM users") == await sql(db, "SELECT id FROM user_session") == []


async def test_without_any_change_it_signs_in(person: Fan, stand_in: StandIn) -> None:
    assert "Your orders" in (await go(person)).text
    assert stand_in.form["code"] == "a-code"


FALSE_CLAIMS: dict[str, dict[str, Any]] = {
    "for another audience": {"aud": "somebody else"},
    "for others as well, without saying for whom": {"aud": ["backline", "somebody else"]},
    "for another party": {"aud": ["backline", "somebody else"], "azp": "somebody else"},
    "of another issuer": {"iss": "https://accounts.example.org"},
    "expired": {"exp": int(time.time()) - 3600},
    "without an end": {"exp": None},
    "old": {"iat": int(time.time()) - 3600},
    "of tomorrow": {"iat": int(time.time()) + 86_400},
    "for another request": {"nonce": "of another"},
    "for any request": {"nonce": None},
    "for many requests": {"nonce": ["a", "b"]},
    "of nobody": {"sub": None},
    "of an empty name": {"sub": ""},
    "of a number": {"sub": 1},
    "of a long name": {"sub": "x" * 256},
    "of a name that is none": {"sub": "a\nb"},
}


class TestTokens:
    @pytest.mark.parametrize("claims", FALSE_CLAIMS.values(), ids=FALSE_CLAIMS)
    async def test_that_say_something_else(
        self, person: Fan, stand_in: StandIn, db: Database, claims: dict[str, Any]
    ) -> None:
        stand_in.claims = claims
        assert REFUSED in (await go(person, status=400)).text
        assert await is_empty(db)

    async def test_for_others_as_well_and_for_us_first(self, person: Fan, stand_in: StandIn) -> None:
        stand_in.claims = {"aud": ["somebody else", "backline"], "azp": "backline"}
        assert "Your orders" in (await go(person)).text

    @pytest.mark.parametrize("known", [SECRET.encode(), KEY.as_pem(private=False)])
    async def test_signed_by_what_others_know(self, person: Fan, stand_in: StandIn, db: Database, known: bytes) -> None:
        stand_in.header, stand_in.secret = {"alg": "HS256"}, known
        assert REFUSED in (await go(person, status=400)).text
        assert await is_empty(db)

    async def test_not_signed(self, person: Fan, stand_in: StandIn, db: Database) -> None:
        stand_in.header = {"alg": "none"}
        assert REFUSED in (await go(person, status=400)).text
        assert await is_empty(db)

    @pytest.mark.parametrize("kid", ["one", "two", "three"])
    async def test_signed_by_another_key(self, person: Fan, stand_in: StandIn, db: Database, kid: str) -> None:
        stand_in.key, stand_in.header = ANOTHER, {"kid": kid}
        assert REFUSED in (await go(person, status=400)).text
        assert await is_empty(db)

    async def test_by_a_new_key_are_believed_when_a_minute_is_over(
        self, person: Fan, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await go(person)
        await person.press("Sign out")
        stand_in.key, stand_in.header, stand_in.keys = ANOTHER, {"kid": "two"}, [KEY, ANOTHER]
        for _ in range(2):
            await go(person, status=400)
        assert stand_in.asked.count("keys") == 1
        monkeypatch.setattr("apps.accounts.oidc.discovery.MINUTE", 0)
        assert "Your orders" in (await go(person)).text
        assert stand_in.asked == ["document", "keys", "keys"]


class TestAddresses:
    @pytest.mark.parametrize(
        "claims",
        [
            {"email_verified": False},
            {"email_verified": "false"},
            {"email_verified": 1.5},
            {"email_verified": None},
            {"email": None},
            {"email": "no address"},
            {"email": ["ada@example.org"]},
            {"email": f"{'a' * 300}@example.org"},
        ],
    )
    async def test_that_are_not_confirmed_open_nothing(
        self, person: Fan, stand_in: StandIn, db: Database, claims: dict[str, Any]
    ) -> None:
        stand_in.claims = claims
        page = await go(person, status=403)
        assert "does not say that your email address is yours" in page.text
        assert "Create an account" in page.links
        assert await is_empty(db)

    async def test_a_name_is_made_to_fit(self, person: Fan, stand_in: StandIn, db: Database) -> None:
        stand_in.claims = {"name": "<b>Ada\x00\n" + "x" * 5000}
        page = await go(person)
        assert page.foreign == set()
        ((name,),) = await sql(db, "SELECT name FROM users")
        assert name.startswith("<b>Ada x")
        assert len(name) == 200

    async def test_what_changes_there_changes_nothing_here(self, person: Fan, stand_in: StandIn, db: Database) -> None:
        await go(person)
        await person.press("Sign out")
        stand_in.claims = {"email": "other@example.org", "email_verified": False}
        await go(person)
        assert await sql(db, "SELECT email FROM users") == [("ada@example.org",)]


class TestAnswers:
    async def test_are_good_once(self, person: Fan, stand_in: StandIn, db: Database) -> None:
        kept, url = await self.away(person)
        for status in (303, 400):
            async with a_browser() as copy:
                answer = await copy.get(url, headers={"Cookie": f"oidc={kept}"})
            assert answer.status_code == status
        assert len(await sql(db, "SELECT id FROM user_session")) == 1

    async def test_belong_to_the_browser_that_began(self, person: Fan, stand_in: StandIn, db: Database) -> None:
        _kept, url = await self.away(person)
        async with a_browser() as other:
            assert OVER in (await Fan(other).visit(url, status=400)).text
            begun = Fan(other)
            await self.away(begun)
            assert OVER in (await begun.visit(url, status=400)).text
        assert await is_empty(db)

    async def test_with_another_state(self, person: Fan, stand_in: StandIn, db: Database) -> None:
        stand_in.answer = {"state": "another"}
        assert OVER in (await go(person, status=400)).text
        assert await is_empty(db)

    async def test_that_are_too_late(
        self, person: Fan, stand_in: StandIn, db: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept, url = await self.away(person)
        monkeypatch.setattr("apps.accounts.oidc.requests.REQUEST_LASTS", timedelta(seconds=-1))
        async with a_browser() as copy:
            assert (await copy.get(url, headers={"Cookie": f"oidc={kept}"})).status_code == 400
        assert await is_empty(db)

    async def test_of_another_provider(self, person: Fan, stand_in: StandIn, db: Database) -> None:
        stand_in.answer = {"iss": "https://accounts.example.org"}
        assert REFUSED in (await go(person, status=400)).text
        assert "token" not in stand_in.form
        assert await is_empty(db)

    async def test_of_somebody_who_does_not_want_to(self, person: Fan, stand_in: StandIn) -> None:
        stand_in.answer = {"error": "access_denied", "error_description": "<script>"}
        page = await go(person, status=400)
        assert f"You did not go on at {TITLE}." in page.text
        assert {form.action for form in page.forms} >= {"/account/sign-in"}

    @pytest.mark.parametrize("answer", [{"error": "server_error"}, {"code": ""}, {"code": "\u2028"}])
    async def test_without_a_code(self, person: Fan, stand_in: StandIn, answer: dict[str, str]) -> None:
        stand_in.answer = answer
        assert REFUSED in (await go(person, status=400)).text

    @pytest.mark.parametrize("cookie", ["", "x", "gAAAAA", "\U0001f426".encode().decode("latin-1")])
    async def test_with_a_cookie_that_is_none(self, stand_in: StandIn, cookie: str) -> None:
        url = "/account/oidc/false/return?code=c&state=s"
        async with a_browser() as browser:
            answer = await browser.get(url, headers=[(b"cookie", b"oidc=" + cookie.encode("latin-1"))])
        assert answer.status_code == 400

    async def test_nothing_is_kept_of_who_only_presses_the_button(
        self, person: Fan, stand_in: StandIn, db: Database
    ) -> None:
        await self.away(person)
        assert await is_empty(db)
        assert await sql(db, "SELECT id FROM used_challenge") == []

    @staticmethod
    async def away(person: Fan) -> tuple[str, str]:
        """The cookie that the browser keeps, and where the provider would send it back."""
        page = await person.visit("/account/sign-in")
        form = next(form for form in page.forms if "oidc" in form.action)
        sent = await person.client.post(form.action, data=form.fields)
        assert sent.status_code == 303
        back = await person.client.get(sent.headers["location"])
        return person.client.cookies["oidc"], back.headers["location"]


class TestRequests:
    async def test_say_what_they_must(self, person: Fan, stand_in: StandIn) -> None:
        page = await person.visit("/account/sign-in")
        form = next(form for form in page.forms if "oidc" in form.action)
        sent = await person.client.post(form.action, data=form.fields)
        asked = dict(parse_qsl(urlsplit(sent.headers["location"]).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"] == "openid email profile"
        assert len(asked["state"]) == len(asked["nonce"]) == len(asked["code_challenge"]) == 43
        cookie = next(each for each in sent.headers.get_list("set-cookie") if each.startswith("oidc="))
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert asked["state"] not in cookie

    async def test_begin_by_a_form_alone(self, stand_in: StandIn) -> None:
        async with a_browser() as browser:
            assert (await browser.get("/account/oidc/false")).status_code in (404, 405)
            assert (await browser.post("/account/oidc/false")).status_code == 403

    async def test_lead_to_no_other_site(self, person: Fan, stand_in: StandIn) -> None:
        for next in ("https://evil.example.org", "//evil.example.org", "/\\evil.example.org"):
            page = await go(person, page=f"/account/sign-in?next={next}")
            assert urlsplit(page.url).path == "/account"
            await person.press("Sign out")

    async def test_lead_on(self, person: Fan, stand_in: StandIn) -> None:
        page = await go(person, page="/account/sign-in?next=/account/details")
        assert urlsplit(page.url).path == "/account/details"

    async def test_to_nobody(self, person: Fan, stand_in: StandIn) -> None:
        page = await person.visit("/account/sign-in")
        form = next(form for form in page.forms if "oidc" in form.action)
        await person.send("/account/oidc/unknown", form.fields, status=404)


class TestTrouble:
    @pytest.mark.parametrize(
        "answer",
        [
            Response(status_code=500),
            Response(status_code=404),
            Response(status_code=302, headers={"Location": "/elsewhere"}),
            Response("no json"),
            Response("[]"),
            Response("{}"),
            Response("x" * 600_000),
        ],
    )
    async def test_of_the_document(self, person: Fan, stand_in: StandIn, answer: Response) -> None:
        stand_in.failing = answer
        page = await go(person, status=502)
        assert DOWN in page.text
        assert {form.action for form in page.forms} >= {"/account/sign-in"}
        stand_in.failing = None
        assert "Your orders" in (await person.press(f"Continue with {TITLE}")).text

    @pytest.mark.parametrize(
        "document",
        [
            {"issuer": "https://accounts.example.org"},
            {"token_endpoint": "http://accounts.example.org/token"},
            {"jwks_uri": "file:///etc/passwd"},
            {"authorization_endpoint": "javascript:alert(1)"},
        ],
    )
    async def test_with_what_it_says_of_itself(self, person: Fan, stand_in: StandIn, document: dict[str, str]) -> None:
        stand_in.document = document
        assert DOWN in (await go(person, status=502)).text

    async def test_after_its_user_has_signed_in(self, person: Fan, stand_in: StandIn) -> None:
        _kept, url = await TestAnswers.away(person)
        stand_in.failing = Response(status_code=503)
        assert DOWN in (await person.visit(url, status=502)).text

    async def test_a_code_that_is_refused(self, person: Fan, stand_in: StandIn) -> None:
        _kept, url = await TestAnswers.away(person)
        stand_in.failing = Response(status_code=400)
        assert REFUSED in (await person.visit(url, status=400)).text

    async def test_that_takes_too_long(self, person: Fan, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("apps.accounts.oidc.http.PATIENCE", 0)
        assert DOWN in (await go(person, status=502)).text
