"""Time zones by place, without asking anybody."""

import tzfpy


def zone_at(latitude: float, longitude: float) -> str | None:
    """The IANA name of the zone a place lies in; None on the open sea."""
    zone = tzfpy.get_tz(longitude, latitude)
    return None if not zone or zone.startswith("Etc/") else zone
