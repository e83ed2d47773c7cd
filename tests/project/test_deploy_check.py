"""`manage.py check --deploy`: plain sentences about what a server for the public lacks, and no secret."""

import asyncio
import os

import pytest

from apps.core.db.database import Database
from tests.payments.standins.line import status
from tests.payments.standins.stripe import StripeStandIn
from tests.project.test_commands import manage

pytestmark = pytest.mark.anyio
READY = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k" * 40,
    "BASE_URL": "https://band.example",
    "MAIL_URL": "smtps://mail.example",
    "MAIL_FROM": "shop@band.example",
    "PAYMENT_PROVIDERS": "stripe bank_transfer",
    "TRUSTED_PROXIES": "127.0.0.1",
    "WEBHOOK_LOOPBACK": "off",
}


async def check(**environment: str) -> tuple[int, str]:
    """While the stand-in answers."""
    return await asyncio.to_thread(manage, "check", "--deploy", **{**READY, **environment})


@pytest.fixture
def secrets() -> list[str]:
    return [os.environ[name] for name in ("STRIPE_SECRET_KEY", "PAYPAL_CLIENT_SECRET", "YOOKASSA_SECRET_KEY")]


async def test_all_is_there(db: Database, secrets: list[str]) -> None:
    async with StripeStandIn(db).running():
        code, told = await check()
    assert code == 0, told
    assert "stripe: on; set: STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS, " in told
    assert "missing: nothing; test call: works" in told
    assert "paypal: off" in told
    assert not [each for each in secrets if f" {each}" in told]


async def test_what_is_missing_is_said_in_sentences(db: Database) -> None:
    code, told = await check(
        ENVIRONMENT="development",
        BASE_URL="http://band.example",
        TRUSTED_PROXIES="",
        STRIPE_WEBHOOK_SECRETS="",
        BANK_TRANSFER_IBAN="not one",
    )
    assert code == 1
    for begins in (
        "ENVIRONMENT: ",
        "BASE_URL: ",
        "TRUSTED_PROXIES: ",
        "STRIPE_WEBHOOK_SECRETS: is missing",
        "BANK_TRANSFER_IBAN: ",
    ):
        assert f"\n{begins}" in f"\n{told}"
    assert "missing: STRIPE_WEBHOOK_SECRETS; test call: not made" in told


async def test_a_provider_that_does_not_answer(db: Database) -> None:
    stripe = StripeStandIn(db)
    stripe.line.always = status(401)
    async with stripe.running():
        code, told = await check()
    assert code == 1
    assert "PAYMENT_PROVIDERS: stripe: the test call failed (AuthenticationError)." in told
