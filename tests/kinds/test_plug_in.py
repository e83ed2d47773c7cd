"""A kind that nobody here knows is installed, and sold: tests/kinds/raffle, in a process of its own."""

import os
import subprocess
import sys

import pytest
from sqlalchemy.exc import IntegrityError

from apps.core.db.database import Database
from apps.orders.kinds.fulfilment import fulfilments
from apps.orders.models import Offer
from project.settings import ROOT

OF_OURS = ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID", "PYTEST_CURRENT_TEST", "PORT", "BASE_URL")
"""What must not be the other process's too."""


def test_a_kind_of_somebody_elses_is_sold_like_our_own(postgres: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OF_OURS}
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/kinds"],
        cwd=ROOT,
        env={**environment, "EXTRA_APPS": "tests.kinds.raffle", "TEST_DATABASE_URL": postgres},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert " passed" in told.stdout


def test_ours_are_found_in_the_order_in_which_people_see_them() -> None:
    assert [each.kind for each in fulfilments()] == ["ticket", "merch"]


@pytest.mark.anyio
async def test_the_database_refuses_a_kind_that_nobody_has_brought(db: Database) -> None:
    with pytest.raises(IntegrityError, match="fk_offer_kind"):
        async with db.transaction() as connection:
            await connection.execute(
                Offer.table().insert().values(id="0199fd2e-0000-7000-8000-000000000000", kind="lot", title="Lot")
            )
