"""Concerts in the back office."""

from apps.concerts.admin.concerts import ConcertAdmin
from apps.concerts.admin.imports import ConcertImportAdmin
from apps.concerts.admin.ticket_types import TicketTypeAdmin
from apps.concerts.admin.tours import TourAdmin
from apps.concerts.admin.venues import VenueAdmin

__all__ = ["ConcertAdmin", "ConcertImportAdmin", "TicketTypeAdmin", "TourAdmin", "VenueAdmin"]
