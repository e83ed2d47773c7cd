"""Test calls of payment providers: they change nothing there, and what came of the last one is kept here."""

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import record
from apps.core.db.database import Database, now
from apps.core.db.repositories import LockingRepository
from apps.core.errors import AppError
from apps.payments.models import PaymentProvider, ProviderProblem
from apps.payments.providers import ProviderDown, ProviderRefused, declared, provider_named

LONGEST_DETAIL = 60


@dataclass(frozen=True, slots=True)
class CallResult:
    """No `problem` where the provider answered as it should. `detail`: a status or the kind of an error."""

    problem: ProviderProblem | None = None
    detail: str = ""


class PaymentProviderRepository(LockingRepository[PaymentProvider]):
    model_type = PaymentProvider


async def try_provider(name: str) -> CallResult:
    """Asks over the network. Raises ProviderUnknown for one that is not set up."""
    try:
        await provider_named(name).test()
    except ProviderDown as error:
        return CallResult(ProviderProblem.no_answer, _detail(error))
    except ProviderRefused as error:
        return CallResult(ProviderProblem.refused, _detail(error))
    return CallResult()


def _detail(error: AppError) -> str:
    """What stands before the provider's own words: those may repeat what they were asked with."""
    return str(error.details.get("reason", "")).partition(":")[0][:LONGEST_DETAIL]


async def keep_result(session: AsyncSession, provider: PaymentProvider, result: CallResult, *, actor: str) -> None:
    """The row is locked."""
    provider.tried_at = await now(session)
    provider.problem, provider.detail = result.problem, result.detail
    after = {"problem": result.problem, "detail": result.detail}
    record(session, "payments.try_provider", provider, actor=actor, after=after)


async def add_new_providers(db: Database) -> None:
    """A row for each that was installed since, as by EXTRA_APPS."""
    rows = [{"id": uuid7(), "name": each.name} for each in declared()]
    async with db.begin() as session:
        await session.execute(insert(PaymentProvider).values(rows).on_conflict_do_nothing())
