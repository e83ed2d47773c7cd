"""The settings of payment providers: each has variables of its own, which a struct beside its code declares.

STRIPE_SECRET_KEY is the field `secret_key` of the provider "stripe".
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from project.settings.oidc import SEE, SettingsError, sentence_of

Kind = TypeVar("Kind", bound=msgspec.Struct)
IN = "apps.payments."


def provider_variables(values: Mapping[str, str], apps: tuple[str, ...]) -> dict[str, str]:
    """Those of `values` that belong to a provider among `apps`: ours, and those of EXTRA_APPS."""
    prefixes = tuple(f"{app.rpartition('.')[2].upper()}_" for app in apps)
    return {name: value for name, value in values.items() if name.startswith(prefixes)}


def read_provider(name: str, kind: type[Kind], variables: Mapping[str, str], *, is_offered: bool) -> Kind | None:
    """None where the provider is not set up. Raises SettingsError where it is offered, or set up badly."""
    prefix = f"{name.upper()}_"
    fields = msgspec.structs.fields(kind)
    given = {each.name: variables[variable] for each in fields if variables.get(variable := prefix + each.name.upper())}
    missing = [each.name for each in fields if each.required and each.name not in given]
    if missing and is_offered:
        raise SettingsError(f"{prefix}{missing[0].upper()}: is missing for a provider named in PAYMENT_PROVIDERS.{SEE}")
    if missing:
        return None
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(sentence_of(error, prefix)) from None
