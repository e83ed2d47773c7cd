"""A server, fans and staff who talk to it."""

from tests.journeys.conftest import buyer, client, office, server

__all__ = ["buyer", "client", "office", "server"]
