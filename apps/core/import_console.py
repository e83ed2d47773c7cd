"""What the import commands share: a progress bar, and the report at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress

from apps.core.importing import Tally

LONG = 500


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal while a long file is imported; call it with the number done since the last call."""
    with Progress(console=Console(stderr=True), disable=total < LONG, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, advance=done)


def conclude(tally: Tally, *, what: str, dry_run: bool, strict: bool) -> None:
    """Say what happened. Exit status 1 when a bad line stopped a strict import, or there was nothing but bad lines."""
    for problem in sorted(tally.problems):
        click.echo(str(problem), err=True)
    for warning in sorted(tally.warnings):
        click.echo(f"{warning} (warning)", err=True)
    stopped = tally.bad and strict
    counts = f"{tally.created} created, {tally.changed} changed, {tally.unchanged} unchanged, {tally.bad} bad"
    unwritten = (
        "Nothing was written, because of --strict. Without it: " if stopped else "Nothing was written. It would be: "
    )
    click.echo(f"{unwritten if stopped or dry_run else ''}{what}: {counts}")
    if tally.pictures_waiting or tally.pictures_failed:
        click.echo(_of_pictures(tally))
    if stopped or (tally.bad and not tally.total):
        raise SystemExit(1)


def _of_pictures(tally: Tally) -> str:
    failed = f"; {tally.pictures_failed} could not be fetched" if tally.pictures_failed else ""
    return f"Pictures: {tally.pictures_waiting} wait to be fetched by the worker{failed}. See /admin/picture-fetch/list"
