"""manage.py's commands: the project's own, and those of every app's commands.py."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from alembic import command as alembic

from apps.accounts.passwords.breaches.lookup import list_problems
from benchmarks.commands import admin, auth, books_kill, growth, on_sale, paid, passwords, reads
from project import registry
from project.deploy_check import deploy_figures
from project.failures import sentence_of
from project.migrations import alembic_config
from project.settings import ROOT, settings
from project.settings.check import settings_problems

GROUPS = {
    "Run": ("demo", "run", "worker"),
    "Data": (
        *("migrate", "create-user", "user", "passwords", "payments"),
        *("import-products", "import-concerts", "dbshell"),
    ),
    "Develop": ("test", "check", "bench", "pictures", "makemigrations", "routes", "openapi", "shell"),
}


class GroupedHelp(click.Group):
    """Commands by what one is about to do."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in self._groups().items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(80)) for name in names])

    def _groups(self) -> dict[str, list[str]]:
        grouped = {name for names in GROUPS.values() for name in names}
        groups = {title: [name for name in names if name in self.commands] for title, names in GROUPS.items()}
        others = sorted(set(self.commands) - grouped)
        return groups | ({"Others": others} if others else {})


@click.group(cls=GroupedHelp, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--demo", is_flag=True, expose_value=False, help="Work on the demo's data (known before all else).")
def cli() -> None:
    """Backline: the band's own site, shop and box office."""


def main() -> None:
    """Errors that people can mend are one line, not a traceback."""
    for each in registry.commands():
        cli.add_command(each)
    try:
        cli(prog_name="manage.py")
    except Exception as error:
        if (sentence := sentence_of(error)) is None:
            raise
        raise SystemExit(sentence) from None


@cli.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    alembic.upgrade(alembic_config(), "head")


@cli.command()
@click.argument("message")
def makemigrations(message: str) -> None:
    """Write a migration from what changed in the models; read it before you commit it."""
    alembic.revision(alembic_config(), message=message, autogenerate=True)


@cli.command()
@click.option("--host", default=settings.host, show_default=True)
@click.option("--port", default=settings.port, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Web processes.")
@click.option("--with-worker", is_flag=True, help="Run the job worker inside the web process.")
def run(host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the app. Jobs need `worker` beside it, or --with-worker."""
    from project.serve import serve

    serve(host=host, port=port, workers=workers, with_worker=with_worker)


@cli.command()
def worker() -> None:
    """Run background jobs until stopped."""
    from project.serve import work

    asyncio.run(work())


@cli.command()
@click.option("--port", default=settings.port, show_default=True)
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and start over.")
def demo(port: int, fresh: bool) -> None:
    """Start everything with a band to play with; the data is kept."""
    from project.demo.start import start

    start(port=port, fresh=fresh)


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1)
def test(arguments: Sequence[str]) -> None:
    """Run the whole test suite, or what pytest's ARGUMENTS say."""
    sys.exit(subprocess.call([sys.executable, "-m", "pytest", *(arguments or ("-n", "2"))], cwd=ROOT))


@cli.command()
@click.option("--port", default=8010, show_default=True, help="Where the demo listens meanwhile.")
def pictures(port: int) -> None:
    """Do what docs/managers.md tells, in a browser at a fresh demo, and take its pictures."""
    sys.exit(subprocess.call([sys.executable, "-m", "tests.guide", str(port)], cwd=ROOT))


CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


@cli.command()
@click.option("--deploy", is_flag=True, help="What a server for the public lacks; payment providers are asked.")
def check(deploy: bool) -> None:
    """Settings first; outside production lint, format, types, layers and sizes too."""
    if deploy:
        _say(*deploy_figures())
    problems = settings_problems(settings) + registry.load_providers() + list_problems()
    if not settings.is_production:
        problems += [f"{' '.join(tool)} failed" for tool in CHECKS if _call(*tool)]
        problems += _look_at_house()
    _say([], problems)


def _say(told: Sequence[str], problems: Sequence[str]) -> NoReturn:
    """And end: 1 where something is wrong."""
    for line in told:
        click.echo(line)
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)


def _look_at_house() -> list[str]:
    from project.code_limits import figures  # what it measures with is not installed in production

    told, wrong = figures()
    click.echo("\n".join(told))
    return wrong


def _call(tool: str, *arguments: str) -> int:
    return subprocess.call([Path(sys.executable).with_name(tool), *arguments], cwd=ROOT)


@cli.command()
def routes() -> None:
    """Every path the app answers."""
    from project.app import create_app

    for route in sorted(create_app().routes, key=lambda each: each.path):
        methods = sorted(set(getattr(route, "methods", ["ASGI"])) - {"OPTIONS"})
        click.echo(f"{','.join(methods):12} {route.path}")


@cli.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of the screen.")
def openapi(output: Path | None) -> None:
    """The API's OpenAPI 3.1 document, as /api/v1/openapi.json serves it."""
    from project.app import create_app
    from project.web.openapi.document import document

    text = json.dumps(document(create_app()), indent=2, ensure_ascii=False)
    output.write_text(text + "\n") if output else click.echo(text)


@cli.command()
def shell() -> None:
    """A Python prompt with `db`, the settings and every model; run(coroutine) awaits."""
    from project.shell import interact

    interact()


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1)
def dbshell(arguments: Sequence[str]) -> None:
    """psql on the app's database."""
    from project.shell import psql

    sys.exit(psql(arguments))


@cli.group()
def bench() -> None:
    """Speed, as ratios against the limit in the same run."""


bench.add_command(on_sale)
bench.add_command(paid)
bench.add_command(books_kill)
bench.add_command(reads)
bench.add_command(growth)
bench.add_command(admin)
bench.add_command(auth)
bench.add_command(passwords)
