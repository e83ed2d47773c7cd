"""What is mailed of withdrawals."""

from uuid import UUID

from apps.core.db.database import Database
from apps.core.events import subscribe
from apps.core.jobs import Lane, job
from apps.shop.withdrawals import mails
from apps.shop.withdrawals.events import OrderWithdrawn, WithdrawalRefused


@subscribe(OrderWithdrawn)
@job("shop.mail_withdrawal", lane=Lane.mail)
async def mail_withdrawal(db: Database, order_id: UUID, withdrawal_id: UUID) -> None:
    await mails.mail_receipt(db, order_id, withdrawal_id)


@subscribe(WithdrawalRefused)
@job("shop.mail_withdrawal_refused", lane=Lane.mail)
async def mail_withdrawal_refused(db: Database, order_id: UUID, withdrawal_id: UUID) -> None:
    await mails.mail_refusal(db, order_id, withdrawal_id)
