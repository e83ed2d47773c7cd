"""`manage.py check --deploy`: what a server for the public still lacks, and whether its payment providers answer."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from apps.payments.providers import disconnect_all
from apps.payments.setup.status import ProviderStatus, provider_statuses
from apps.payments.setup.trying import CallResult, try_provider
from project import registry
from project.settings import settings
from project.settings.check import deployment_problems


@dataclass(frozen=True, slots=True)
class Tried:
    """`result` is None where there was nothing to ask."""

    status: ProviderStatus
    result: CallResult | None


def deploy_figures() -> tuple[list[str], list[str]]:
    """A line for each payment provider, and what is wrong, as sentences. Providers are asked over the network."""
    problems = deployment_problems(settings) + registry.provider_problems()
    tried = asyncio.run(_try_all())
    return [_line(each) for each in tried], [*problems, *_unanswered(tried)]


async def _try_all() -> list[Tried]:
    """All at once: each has its own patience."""
    try:
        return list(await asyncio.gather(*map(_try, provider_statuses())))
    finally:
        await disconnect_all()


async def _try(status: ProviderStatus) -> Tried:
    return Tried(status, await try_provider(status.name) if status.is_set_up else None)


def _line(tried: Tried) -> str:
    status = tried.status
    facts = {
        "set": ", ".join(status.given) or "nothing",
        "missing": ", ".join(status.missing) or "nothing",
        "test call": _outcome(tried.result),
    }
    return f"{status.name}: {'on' if status.is_offered else 'off'}; " + "; ".join(
        f"{name}: {value}" for name, value in facts.items()
    )


def _outcome(result: CallResult | None) -> str:
    if result is None:
        return "not made"
    return "works" if result.problem is None else f"failed ({result.detail or result.problem})"


def _unanswered(tried: list[Tried]) -> Iterator[str]:
    """Those that fans would be sent to."""
    for each in tried:
        if each.status.is_offered and each.result is not None and each.result.problem is not None:
            yield f"PAYMENT_PROVIDERS: {each.status.name}: the test call {_outcome(each.result)}."
