"""manage.py passwords"""

from pathlib import Path

import click

from apps.accounts.passwords.breaches.importing import import_list
from apps.accounts.passwords.breaches.lookup import LIST, breached_passwords, list_problems
from apps.accounts.passwords.breaches.sources import BadList, blocks_of, size_of
from apps.core.import_console import progress


@click.group()
def passwords() -> None:
    """The list of breached passwords, which nobody may choose."""


@passwords.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
def import_command(file: Path) -> None:
    """Import the list from FILE: text of SHA1:count lines in the order of hashes, gzip too, or a folder of ranges."""
    before = 0 if list_problems() else _count()
    try:
        with progress(size_of(file), "Hashes") as on_progress:
            count = import_list(blocks_of(file), LIST, on_progress=on_progress)
    except BadList as error:
        raise SystemExit(f"{file}: {error} Nothing was changed.") from None
    click.echo(f"{count:,} passwords are refused from now on.")
    if count < before:
        click.echo(f"The list before it had {before:,}: was the download complete?", err=True)


@passwords.command()
def status() -> None:
    """Say how many passwords the list has and when it was imported; reads all of it to see that it is whole."""
    if problems := list_problems():
        raise SystemExit("\n".join(problems))
    if (known := breached_passwords()) is None:
        click.echo("No list is imported: common passwords are refused, but not those of data breaches.")
        return
    moment = f"{known.imported_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"{known.count:,} passwords, imported {moment} ({LIST}, {known.size:,} bytes)")
    if not known.is_whole():
        raise SystemExit("The file is damaged: import the list again.")


def _count() -> int:
    known = breached_passwords()
    return known.count if known else 0
