"""What the clock does to the log of mails."""

from apps.core.db.database import Database
from apps.core.jobs import job
from apps.core.privacy.forgetting import forget_older
from apps.mail.models import Mail
from project.settings import settings


@job("mail.forget", every="31 4 * * *")
async def forget(db: Database) -> None:
    """After MAIL_DAYS, when no job can ask for the same mail again."""
    await forget_older(db, Mail.table(), settings.mail_days)
