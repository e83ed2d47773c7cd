"""Which variables of each payment provider are set; their names alone, never a value."""

from dataclasses import dataclass

import msgspec

from apps.core.text.i18n import Lazy
from apps.payments.providers import Declared, declared, is_set_up
from project.settings import settings


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """`given` and `missing` are names of variables; `is_offered`: PAYMENT_PROVIDERS names it."""

    name: str
    title: Lazy
    is_offered: bool
    is_set_up: bool
    given: tuple[str, ...]
    missing: tuple[str, ...]


def provider_statuses() -> list[ProviderStatus]:
    """Of all that are installed, the offered ones first."""
    return [_status(each) for each in declared()]


def _status(provider: Declared) -> ProviderStatus:
    fields = msgspec.structs.fields(provider.config) if provider.config else ()
    names = {f"{provider.name}_{each.name}".upper(): each.required for each in fields}
    given = tuple(name for name in names if settings.provider_variables.get(name))
    missing = tuple(name for name, is_required in names.items() if is_required and name not in given)
    is_offered = provider.name in settings.provider_names
    return ProviderStatus(provider.name, provider.title, is_offered, is_set_up(provider.name), given, missing)
