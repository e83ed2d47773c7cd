"""Which passwords may be chosen, asked where people choose them."""

from unicodedata import normalize

import httpx
import msgspec
import pytest

from apps.accounts.passwords import weakness
from apps.core.db.database import Database
from project.settings import settings
from tests.accounts.fan import PASSWORD, Fan
from tests.accounts.staff_member import hired
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
REGISTER = "/api/v1/auth/register"
COMMON = """
    12345678 123456789 1234567890 0987654321 11111111 00000000 12341234 87654321 qwertyui qwerty123 qwerty12345
    qwertyuiop 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx asdfghjkl asdfghjkl; zxcvbnm1 password password1 password123
    Password1! P@ssw0rd1 P@$$w0rd!123 passw0rd2026 admin123 admin12345 administrator1 letmein123 welcome123 iloveyou
    iloveyou2 monkey123 dragon99 football1 baseball1 superman1 batman123 sunshine1 princess1 starwars1 trustno1!
    master123 abcd1234 abc12345 changeme1 computer1 internet1 michael1 jennifer1 summer2026 Summer2026! whatever1
    aaaaaaaaaaaa ababababab abcdefgh 19851985
    йцукен123 йцукенгш пароль123 Пароль2026! привет123 наташа1985 солнышко1 любовь123 черепаха7 люблюмаму
    gfhjkm123 gfhjkm12345 ghbdtn123 yfnfif1985 cjkysirj1 k.,jdm123 xthtgf[f7 yfcnz2010 ljcneg2026
    parol123 parol2026! privet123 natasha1985 solnyshko1 lyubov123 cherepaha7 spartak1922 zenit1925 moskva2020
"""
GOOD = (
    "take the slow ferry",
    "correct horse battery staple",
    "seven gulls over the harbour",
    "возьми медленный паром",
    "кошка смотрит на дождь",
    "kR8vT2mWqZ",
    "7!fG#pQ2xV",
    "v9$Lq2#Txw8(Ze",
    "hVxqmzLdPtwn",
    "xK9#mQ2p",
)


@pytest.fixture
def the_slow_ferries(monkeypatch: pytest.MonkeyPatch) -> None:
    band = msgspec.structs.replace(settings, band_name="The Slow Ferries", base_url="https://quayside.example")
    monkeypatch.setattr(weakness, "settings", band)


async def refusal(client: httpx.AsyncClient, password: str, *, language: str = "en", **who: str) -> dict:
    body = {"email": "fan@example.org", "password": password, **who}
    answer = await client.post(REGISTER, json=body, headers={"Accept-Language": language})
    assert answer.status_code == 422, (password, answer.text)
    assert [each["field"] for each in answer.json()["errors"]] == ["password"]
    return answer.json()


async def test_what_everybody_has_is_refused(client: httpx.AsyncClient, db: Database) -> None:
    for password in COMMON.split():
        assert (await refusal(client, password))["type"] == "urn:backline:problem:weak-password", password
    assert await sql(db, "SELECT * FROM users") == []


async def test_sentences_and_random_characters_are_good(client: httpx.AsyncClient, the_slow_ferries: None) -> None:
    for number, password in enumerate(GOOD):
        await Fan(client, email=f"fan{number}@example.org", password=password).register()


@pytest.mark.parametrize(
    "password",
    [
        *("slowferries", "slowferries1", "SlowFerries2026!", "the-slow-ferries", "2026ferries", "ferriesferries"),
        *("quayside", "quayside.example", "Quayside2026"),
        *("ada.lovelace@mail.example", "ada.lovelace", "Lovelace1815!", "ada_lovelace_1815", "1815ecalevol"),
        *("лавлейс1815", "kfdktqc1815", "lavleys1815", "ыдщцауккшуы"),
    ],
)
async def test_what_is_made_of_names_is_refused(
    client: httpx.AsyncClient, the_slow_ferries: None, password: str
) -> None:
    refused = await refusal(client, password, email="ada.lovelace@mail.example", name="Ада Лавлейс")
    assert refused["type"] == "urn:backline:problem:weak-password"


async def test_the_reason_is_said_in_the_readers_language(client: httpx.AsyncClient, the_slow_ferries: None) -> None:
    for password, english, russian in (
        ("slowferries1", "made of your name", "составлен из вашего имени"),
        ("iloveyou2", "too common", "слишком распространён"),
        ("aaaaaaaaaaaa", "too easy to guess", "слишком легко угадать"),
    ):
        assert english in (await refusal(client, password))["errors"][0]["message"]
        assert russian in (await refusal(client, password, language="ru"))["errors"][0]["message"]


async def test_eight_characters_are_enough_and_128_not_too_many(client: httpx.AsyncClient) -> None:
    for password, sentence in (
        ("xK9#mQ2", "Must have at least 8 characters."),
        ("e\u0301" * 5, "A password has at least 8 characters."),
        ((PASSWORD * 5)[:129], "A password has at most 128 characters."),
        ("\ufdfa" * 8, "A password has at most 128 characters."),
    ):
        refused = await refusal(client, password)
        assert (refused["type"], refused["errors"][0]["message"]) == ("urn:backline:problem:invalid", sentence)
    await Fan(client, email="short@example.org", password="xK9#mQ2p").register()
    await Fan(client, email="long@example.org", password=(PASSWORD * 5)[:128]).register()


async def test_composed_and_decomposed_are_the_same_128_characters(client: httpx.AsyncClient, db: Database) -> None:
    composed = ("é à ô ñ ü ç ï å " * 8)[:128]
    await Fan(client, password=normalize("NFD", composed)).open_account(db)
    await Fan(client, password=composed).sign_in()
    await Fan(client, password=normalize("NFD", composed)).sign_in()


@pytest.mark.parametrize("password", ["a" * 128, "1" * 128, "ab" * 64, "4@8({[<369&!1|0$5+7%2" * 6, "\U0001f426" * 128])
async def test_hostile_ones_are_judged(client: httpx.AsyncClient, password: str) -> None:
    answer = await client.post(REGISTER, json={"email": "fan@example.org", "password": password})
    assert answer.status_code in (202, 422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"email": "fan@example.org", "password": "seven gulls\\u0000over"}', 422),
        (b'{"email": "fan@example.org", "password": "seven gulls\\ud800over"}', 400),
        (b'{"email": "fan@example.org", "password": "seven gulls\xed\xa0\x80over"}', 400),
        (b'{"email": "fan@example.org", "password": "' + b"gulls " * 175_000 + b'"}', 413),
    ],
)
async def test_what_is_no_password_at_all_is_refused(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await client.post(REGISTER, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text


class TestByStaff:
    async def test_the_names_are_those_of_who_gets_it(
        self, client: httpx.AsyncClient, db: Database, the_slow_ferries: None
    ) -> None:
        admin = await hired(client, db, "admin", email="boss@example.org")
        fan = Fan(client, email="lovelace@mail.example")
        await fan.open_account(db)
        path = f"{await admin.find('lovelace')}/password"
        refused = await admin.ask("POST", path, 422, json={"password": "lovelace1815"})
        assert refused["type"] == "urn:backline:problem:weak-password"
        await fan.sign_in()
