"""What stands in the place of a person in rows that stay for the books."""

from sqlalchemy import ColumnElement, case, func, null

from apps.core.security.signing import NONCE_BYTES

NEW_NONCE = func.substring(func.uuid_send(func.gen_random_uuid()), 1, NONCE_BYTES)
"""Old links and codes open nothing any more."""
NO_ADDRESS = "–"


def without_person(address: ColumnElement[object]) -> ColumnElement[object]:
    """What tax was reckoned by: country and region; null where there is no address."""
    facts = func.jsonb_build_object(
        "line1", NO_ADDRESS, "city", NO_ADDRESS, "country", address["country"], "region", address["region"]
    )
    return case((address.is_(None), null()), else_=func.jsonb_strip_nulls(facts))
