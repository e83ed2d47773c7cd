"""A request with a key is done once: claimed, answered, given back, forgotten after a day."""

import asyncio
from uuid import uuid4

import pytest

from apps.core.db.database import Database
from apps.core.http.idempotency import (
    KeyReused,
    RequestKey,
    StillRunning,
    StoredResponse,
    claim,
    request_key,
    settle_claim,
)
from apps.core.jobs import forget_idempotency_records
from tests.journeys.customer import sql

pytestmark = pytest.mark.anyio
ANSWER = StoredResponse(201, b'{"done":true}')


def key_for(**changes: object) -> RequestKey:
    request = {"caller": "fan", "method": "POST", "path": "/pay", "key": "k" * 16, "body": b"{}"}
    return request_key(**request | changes)


@pytest.mark.parametrize(
    "change",
    [{"caller": "other"}, {"method": "PUT"}, {"path": "/"}, {"key": "l" * 16}, {"path": "/pa", "key": "y" + "k" * 16}],
)
def test_a_key_is_bound_to_caller_method_path(change: dict) -> None:
    assert key_for().id == key_for().id != key_for(**change).id


def test_the_body_goes_with_the_key_and_without_a_key_nothing_is_a_repeat() -> None:
    other = key_for(body=b"[]")
    assert (key_for().id, key_for().body_hash != other.body_hash) == (other.id, True)
    assert key_for(key=None).id != key_for(key=None).id


async def test_a_claim_is_one_callers_until_it_is_answered(db: Database) -> None:
    key = key_for()
    assert await claim(db, key) is None
    with pytest.raises(StillRunning):
        await claim(db, key)
    await settle_claim(db, key, ANSWER)
    assert await claim(db, key) == ANSWER


async def test_of_many_who_claim_at_once_one_may_begin(db: Database) -> None:
    outcomes = await asyncio.gather(*(claim(db, key_for()) for _ in range(8)), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert len([each for each in outcomes if isinstance(each, StillRunning)]) == 7


async def test_a_claim_given_back_is_free(db: Database) -> None:
    key = key_for()
    await claim(db, key)
    await settle_claim(db, key, None)
    assert await claim(db, key) is None


async def test_a_claim_whose_owner_died_is_free_after_its_lease(db: Database) -> None:
    key = key_for()
    await claim(db, key)
    await sql(db, "UPDATE idempotency_record SET lease_until = clock_timestamp() - interval '1 second'")
    assert await claim(db, key) is None
    with pytest.raises(StillRunning):
        await claim(db, key)


@pytest.mark.parametrize("late", [None, StoredResponse(500, b"{}")])
async def test_an_answer_outlives_its_lease_and_whatever_comes_later(db: Database, late: StoredResponse | None) -> None:
    key = key_for()
    await claim(db, key)
    await settle_claim(db, key, ANSWER)
    await sql(db, "UPDATE idempotency_record SET lease_until = clock_timestamp() - interval '1 second'")
    assert await claim(db, key) == ANSWER
    await settle_claim(db, key, late)
    assert await claim(db, key) == ANSWER


@pytest.mark.parametrize("answer", [None, ANSWER])
async def test_another_body_is_refused_at_any_time(db: Database, answer: StoredResponse | None) -> None:
    await claim(db, key_for())
    if answer:
        await settle_claim(db, key_for(), answer)
    await sql(db, "UPDATE idempotency_record SET lease_until = clock_timestamp() - interval '1 second'")
    with pytest.raises(KeyReused):
        await claim(db, key_for(body=b"[]"))


async def test_answers_are_forgotten_after_a_day(db: Database) -> None:
    old, young = RequestKey(uuid4(), b""), RequestKey(uuid4(), b"")
    for key in (old, young):
        await claim(db, key)
        await settle_claim(db, key, ANSWER)
    await sql(db, "UPDATE idempotency_record SET created_at = now() - interval '25 hours' WHERE id = :id", id=old.id)
    await forget_idempotency_records.run(db, None)
    assert await sql(db, "SELECT id FROM idempotency_record") == [(young.id,)]
