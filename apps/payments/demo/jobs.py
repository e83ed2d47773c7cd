"""The demo provider's webhooks, sent until they are taken."""

from apps.core.db.database import Database
from apps.core.jobs import job
from apps.payments.demo.schemas import EventBody
from apps.payments.demo.webhooks import tell


@job("payments.demo.tell_shop")
async def tell_shop(db: Database, event: EventBody) -> None:
    await tell(event)
