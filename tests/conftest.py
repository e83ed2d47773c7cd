"""One embedded PostgreSQL for all tests, one migrated template, and a clone of it for every test that asks for `db`."""

import asyncio
import itertools
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:8]
WORKER = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{RUN}"
"""Names what is this process's own, so that two runs at once do not meet."""


FIRST_PORT, PORTS_EACH = 12_000, 1_000
"""Below what systems give to outgoing connections: a port of those can be taken before its server listens."""


def ports_of(worker: str) -> Iterator[int]:
    """Ports of this worker alone, from one that differs from run to run."""
    number = int(worker.removeprefix("gw")) % 15 + 1 if worker.startswith("gw") else 0
    first = FIRST_PORT + PORTS_EACH * number
    start = os.getpid() % PORTS_EACH
    return itertools.cycle([*range(first + start, first + PORTS_EACH), *range(first, first + start)])


PORTS = ports_of(WORKER.partition("_")[0])


def free_port() -> int:
    return next(port for port in PORTS if is_free(port))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


PORT, STRIPE_PORT, PAYPAL_PORT, YOOKASSA_PORT = free_port(), free_port(), free_port(), free_port()
MAILS = ROOT / ".data" / "test" / f"mail-{WORKER}"
PICTURES = ROOT / ".data" / "test" / f"media-{WORKER}"
os.environ.update(
    ENVIRONMENT="development",
    SECRET_KEY="only-for-tests-and-known-to-everybody",
    DATA_DIR=str(ROOT / ".data" / "test"),
    PORT=str(PORT),
    BASE_URL=f"http://127.0.0.1:{PORT}",
    MAIL_URL=f"file:{MAILS}",
    MEDIA_URL=f"file:{PICTURES}",
    PAYMENT_PROVIDERS="demo",
    STRIPE_SECRET_KEY="sk_test_backline",
    STRIPE_WEBHOOK_SECRETS="whsec_new whsec_old",
    STRIPE_API_URL=f"http://127.0.0.1:{STRIPE_PORT}",
    STRIPE_PAGE_ORIGINS=f"http://127.0.0.1:{STRIPE_PORT}",
    PAYPAL_CLIENT_ID="client",
    PAYPAL_CLIENT_SECRET="secret",
    PAYPAL_WEBHOOK_ID="1JE4291016473214C",
    PAYPAL_API_URL=f"http://127.0.0.1:{PAYPAL_PORT}",
    PAYPAL_PAGE_ORIGINS=f"http://127.0.0.1:{PAYPAL_PORT}",
    BANK_TRANSFER_IBAN="DE89370400440532013000",
    BANK_TRANSFER_HOLDER="The Band GbR",
    YOOKASSA_SHOP_ID="100500",
    YOOKASSA_SECRET_KEY="test_backline",
    YOOKASSA_API_URL=f"http://127.0.0.1:{YOOKASSA_PORT}",
    YOOKASSA_PAGE_ORIGINS=f"http://127.0.0.1:{YOOKASSA_PORT}",
    CURRENCY="EUR",
    LOCALE="en",
    TIME_ZONE="UTC",
    TAX_PERCENT="0",
    SHIPPING_PRICE="0",
    INVOICE_SELLER_NAME="The Band GbR",
    INVOICE_SELLER_STREET="Hafenstraße 12",
    INVOICE_SELLER_POSTCODE="20359",
    INVOICE_SELLER_CITY="Hamburg",
    INVOICE_SELLER_COUNTRY="DE",
    INVOICE_SELLER_VAT_ID="DE123456789",
    BAND_NAME="The Band",
    RATE_LIMITS="off",  # all tests come from one address
    HELD_PER_NETWORK="0",
    HELD_PER_CUSTOMER="0",
    TRUSTED_PROXIES="",
    CORS_ORIGINS="",
    REDIS_URL="",
    WEBHOOK_LOOPBACK="on",
    RESPONSE_CACHE_MB="0",  # most tests look behind the app's back and want to see at once what they did
)
SERVER = os.environ.get("TEST_DATABASE_URL", "")
os.environ.pop("DATABASE_URL", None)
CLUSTER = "TEST_CLUSTER"
"""The variable by which the first process of a run tells the others where their cluster is."""
CLUSTERS = f"backline-{os.getuid()}-"
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 * 1024**3
IS_FIRST = CLUSTER not in os.environ
HOW_TO_CLONE = "" if SERVER else "STRATEGY FILE_COPY"
"""Faster where nothing waits for the disk; elsewhere it makes two checkpoints each time."""

import asyncpg  # noqa: E402
from alembic import command as alembic  # noqa: E402
from alembic.config import Config  # noqa: E402
from hypothesis import settings as hypothesis  # noqa: E402
from sqlalchemy import make_url  # noqa: E402

from apps.core.db.database import Database  # noqa: E402
from project import registry  # noqa: E402
from project.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError  # noqa: E402

registry.load()
hypothesis.register_profile("backline", deadline=None, derandomize=True)
hypothesis.load_profile("backline")


def pytest_configure() -> None:
    """Whatever was killed has left its server running."""
    if IS_FIRST:
        place = cluster_place()
        for left in place.glob(f"{CLUSTERS}*"):
            remove_cluster(left)
        os.environ[CLUSTER] = str(place / f"{CLUSTERS}{os.getpid()}")


def pytest_unconfigure() -> None:
    if IS_FIRST:
        remove_cluster(Path(os.environ.pop(CLUSTER)))


def cluster_place() -> Path:
    """In memory where there is room: a new database is 300 files, and ext4 is slow at them right after a deletion."""
    if os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY:
        return MEMORY
    return ROOT / ".data" / "test"


def remove_cluster(folder: Path) -> None:
    """Not one in use."""
    if folder.exists():
        with suppress(EmbeddedPostgresError):
            EmbeddedPostgres(folder).wipe()
            shutil.rmtree(folder)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The server's URL; TEST_DATABASE_URL names another one."""
    with nullcontext(SERVER) if SERVER else EmbeddedPostgres(Path(os.environ[CLUSTER]), fast=True) as url:
        yield url
        asyncio.run(drop_own(url))
        shutil.rmtree(MAILS, ignore_errors=True)
        shutil.rmtree(PICTURES, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """A migrated database of this test process, to be cloned."""
    name = f"backline_template_{WORKER}"
    asyncio.run(recreate(postgres, name, template="template1"))
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["database_url"] = url_of(postgres, name)
    alembic.upgrade(config, "head")
    return name


@pytest.fixture
async def database_url(postgres: str, template: str) -> str:
    """A database of this test's own, migrated and empty."""
    name = f"backline_test_{WORKER}"
    await recreate(postgres, name, template=template)
    return url_of(postgres, name)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


def url_of(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


async def recreate(server: str, name: str, *, template: str) -> None:
    async with maintenance(server) as connection:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {HOW_TO_CLONE}')


async def drop_own(server: str) -> None:
    async with maintenance(server) as connection:
        for row in await connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE '%' || $1", f"_{WORKER}"):
            await connection.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')


@asynccontextmanager
async def maintenance(server: str) -> AsyncIterator[asyncpg.Connection]:
    url = make_url(server).set(drivername="postgresql", database="postgres")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()
