"""Bank statements are checked, and what is sure is received: under the locks of orders, then of payments."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from apps.checkout.models import AcceptedRow
from apps.checkout.statements.matching import Match, Matcher, Verdict, awaited_by
from apps.checkout.statements.reading import NOT_CSV, Reading, StatementRow, read_statement
from apps.core.db.database import Database
from apps.core.importing import Change, Difference, Keep, Outcome, Problem, Tally, decode_beginning
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.orders.repositories import LOCK_ORDERS
from apps.payments.offline.services import receive
from apps.payments.repositories import PaymentRepository
from project.settings import settings

AT_ONCE = 50
RECEIVED = "received"
SENTENCES: Mapping[Verdict, Lazy] = {
    Verdict.differs: _("order {numbers} waits for another amount: mark it as received there"),
    Verdict.ambiguous: _("fits more than one order, or an order that another row fits, too: {numbers}"),
    Verdict.over: _("order {numbers} waits for no money any more: it may be paid already, or late"),
    Verdict.unmatched: _("no order that waits for this money is named"),
    Verdict.known: _("already received"),
}


def refusal_of(data: bytes) -> Lazy | None:
    """Why this is no CSV, by its beginning."""
    text = decode_beginning(data)
    return NOT_CSV if "\x00" in text or not any(each in text for each in ";,\t") else None


class StatementImporter:
    """Options: under each column's name, what somebody called it."""

    def read(self, data: bytes, options: Mapping[str, Any]) -> Reading:
        return read_statement(data, options, currency=settings.currency)

    async def load(
        self,
        db: Database,
        reading: Reading,
        options: Mapping[str, Any],
        *,
        dry_run: bool,
        begin: int,
        actor: str,
        keep: Keep,
    ) -> Tally:
        tally, matcher = Tally(problems=list(reading.problems)), Matcher()
        for start in range(begin, len(reading), AT_ONCE):
            rows = reading.rows[start : start + AT_ONCE]
            async with db.begin() as session:
                if not dry_run:
                    await _lock_orders(session, rows)
                matches = await matcher.match(session, rows)
                if not dry_run:
                    await _receive(session, matches, actor=actor)
                for each in matches:
                    _note(tally, each)
                if not dry_run:
                    await keep(await session.connection(), start + len(rows), tally)
        return tally


async def _lock_orders(session: AsyncSession, rows: Sequence[StatementRow]) -> None:
    awaited = await awaited_by(session, {number for row in rows for number in row.numbers})
    connection = await session.connection()
    await connection.execute(LOCK_ORDERS, {"ids": sorted(each.order_id for each in awaited.values())})


async def _receive(session: AsyncSession, matches: Sequence[Match], *, actor: str) -> None:
    """What is sure; the orders are locked."""
    sure = {each.awaited[0].payment_id: each.row for each in matches if each.verdict is Verdict.sure}
    for id in sorted(sure):
        payment = await PaymentRepository(session=session).find_locked(id)
        await receive(session, payment, amount=sure[id].amount, note=sure[id].note, actor=actor)
        session.add(AcceptedRow(digest=sure[id].digest, payment_id=id))
    await session.flush()


def _note(tally: Tally, match: Match) -> None:
    """Names nobody: what was found is kept longer than the file."""
    if match.verdict is Verdict.sure:
        tally.count(Outcome.changed)
        money = {"amount": match.row.amount, "currency": match.row.currency}
        title, id = match.awaited[0].number, match.awaited[0].payment_id
        tally.note(Change(match.row.line, title, is_new=False, differences=[Difference(RECEIVED, None, money)], id=id))
        return
    numbers = ", ".join(each.number for each in match.awaited[:5])
    problem = Problem(match.row.line, SENTENCES[match.verdict].format(numbers=numbers))
    if match.verdict is Verdict.known:
        tally.count(Outcome.unchanged)
        tally.warnings.append(problem)
    else:
        tally.problems.append(problem)
