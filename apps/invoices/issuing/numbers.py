"""Numbers of invoices: consecutive in a series, which is a kind and a year."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from apps.invoices.models import InvoiceKind
from apps.invoices.repositories import SERIES
from project.settings import InvoiceSettings, settings

DIGITS = 6


class Number(NamedTuple):
    series: str
    serial: int

    @property
    def text(self) -> str:
        """INV-2026-000042"""
        return f"{self.series}-{self.serial:0{DIGITS}}"


def series_of(kind: InvoiceKind, moment: datetime, invoicing: InvoiceSettings) -> str:
    """By the year that the band's clocks tell."""
    prefix = invoicing.prefix if kind is InvoiceKind.invoice else invoicing.credit_note_prefix
    return f"{prefix}{moment.astimezone(ZoneInfo(settings.time_zone)).year}"


async def take_numbers(connection: AsyncConnection, wanted: Mapping[str, int]) -> dict[str, range]:
    """By series, as many numbers as are wanted of it.

    Their rows stay locked until the transaction ends, and are locked in the order of their names: nobody else takes a
    number before these are written, or given back.
    """
    return {name: await _take(connection, name, count) for name, count in sorted(wanted.items()) if count}


async def _take(connection: AsyncConnection, name: str, count: int) -> range:
    taken = insert(SERIES).values(name=name, last=count)
    taken = taken.on_conflict_do_update(index_elements=["name"], set_={"last": SERIES.c.last + taken.excluded.last})
    last: int = (await connection.execute(taken.returning(SERIES.c.last))).scalar_one()
    return range(last - count + 1, last + 1)
