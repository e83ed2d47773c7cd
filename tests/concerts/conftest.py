"""A server, and the office of the band that talks to it."""

from tests.journeys.conftest import buyer, client, office, server

__all__ = ["buyer", "client", "office", "server"]
