"""A server, its customer, and the office of the band."""

from tests.journeys.conftest import client, customer, server, staff_api

__all__ = ["client", "customer", "server", "staff_api"]
