"""Every night the books are compared with what each provider says of the last days."""

from datetime import timedelta

from apps.core.db.database import Database, now
from apps.core.jobs import enqueue, job
from apps.payments.providers import all_providers
from apps.payments.reconciliation.services import reconcile

LATELY = timedelta(days=3)
UNDER_WAY = timedelta(hours=4)
"""What is younger may still be told to us, or not yet be found in the provider's list."""


@job("payments.reconcile_all", every="17 5 * * *")
async def reconcile_all(db: Database) -> None:
    """A provider that cannot be reached holds up no other."""
    names = [each.name for each in all_providers() if each.capabilities.lists_transactions]
    async with db.begin() as session:
        calls = (reconcile_one.call(provider=name, dedupe_key=f"payments.reconcile:{name}") for name in names)
        await enqueue(session, *calls)


@job("payments.reconcile")
async def reconcile_one(db: Database, provider: str) -> None:
    async with db.begin() as session:
        end = await now(session) - UNDER_WAY
    await reconcile(db, provider, end - LATELY, end)
