"""A server, fans and staff who talk to it."""

from tests.concerts.conftest import buyer, client, office, server

__all__ = ["buyer", "client", "office", "server"]
