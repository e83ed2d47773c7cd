"""The apps that are installed, and what each has under a name: modules, folders."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from project.settings import INSTALLED_APPS, settings

Kind = TypeVar("Kind")
DEMO_APPS = ("apps.payments.demo",)


@cache
def all_apps() -> tuple[str, ...]:
    """Whatever is switched on: the database has the tables of them all."""
    return (*INSTALLED_APPS, *settings.extra_apps.split())


@cache
def installed_apps() -> tuple[str, ...]:
    """Production runs without the apps that only pretend."""
    return tuple(app for app in all_apps() if not (settings.is_production and app in DEMO_APPS))


def modules(name: str, apps: tuple[str, ...] | None = None) -> Iterator[ModuleType]:
    for app in apps or installed_apps():
        if find_spec(f"{app}.{name}"):
            yield import_module(f"{app}.{name}")


def declared(name: str, constant: str) -> list[Any]:
    """What the modules of that name say under `constant`, of all apps together."""
    return [each for module in modules(name) for each in getattr(module, constant, ())]


def folders(name: str) -> list[Path]:
    """Those of the apps that have one."""
    homes = (Path(path) for app in all_apps() for path in import_module(app).__path__)
    return [folder for home in homes if (folder := home / name).is_dir()]


def defined_in(module: ModuleType, kind: type[Kind]) -> list[type[Kind]]:
    """The subclasses of `kind` that `module`, or a part of it when it is a package, defines; in its order."""
    kinds = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, kind)]
    return [each for each in kinds if f"{each.__module__}.".startswith(f"{module.__name__}.")]
