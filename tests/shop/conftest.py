"""A server, fans and staff who talk to it."""

from tests.journeys.conftest import client, customer, server, staff_api

__all__ = ["client", "customer", "server", "staff_api"]
