"""Finds what each installed app offers, by module name: models, permissions, controllers, staff, jobs, commands…"""

import click
from litestar import Controller

from apps.backoffice.views.installed import admin_views as admin_views
from apps.backoffice.views.installed import extended as extended
from apps.core.installed import all_apps, defined_in, installed_apps, modules
from apps.payments.providers import missing_providers
from project.settings import SettingsError


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
    return _unknown_providers()


def provider_problems() -> list[str]:
    """The same in sentences, of all providers rather than the first that lacks something."""
    wrong = []
    for app in installed_apps():
        try:
            list(modules("provider", (app,)))
        except SettingsError as error:
            wrong.append(str(error))
    return [*wrong, *_unknown_providers()]


def _unknown_providers() -> list[str]:
    return [f"PAYMENT_PROVIDERS: there is no provider {name}. See .env.example." for name in missing_providers()]


def controllers() -> list[type[Controller]]:
    """Those for fans first, then the staff's."""
    return [
        each for name in ("controllers", "staff") for module in modules(name) for each in defined_in(module, Controller)
    ]


def commands() -> list[click.Command]:
    return [
        value for module in modules("commands") for value in vars(module).values() if isinstance(value, click.Command)
    ]
