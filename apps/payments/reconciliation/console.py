"""manage.py payments"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click

from apps.core.errors import AppError
from apps.core.installed import modules
from apps.core.money import format_money
from apps.payments.providers import NotUnderstood, all_providers, disconnect_all
from apps.payments.reconciliation.jobs import LATELY
from apps.payments.reconciliation.names import KINDS, PROBLEMS
from apps.payments.reconciliation.services import Reconciled, reconcile
from project.database import opened_database
from project.settings import settings

DAY = timedelta(days=1)


@click.group()
def payments() -> None:
    """The books, and the providers' own."""


@payments.command("reconcile")
@click.option("--provider", "only", help="stripe, paypal, …; without it all that have a list.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="The first day; three days ago without it.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="The last day; today without it.")
def reconcile_command(only: str | None, first: datetime | None, last: datetime | None) -> None:
    """Compare the books with each provider's own list, and name each difference. Ends with 1 where there is one."""
    zone = ZoneInfo(settings.time_zone)
    end = (last.replace(tzinfo=zone) + DAY) if last else datetime.now(zone)
    start = first.replace(tzinfo=zone) if first else end - LATELY
    if start >= end:
        raise click.UsageError("--from is after --to.")
    wrong = asyncio.run(_run(_names(only), start, end))
    raise SystemExit(1 if wrong else 0)


def _names(only: str | None) -> list[str]:
    list(modules("provider"))
    known = {each.name: each.capabilities.lists_transactions for each in all_providers()}
    if only and only not in known:
        raise click.UsageError(f"There is no provider {only} here: {', '.join(known)}.")
    for name, has_list in known.items():
        if not has_list and only in (None, name):
            click.echo(f"{name}: has no list of its own; nothing is compared")
    return [name for name, has_list in known.items() if has_list and only in (None, name)]


async def _run(names: Sequence[str], start: datetime, end: datetime) -> bool:
    """Whether anything was wrong. A provider that cannot be asked holds up no other."""
    wrong = False
    async with opened_database() as db:
        for name in names:
            try:
                result = await reconcile(db, name, start, end)
            except (AppError, NotUnderstood) as error:
                reason = error.details if isinstance(error, AppError) else error
                click.echo(f"{name}: cannot be compared: {type(error).__name__} {reason}")
                wrong = True
                continue
            _tell(result)
            wrong = wrong or bool(result.differences)
        await disconnect_all()
    return wrong


def _tell(result: Reconciled) -> None:
    click.echo(f"{result.provider}: {result.transactions} compared, {len(result.differences)} differ")
    for currency in sorted(result.here | result.there):
        here, there = (_money(sums[currency], currency) for sums in (result.here, result.there))
        click.echo(f"  {currency}: {here} in the books, {there} at the provider")
    for each in result.differences:
        here, there = (_money(amount, each.currency) for amount in (each.here, each.there))
        what = f"{KINDS[each.kind].in_locale('en')} {each.reference}"
        problem = PROBLEMS[each.problem].in_locale("en")
        click.echo(f"  {what}: {problem} (books {here}, provider {there}), payment {each.payment_id or 'unknown'}")


def _money(amount: int | None, currency: str) -> str:
    return "–" if amount is None else format_money(amount, currency, locale="en")
