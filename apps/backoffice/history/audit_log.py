"""The audit log for people: a sentence for each action, and names for actors."""

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from apps.accounts.models import ApiKey, User
from apps.backoffice.requests import id_of, locale_of
from apps.core.audit import SYSTEM
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

USER, API_KEY = "user:", "api_key:"
EXPORT = "backoffice.export"
ACTORS: Mapping[str, Lazy] = {SYSTEM: _("System"), "registration": _("Registration"), "customer": _("Customer")}
ACTIONS: Mapping[str, Lazy] = {
    "add": _("Added"),
    "create": _("Added"),
    "open": _("Opened"),
    "change": _("Changed"),
    "rename": _("Renamed"),
    "archive": _("Archived"),
    "restore": _("Restored from the archive"),
    "delete": _("Deleted"),
    "give_roles": _("Roles changed"),
    "invite": _("Invited by email"),
    "accept_invitation": _("Password set by invitation"),
    "set_password_by_link": _("Password set by a link in an email"),
    "disable": _("Deactivated"),
    "enable": _("Reactivated"),
    "set_password": _("New password set"),
    "change_password": _("Password changed"),
    "change_email": _("Email address changed"),
    "ask_for_email_change": _("Change of email address requested"),
    "add_passkey": _("Passkey added"),
    "remove_passkey": _("Passkey removed"),
    "add_totp": _("Authenticator app set up"),
    "remove_totp": _("Authenticator app removed"),
    "renew_recovery_codes": _("New recovery codes"),
    "link_sign_in": _("Sign-in with another account linked"),
    "unlink_sign_in": _("Sign-in with another account unlinked"),
    "disown_session": _("Reported: that was not me"),
    "impersonate": _("Site viewed as this user"),
    "ask_for_export": _("Own data requested"),
    "read_export": _("Own data read"),
    "ask_for_erasure": _("Erasure requested"),
    "cancel_erasure": _("Erasure cancelled"),
    "erase": _("Erased"),
    "take_upload": _("Image uploaded"),
    "sign_in": _("Signed in"),
    "end_copied_session": _("A copied session ended"),
    "end_sessions": _("Signed out everywhere"),
    "revoke_api_key": _("API key revoked"),
    "grant_entitlement": _("Entitlement granted"),
    "end_entitlement": _("Entitlement ended"),
    "reset_second_factors": _("Second factor reset"),
    "publish": _("Published"),
    "unpublish": _("Hidden"),
    "announce": _("Announced"),
    "put_on_sale": _("Sale opened"),
    "stop_sale": _("Sale stopped"),
    "postpone": _("Postponed"),
    "reschedule": _("Moved to another date"),
    "cancel": _("Cancelled"),
    "paid": _("Paid"),
    "refund": _("Refunded"),
    "refund_failed": _("The refund failed"),
    "export": _("Exported"),
    "retry": _("Tried again"),
    "give_up": _("Job cancelled"),
    "import": _("Import started"),
    "finish": _("Import finished"),
    "discard": _("Discarded"),
    "cancelled": _("Cancelled"),
    "expired": _("Expired"),
    "add_comp_order": _("Free order created"),
    "move_shipment": _("Parcel status changed"),
    "correct_tracking": _("Tracking number corrected"),
    "withdraw": _("Withdrawn from the contract"),
    "receive_withdrawn": _("Returned goods received"),
    "refund_withdrawn": _("Return refunded"),
    "refuse_withdrawal": _("Withdrawal refused"),
    "note": _("Note added"),
    "renew_codes": _("Codes replaced"),
    "report": _("Reported by the provider"),
    "refund_report": _("Reported by the provider"),
    "discrepancy": _("Different amount reported by the provider"),
    "dispute": _("Disputed by the customer"),
    "hold": _("Put on hold"),
    "release": _("No longer on hold"),
    "dismiss": _("Dismissed"),
    "settle_again": _("Settled again"),
    "receive": _("Marked as received"),
    "receive_transfer": _("Bank transfer marked as received"),
    "refunds_sent": _("Refunds marked as sent"),
    "enter": _("Entered by hand"),
    "reverse": _("Reversed"),
    "difference": _("Found to differ from the provider's list"),
    "difference_gone": _("Agrees with the provider's list now"),
    "look_again": _("Compared with the provider again"),
    "try_provider": _("Test call made"),
    "resend": _("Email resent"),
    "issue": _("Invoice issued"),
    "credit": _("Credit note issued"),
    "request": _("Invoice requested"),
    "rotate_secret": _("Secret renewed"),
    "send_test": _("Test sent"),
    "send_again": _("Event sent again"),
    "send_failed_again": _("Failed events sent again"),
}
"""By the action's own words after its app, else by the first of them."""
OTHER_KINDS: Mapping[str, Lazy] = {
    "DataExport": _("Data export"),
    "Image": _("Image"),
    "Refund": _("Refund"),
    "Shipment": _("Shipment"),
}
"""What is recorded of and has no view of its own."""


def action_text(action: str) -> Lazy | str:
    words = action.partition(".")[2]
    return ACTIONS.get(words) or ACTIONS.get(words.partition("_")[0]) or action


async def names_of_actors(session: AsyncSession, actors: set[str]) -> dict[str, Lazy | str]:
    """What actors are called: people by name or address, API keys by whose they are, too.

    What is neither keeps its own word.
    """
    users = {actor: ids for actor in actors if (ids := _ids_in(actor, USER))}
    keys = {actor: ids for actor in actors if (ids := _ids_in(actor, API_KEY))}
    known = {**await _names_of_users(session, users.values()), **await _names_of_keys(session, keys.values())}
    named = {**users, **keys}.items()
    names: dict[str, Lazy | str] = dict(ACTORS)
    return names | {actor: " → ".join(known[id] for id in ids) for actor, ids in named if known.keys() >= {*ids}}


def _ids_in(actor: str, kind: str) -> list[UUID]:
    """One; or of staff, and of the user as whom they looked at the site: `user:… as …`."""
    if not actor.startswith(kind):
        return []
    return [id for part in actor.removeprefix(kind).split(" as ") if (id := id_of(part))]


async def _names_of_users(session: AsyncSession, ids: Collection[list[UUID]]) -> dict[UUID, str]:
    if not ids:
        return {}
    found = select(User.id, User.name, User.email).where(User.id.in_(chain.from_iterable(ids)))
    return {row.id: row.name or row.email for row in await session.execute(found)}


async def _names_of_keys(session: AsyncSession, ids: Collection[list[UUID]]) -> dict[UUID, str]:
    if not ids:
        return {}
    owned = select(ApiKey.id, ApiKey.name, ApiKey.prefix, User.name.label("owner"), User.email)
    found = owned.outerjoin(User, User.id == ApiKey.user_id).where(ApiKey.id.in_(chain.from_iterable(ids)))
    return {row.id: _key_name(row.name, row.prefix, row.owner or row.email) for row in await session.execute(found)}


def _key_name(name: str, prefix: str, owner: str | None) -> str:
    return f"{owner} · {name} ({prefix}…)" if owner else f"{name} ({prefix}…)"


def who(row: Any, name: str, request: Request) -> str:
    """Shows the column `who`, which holds what `names_of_actors` found."""
    actor = row.who
    return actor.in_locale(locale_of(request)) if isinstance(actor, Lazy) else str(actor)
