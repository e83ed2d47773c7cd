"""Who somebody is at a provider. All of it is the provider's text: bounded, and believed in nothing but this."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from apps.accounts.oidc.http import Refusal
from apps.core.text.string_types import Email

LONGEST_SUBJECT = 255
LONGEST_NAME = 200


class Identity(Struct, frozen=True):
    """`email` is empty unless the provider says that it has seen its user read what is sent there."""

    issuer: str
    subject: str
    email: str = ""
    name: str = ""

    @property
    def external_id(self) -> str:
        """What credentials keep: no issuer has a blank in it."""
        return f"{self.issuer} {self.subject}"


def identity_of(issuer: str, claims: Mapping[str, Any]) -> Identity:
    """`claims`: of the ID token, and of the userinfo endpoint. Raises Refusal."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise Refusal("subject")
    is_verified = claims.get("email_verified") in (True, "true")
    return Identity(issuer, subject, _email(claims.get("email")) if is_verified else "", _name(claims.get("name")))


def issuer_of(external_id: str) -> str:
    return external_id.partition(" ")[0]


def _email(given: object) -> str:
    try:
        return msgspec.convert(given, Email).lower()
    except msgspec.ValidationError:
        return ""


def _name(given: object) -> str:
    if not isinstance(given, str):
        return ""
    shown = "".join(each if each.isprintable() else " " for each in given[: 4 * LONGEST_NAME])
    return " ".join(shown.split())[:LONGEST_NAME]
