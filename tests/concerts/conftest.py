"""A server, and the office of the band that talks to it."""

from tests.journeys.conftest import client, customer, server, staff_api

__all__ = ["client", "customer", "server", "staff_api"]
