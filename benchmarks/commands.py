"""manage.py's `bench`: each figure beside its limit in the same run."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import click

options = [
    click.option("--workers", default=len(os.sched_getaffinity(0)), show_default="one per core", help="Web processes."),
    click.option("--seconds", default=2.0, show_default=True, help="Measured time of each run."),
    click.option("--rounds", default=3, show_default=True, help="Runs of each, in turn; medians are shown."),
    click.option(
        "--profile", type=click.Path(file_okay=False, path_type=Path), help="Sample the app's stacks into this folder."
    ),
]


@click.command("on-sale")
def on_sale(workers: int, seconds: float, rounds: int, profile: Path | None) -> None:
    """Holds and orders per second on one hot pool."""
    from benchmarks.on_sale import OnSale
    from benchmarks.rounds import Bench
    from benchmarks.stage import stage

    introduce(workers)
    with stage() as made:
        OnSale(made, Bench(seconds=seconds, rounds=rounds), workers=workers, profiled=bool(profile)).play()
        keep_samples(made.folder, profile)


@click.command()
def reads(workers: int, seconds: float, rounds: int, profile: Path | None) -> None:
    """Lists and pages of the catalogue, beside raw asyncpg and Django REST framework."""
    from benchmarks.reads import play

    perform(play, workers=workers, seconds=seconds, rounds=rounds, profile=profile)


@click.command()
def growth(workers: int, seconds: float, rounds: int, profile: Path | None) -> None:
    """The same pages at 100, 10,000 and 100,000 products."""
    from benchmarks.growth import play

    perform(play, workers=workers, seconds=seconds, rounds=rounds, profile=profile)


@click.command()
@click.option("--orders", default=3000, show_default=True, help="Paid and delivered in each run.")
@click.option("--workers", default=len(os.sched_getaffinity(0)), show_default="one per core", help="Web processes.")
@click.option(
    "--profile", type=click.Path(file_okay=False, path_type=Path), help="Sample the app's stacks into this folder."
)
def paid(orders: int, workers: int, profile: Path | None) -> None:
    """From the payment's start to ticket and mail, beside one transaction per order."""
    from benchmarks.paid import play
    from benchmarks.stage import stage

    introduce(workers)
    with stage() as made:
        play(made, orders=orders, workers=workers, profiled=bool(profile))
        keep_samples(made.folder, profile)


@click.command()
@click.option("--requests", default=20, show_default=True, help="Measured requests of each page.")
def admin(requests: int) -> None:
    """Every page of the back office among 10,000 products and 100,000 orders."""
    from benchmarks.admin import play
    from benchmarks.stage import stage

    introduce(1)
    with stage() as made:
        play(made, requests=requests)


@click.command()
@click.option("--hashes", default=5_000_000, show_default=True, help="Lines of the list that is imported.")
def passwords(hashes: int) -> None:
    """Importing a list of breached passwords, looking one up, and judging one."""
    from benchmarks.passwords import play

    play(hashes)


@click.command("books-kill")
@click.option("--kills", default=1000, show_default=True, help="How often a process is killed amid payments.")
def books_kill(kills: int) -> None:
    """Sums of the books and of the provider's after kill -9 amid payments and refunds."""
    from benchmarks.books_kill import play
    from benchmarks.stage import stage

    with stage() as made:
        play(made, kills=kills)


def perform(play: Callable[..., None], *, workers: int, seconds: float, rounds: int, profile: Path | None) -> None:
    from benchmarks.rounds import Bench
    from benchmarks.stage import stage

    introduce(workers)
    with stage() as made:
        play(made, Bench(seconds=seconds, rounds=rounds), workers=workers, profiled=bool(profile))
        keep_samples(made.folder, profile)


@click.command()
def auth(workers: int, seconds: float, rounds: int, profile: Path | None) -> None:
    """Signed-in requests and sign-ins, beside what they cannot be faster than."""
    from benchmarks.auth import play

    perform(play, workers=workers, seconds=seconds, rounds=rounds, profile=profile)


for command in (on_sale, reads, growth, auth):
    for option in options:
        option(command)


def introduce(workers: int) -> None:
    cores = len(os.sched_getaffinity(0))
    click.echo(
        f"{cores} cores share {workers} web processes (uvicorn, uvloop, httptools), PostgreSQL and the load.\n"
        "One log line a request is written, to a file, by all that is measured."
    )


def keep_samples(folder: Path, wanted: Path | None) -> None:
    if wanted:
        wanted.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("app.stacks.*"):
            shutil.copy(path, wanted)
