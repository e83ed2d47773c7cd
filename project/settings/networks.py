"""Networks, as settings name them."""

from ipaddress import ip_network


def is_network(text: str) -> bool:
    """An address, or a network in CIDR notation."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
