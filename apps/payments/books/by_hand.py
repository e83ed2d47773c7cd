"""What staff enter: payouts and fees that no report tells of. What was entered by mistake is reversed."""

from sqlalchemy.ext.asyncio import AsyncSession

from apps.core.audit import record_about
from apps.core.db.database import now
from apps.core.errors import AppError
from apps.core.text.i18n import lazy as _
from apps.payments.books.models import Account, Cause, Transfer
from apps.payments.books.schemas import EntryIn
from apps.payments.books.transfers import Entry, Row, day_of, write
from apps.payments.providers import provider_named

ACCOUNTS = {Cause.payout: (Account.bank, Account.provider), Cause.fee: (Account.fees, Account.provider)}


class EnteredAlready(AppError):
    status = 409
    type = "entered-already"
    message = _("This was entered already.")
    about = ("reference",)


class NotReversible(AppError):
    status = 409
    type = "not-reversible"
    message = _("Only what was entered by hand can be reversed, once.")


async def enter(session: AsyncSession, data: EntryIn, *, actor: str) -> Transfer:
    """Raises ProviderUnknown, EnteredAlready."""
    cause, provider = Cause(data.cause), provider_named(data.provider).name
    entry = Entry(provider, data.currency, None, day_of(data.happened_at))
    key = f"{cause}:{provider}:{data.reference}"
    transfer = await _written(session, entry.row(key, cause, ACCOUNTS[cause], data.amount))
    if transfer is None:
        raise EnteredAlready
    told = {"amount": data.amount, "currency": data.currency, "reference": data.reference}
    record_about(session, "books.enter", "Transfer", transfer.id, name=data.reference, actor=actor, after=told)
    return transfer


def may_be_reversed(transfer: Transfer) -> bool:
    """Not what follows from a payment, nor what reverses another."""
    return transfer.owner_id is None and transfer.credit_account is Account.provider


async def reverse(session: AsyncSession, transfer: Transfer, *, actor: str) -> Transfer:
    """Raises NotReversible."""
    entry = Entry(transfer.provider, transfer.currency, None, day_of(await now(session)))
    back = (transfer.credit_account, transfer.debit_account)
    row = entry.row(f"reversal:{transfer.id}", transfer.cause, back, transfer.amount)
    written = await _written(session, row) if may_be_reversed(transfer) else None
    if written is None:
        raise NotReversible
    told = {"amount": transfer.amount, "currency": transfer.currency}
    record_about(session, "books.reverse", "Transfer", transfer.id, actor=actor, after=told)
    return written


async def _written(session: AsyncSession, row: Row) -> Transfer | None:
    """None where its key is there already."""
    await write(await session.connection(), [row])
    written: Transfer | None = await session.get(Transfer, row["id"])
    return written
