"""A server, and the office of the band that sends it pictures."""

import pytest

from tests.journeys.conftest import buyer, client, office, server
from tests.media.gallery import Gallery
from tests.office import Office

__all__ = ["buyer", "client", "office", "server"]


@pytest.fixture
def gallery(office: Office) -> Gallery:
    return Gallery(office)
