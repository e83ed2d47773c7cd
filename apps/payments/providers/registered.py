"""The payment providers that are set up, and those of them that fans may pay by."""

from collections.abc import Iterator

from apps.payments.providers.errors import ProviderUnfit, ProviderUnknown
from apps.payments.providers.provider import Provider
from project.settings import settings

_PROVIDERS: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Called by the module `provider` of each provider's app."""
    _PROVIDERS[provider.name] = provider


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


def page_origins() -> list[str]:
    """Where the pages to pay at are, as far as that is known beforehand."""
    return sorted({origin for each in offered() for origin in each.capabilities.page_origins})


def missing_providers() -> list[str]:
    """Names in PAYMENT_PROVIDERS that no installed app has."""
    return [name for name in settings.provider_names if name not in _PROVIDERS]


async def disconnect_all() -> None:
    """At the end of a process."""
    for each in list(_PROVIDERS.values()):
        await each.disconnect()
