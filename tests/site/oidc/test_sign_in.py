"""Signing in with an account elsewhere, at a real provider."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pyotp
import pytest

from apps.core.db.database import Database
from project.settings import OidcProvider
from tests.journeys.customer import sql
from tests.letters import was_told
from tests.site.browser import Fan, Page
from tests.site.oidc.conftest import a_browser
from tests.site.oidc.real_provider import TITLE
from tests.site.test_account import PASSWORD, open_account
from tests.site.test_account_security import LATER, STALE, set_up_app, sign_out
from tests.staff import in_browser_as, signed_in_as

pytestmark = pytest.mark.anyio
CREDENTIALS = "SELECT kind FROM credential ORDER BY kind"


async def sign_in_there(person: Fan, name: str, *, status: int = 200) -> Page:
    """At the provider's own pages."""
    await person.press("Sign-in", login=name, password="any")
    return await person.press("Continue", status=status)


async def sign_in(person: Fan, name: str = "fan", *, status: int = 200) -> Page:
    await person.visit("/account/sign-in")
    await person.press(f"Continue with {TITLE}")
    return await sign_in_there(person, name, status=status)


@pytest.fixture
async def elsewhere(real: OidcProvider) -> AsyncIterator[Fan]:
    """Another browser."""
    async with a_browser() as made:
        yield Fan(made)


@pytest.fixture
async def member(real: OidcProvider, person: Fan, db: Database) -> Fan:
    """Signed in to an account with a password: fan@example.org."""
    await open_account(person, db)
    return person


class TestNewAccount:
    async def test_is_a_customers_with_a_confirmed_address(self, real: OidcProvider, person: Fan, db: Database) -> None:
        page = await sign_in(person)
        assert urlsplit(page.url).path == "/account"
        assert page.links["Fan"] == "/account"
        users = await sql(db, "SELECT email, locale, email_confirmed_at IS NOT NULL FROM users")
        assert users == [("fan@example.org", "en", True)]
        assert await sql(db, "SELECT name FROM role JOIN user_role ON role_id = role.id") == [("customer",)]
        assert await sql(db, CREDENTIALS) == [("oidc",)]
        history = "SELECT method, provider, result FROM sign_in"
        assert await sql(db, history) == [("oidc", real.name, "signed_in")]

    async def test_is_found_again(self, person: Fan, elsewhere: Fan, db: Database) -> None:
        await sign_in(person)
        page = await sign_in(elsewhere)
        assert "Your orders" in page.text
        assert await sql(db, "SELECT count(*) FROM users") == [(1,)]
        assert await was_told(db, "a device where you had not signed in before")

    async def test_is_begun_from_the_page_to_register_too(self, real: OidcProvider, person: Fan) -> None:
        await person.visit("/account/register")
        await person.press(f"Continue with {TITLE}")
        assert "Your orders" in (await sign_in_there(person, "fan")).text

    async def test_has_no_password_and_says_how_to_get_one(self, real: OidcProvider, person: Fan, db: Database) -> None:
        await sign_in(person)
        page = await person.visit("/account/security")
        assert page.links["Set a password"] == "/account/forgot"
        await sql(db, STALE)
        page = await person.visit("/account/passkeys")
        assert "You have no password yet." in page.text

    async def test_is_not_opened_with_an_address_that_is_not_confirmed(
        self, real: OidcProvider, person: Fan, db: Database
    ) -> None:
        page = await sign_in(person, "unverified", status=403)
        assert "Confirm the address there" in page.text
        assert await sql(db, "SELECT id FROM users") == []

    async def test_is_not_opened_by_who_stops(self, real: OidcProvider, person: Fan, db: Database) -> None:
        await person.visit("/account/sign-in")
        page = await person.press(f"Continue with {TITLE}")
        cancel = next(path for label, path in page.links.items() if "Cancel" in label)
        page = await person.visit(cancel, status=400)
        assert f"You did not go on at {TITLE}." in page.text
        assert await sql(db, "SELECT id FROM users") == []


class TestKnownAddress:
    async def test_is_linked_by_who_signs_in_to_its_account_first(
        self, member: Fan, elsewhere: Fan, db: Database
    ) -> None:
        page = await sign_in(elsewhere, status=409)
        assert "fan@example.org has an account here already." in page.text
        assert await sql(db, CREDENTIALS) == [("password",)]
        page = await elsewhere.press("Sign in", email="fan@example.org", password=PASSWORD)
        assert f"Link {TITLE}?" in page.text
        assert await sql(db, CREDENTIALS) == [("password",)]
        page = await elsewhere.press(f"Link {TITLE}")
        assert "It is linked" in page.text
        assert await sql(db, CREDENTIALS) == [("oidc",), ("password",)]
        assert await was_told(db, "Another way to sign in was linked")
        assert await sql(db, "SELECT 1 FROM audit_entry WHERE action = 'accounts.link_sign_in'") == [(1,)]
        await sign_out(elsewhere)
        assert "Your orders" in (await sign_in_again(elsewhere)).text

    async def test_is_linked_to_no_other_account(self, member: Fan, elsewhere: Fan, db: Database) -> None:
        await sign_in(elsewhere, status=409)
        await sql(db, "UPDATE users SET email = 'third@example.org' WHERE email = 'fan@example.org'")
        await elsewhere.press("Sign in", email="third@example.org", password=PASSWORD)
        page = await elsewhere.press(f"Link {TITLE}", status=400)
        assert "you are signed in with another address" in page.text
        assert await sql(db, CREDENTIALS) == [("password",)]

    async def test_that_nobody_has_confirmed_is_not_linked_either(
        self, real: OidcProvider, person: Fan, db: Database
    ) -> None:
        await signed_in_as(db, "customer", email="fan@example.org")
        await sign_in(person, status=409)
        assert await sql(db, "SELECT id FROM credential WHERE kind = 'oidc'") == []


class TestLinking:
    async def test_and_unlinking(self, member: Fan, db: Database) -> None:
        page = await link(member, "harbourmaster")
        assert "It is linked" in page.text
        assert "harbourmaster@example.org" in page.text
        assert await sql(db, CREDENTIALS) == [("oidc",), ("password",)]
        page = await member.press("Unlink")
        assert "It no longer signs you in." in page.text
        assert await was_told(db, "A way to sign in was removed")
        assert await sql(db, CREDENTIALS) == [("password",)]

    async def test_needs_a_fresh_proof(self, member: Fan, db: Database) -> None:
        page = await link(member, "harbourmaster")
        await sql(db, STALE)
        page = await member.press("Unlink")
        assert "Confirm that it is you" in page.text
        await member.press("Confirm", password=PASSWORD)
        await sql(db, STALE)
        page = await member.press(f"Link {TITLE}")
        assert "Confirm that it is you" in page.text
        assert await sql(db, CREDENTIALS) == [("oidc",), ("password",)]

    async def test_what_signs_in_somebody_else_is_refused(self, member: Fan, elsewhere: Fan, db: Database) -> None:
        await sign_in(elsewhere, "harbourmaster")
        page = await link(member, "harbourmaster", status=409)
        assert f"This {TITLE} account is linked to another account here." in page.text

    async def test_ends_with_the_session_that_began_it(self, member: Fan, db: Database) -> None:
        await member.visit("/account/security")
        await member.press(f"Link {TITLE}")
        member.client.cookies.delete("session")
        other = await in_browser_as(db, "customer", email="other@example.org")
        member.client.cookies.set("session", other, domain="127.0.0.1")
        page = await sign_in_there(member, "harbourmaster", status=400)
        assert "begun in another browser" in page.text
        assert await sql(db, "SELECT id FROM credential WHERE kind = 'oidc'") == []

    async def test_the_last_way_in_stays(self, real: OidcProvider, person: Fan, db: Database) -> None:
        await sign_in(person)
        await person.visit("/account/security")
        page = await person.press("Unlink", status=409)
        assert "You have no other way to sign in." in page.text
        assert await sql(db, CREDENTIALS) == [("oidc",)]


class TestOverTheApi:
    async def test_they_are_listed_and_unlinked(self, member: Fan, db: Database) -> None:
        await link(member, "harbourmaster")
        form = {"grant_type": "password", "username": "fan@example.org", "password": PASSWORD}
        token = (await member.client.post("/api/v1/auth/token", data=form)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        (linked,) = (await member.client.get("/api/v1/me/factors", headers=headers)).json()["linked"]
        assert (linked["title"], linked["name"]) == (TITLE, "harbourmaster@example.org")
        path = f"/api/v1/me/linked-sign-ins/{linked['id']}"
        assert (await member.client.delete(path)).status_code == 401
        await sql(db, STALE)
        assert (await member.client.delete(path, headers=headers)).json()["type"].endswith("proof-needed")
        await sql(db, "UPDATE user_session SET proved_at = now()")
        assert (await member.client.delete(path, headers=headers)).status_code == 204
        assert await sql(db, CREDENTIALS) == [("password",)]

    async def test_anothers_are_out_of_reach(self, member: Fan, db: Database) -> None:
        await link(member, "harbourmaster")
        ((id,),) = await sql(db, "SELECT id FROM credential WHERE kind = 'oidc'")
        headers = await signed_in_as(db, "customer", email="other@example.org")
        answer = await member.client.delete(f"/api/v1/me/linked-sign-ins/{id}", headers=headers)
        assert answer.status_code == 204  # as of one that is removed already
        assert await sql(db, "SELECT id FROM credential WHERE kind = 'oidc'") == [(id,)]


class TestWhoMaySignIn:
    async def test_a_second_factor_is_still_asked_for(self, member: Fan, db: Database) -> None:
        await link(member, "harbourmaster")
        secret, _codes = await set_up_app(member)
        await sign_out(member)
        page = await sign_in_again(member)
        assert "Enter your code" in page.text
        assert "Please sign in" in (await member.visit("/account/details")).text
        await sql(db, LATER)
        await member.visit("/account/sign-in/code?next=/account")
        page = await member.press("Sign in", code=pyotp.TOTP(secret).now())
        assert "Your orders" in page.text
        attempts = await sql(db, "SELECT method, provider, result FROM sign_in ORDER BY id DESC LIMIT 2")
        assert attempts == [("oidc", "real", "signed_in"), ("oidc", "real", "second_factor_asked")]

    async def test_nobody_who_is_deactivated(self, real: OidcProvider, person: Fan, db: Database) -> None:
        await sign_in(person)
        await sql(db, "UPDATE users SET disabled_at = now()")
        person.client.cookies.delete("session")
        page = await sign_in_again(person, status=403)
        assert "This account is deactivated." in page.text
        assert await sql(db, "SELECT result FROM sign_in ORDER BY id DESC LIMIT 1") == [("refused",)]


async def test_the_browser_may_follow_the_button_there(real: OidcProvider, person: Fan) -> None:
    for path, origins in (("/account/sign-in", f"'self' {real.origin}"), ("/", "'self'")):
        answer = (await person.visit(path)).answer
        assert f"form-action {origins};" in answer.headers["content-security-policy"]


async def link(member: Fan, name: str, *, status: int = 200) -> Page:
    await member.visit("/account/security")
    await member.press(f"Link {TITLE}")
    return await sign_in_there(member, name, status=status)


async def sign_in_again(person: Fan, *, status: int = 200) -> Page:
    """The provider still knows this browser and asks nothing."""
    await person.visit("/account/sign-in")
    return await person.press(f"Continue with {TITLE}", status=status)
