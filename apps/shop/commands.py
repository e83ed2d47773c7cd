"""manage.py import-products"""

import asyncio
from pathlib import Path

import click

from apps.core.import_console import conclude, progress
from apps.core.importing import Tally
from apps.core.money import is_currency
from apps.shop.imports.importing import import_products
from apps.shop.imports.shopify import read_products
from project.database import opened_database
from project.settings import settings


def _currency(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not is_currency(value.upper()):
        raise click.BadParameter(f"{value} is not a currency (EUR, USD, ...)")
    return value.upper()


@click.command("import-products")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--currency",
    default=settings.currency,
    show_default=True,
    callback=_currency,
    help="The currency of the prices in the file.",
)
@click.option(
    "--set-stock", is_flag=True, help="Make stock what the file says; else stock that is there is left alone."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
@click.option("--strict", is_flag=True, help="Write nothing when a line is bad.")
def import_products_command(file: Path, currency: str, set_stock: bool, dry_run: bool, strict: bool) -> None:
    """Import products from Shopify's product CSV. Running it again changes nothing."""
    tally = asyncio.run(_run(file.read_bytes(), currency=currency, set_stock=set_stock, dry_run=dry_run, strict=strict))
    conclude(tally, what="Products", dry_run=dry_run, strict=strict)


async def _run(data: bytes, *, currency: str, set_stock: bool, dry_run: bool, strict: bool) -> Tally:
    reading = read_products(data, currency=currency)
    async with opened_database() as db:
        with progress(len(reading.products), "Products") as on_progress:
            return await import_products(
                db,
                reading,
                currency=currency,
                set_stock=set_stock,
                dry_run=dry_run or (strict and bool(reading.problems)),
                on_progress=on_progress,
            )
