"""The payment providers that are set up, and those of them that fans may pay by."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from apps.core.text.i18n import Lazy
from apps.payments.providers.errors import ProviderUnfit, ProviderUnknown
from apps.payments.providers.provider import Provider
from project.settings import settings

Config = TypeVar("Config", bound=msgspec.Struct)
Read = TypeVar("Read", bound=msgspec.Struct, contravariant=True)


@dataclass(frozen=True, slots=True)
class Declared:
    """A provider that is installed, set up or not; `config` declares its variables, if it has any."""

    name: str
    title: Lazy
    config: type[msgspec.Struct] | None


class MadeOf(Protocol[Read]):
    """A class of providers."""

    name: str
    title: Lazy

    def __call__(self, config: Read, /) -> Provider: ...


_DECLARED: dict[str, Declared] = {}
_PROVIDERS: dict[str, Provider] = {}


def declare(kind: MadeOf[Config], config: type[Config]) -> None:
    """Called by the module `provider` of each provider's app: registered where its variables are set.

    Raises SettingsError where it is offered and lacks some.
    """
    _DECLARED[kind.name] = Declared(kind.name, kind.title, config)
    if (found := settings.of_provider(kind.name, config)) is not None:
        register(kind(found))


def register(provider: Provider) -> None:
    """The same for one without variables of its own."""
    _DECLARED.setdefault(provider.name, Declared(provider.name, provider.title, None))
    _PROVIDERS[provider.name] = provider


def declared() -> list[Declared]:
    """Those that are installed: first the offered ones, in the order of PAYMENT_PROVIDERS."""
    offered_first = [name for name in settings.provider_names if name in _DECLARED]
    return [_DECLARED[name] for name in dict.fromkeys((*offered_first, *sorted(_DECLARED)))]


def is_set_up(name: str) -> bool:
    return name in _PROVIDERS


def provider_named(name: str) -> Provider:
    """Also one that is not offered any more: its payments are still refunded. Raises ProviderUnknown."""
    if name not in _PROVIDERS:
        raise ProviderUnknown
    return _PROVIDERS[name]


def all_providers() -> list[Provider]:
    """Also those that are not offered any more."""
    return list(_PROVIDERS.values())


def offered() -> Iterator[Provider]:
    """Those of PAYMENT_PROVIDERS, in that order."""
    return (_PROVIDERS[name] for name in settings.provider_names if name in _PROVIDERS)


def providers_for(amount: int, currency: str) -> list[Provider]:
    """Those that fans may pay this amount by."""
    return [each for each in offered() if each.capabilities.takes(amount, currency)]


def refuse_unfit(name: str, amount: int, currency: str) -> None:
    """Raises ProviderUnknown for one that is not offered, ProviderUnfit for one that does not take the amount."""
    if name not in settings.provider_names:
        raise ProviderUnknown
    if not provider_named(name).capabilities.takes(amount, currency):
        raise ProviderUnfit


def offline_names() -> list[str]:
    """Those whose money staff take."""
    return sorted(name for name, each in _PROVIDERS.items() if each.capabilities.offline)


def refunds_parts(name: str) -> bool:
    """Whether a payment can be refunded in parts. Of a provider that is gone nobody knows: its refunds wait for it."""
    return name not in _PROVIDERS or _PROVIDERS[name].capabilities.part_refunds


def page_origins() -> list[str]:
    """Where the pages to pay at are, as far as that is known beforehand."""
    return sorted({origin for each in offered() for origin in each.capabilities.page_origins})


def missing_providers() -> list[str]:
    """Names in PAYMENT_PROVIDERS that no installed app has."""
    return [name for name in settings.provider_names if name not in _DECLARED]


async def disconnect_all() -> None:
    """At the end of a process."""
    for each in list(_PROVIDERS.values()):
        await each.disconnect()
