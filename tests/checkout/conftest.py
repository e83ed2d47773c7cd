"""A server, its buyer, and the office of the band."""

from tests.journeys.conftest import buyer, client, office, server

__all__ = ["buyer", "client", "office", "server"]
