"""Finds what each installed app offers, by module name: models, permissions, controllers, staff, jobs, commands…"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from types import ModuleType
from typing import TypeVar

import click
from litestar import Controller

from apps.backoffice.views.base import View
from apps.core.installed import all_apps, installed_apps, modules
from apps.payments.providers import missing_providers

Kind = TypeVar("Kind")


def load_models() -> None:
    """Every table of every app, whatever is switched on: the database has them all."""
    list(modules("models", all_apps()))


def load() -> None:
    """Tables, permissions, jobs with their subscriptions, and payment providers register themselves when imported."""
    load_models()
    list(modules("permissions"))
    list(modules("jobs"))
    load_providers()


def load_providers() -> list[str]:
    """What is wrong with PAYMENT_PROVIDERS. Raises SettingsError for a provider that lacks what it needs."""
    list(modules("provider"))
    return [f"PAYMENT_PROVIDERS: there is no provider {name}. See .env.example." for name in missing_providers()]


def controllers() -> list[type[Controller]]:
    """Those for fans first, then the staff's."""
    return [each for name in ("controllers", "staff") for module in modules(name) for each in _own(module, Controller)]


def admin_views() -> list[type[View]]:
    """Those of every app's `admin`: the apps from the top down, as the menu has them.

    One that an app above extends, by a subclass, is that app's; it keeps its place. Raises TypeError.
    """
    top_down = tuple(reversed(installed_apps()))
    found = [each for module in modules("admin", top_down) for each in _own(module, View) if hasattr(each, "model")]
    return extended(found)


def extended(views: Sequence[type[View]]) -> list[type[View]]:
    """Each in the place of the one that it extends. Raises TypeError where it depends on their order which that is."""
    pairs = [(base, each) for each in views for base in each.__mro__[1:] if base in views]
    for view, times in Counter(chain.from_iterable(pairs)).items():
        if times > 1:
            raise TypeError(f"{view.__qualname__} is in more than one extension: extend a view once, and only that one")
    by_base = dict(pairs)
    return [by_base.get(each, each) for each in views if each not in by_base.values()]


def commands() -> list[click.Command]:
    return [
        value for module in modules("commands") for value in vars(module).values() if isinstance(value, click.Command)
    ]


def _own(module: ModuleType, kind: type[Kind]) -> list[type[Kind]]:
    """The subclasses of `kind` that `module`, or a part of it when it is a package, defines; in its order."""
    kinds = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, kind)]
    return [each for each in kinds if f"{each.__module__}.".startswith(f"{module.__name__}.")]
