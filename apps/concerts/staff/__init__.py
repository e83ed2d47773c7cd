"""The staff's API of concerts: a controller for each resource."""

from apps.concerts.staff.concerts import ConcertStaffController
from apps.concerts.staff.ticket_types import TicketTypeStaffController
from apps.concerts.staff.tours import TourStaffController
from apps.concerts.staff.venues import VenueStaffController

__all__ = ["ConcertStaffController", "TicketTypeStaffController", "TourStaffController", "VenueStaffController"]
