"""What the queue of background jobs holds about a person: addresses among the arguments, and in what failures said.

Jobs that are being done are left to end; arguments that are ids alone lead to nobody once the rows are erased.
"""

from sqlalchemy import and_, literal_column

from apps.core.privacy.holdings import Rows
from apps.core.text.i18n import lazy as _
from apps.jobs.models import QUEUE
from apps.jobs.queue import LOG

IS_PICKED = QUEUE.c.status == literal_column("'picked'")

HELD = (
    Rows(
        table=QUEUE,
        title=_("Background jobs about you"),
        theirs=lambda person: and_(~IS_PICKED, person.is_meant_in(QUEUE.c.payload)),
    ),
    Rows(
        table=LOG,
        title=_("Failures of background jobs about you"),
        theirs=lambda person: person.is_meant_in(LOG.c.traceback),
        erased={"traceback": None},
    ),
)
