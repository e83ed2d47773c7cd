"""The pages of concerts, and of the tickets that somebody has."""

from apps.site.concerts.controllers.concerts import ConcertListController, ConcertPageController
from apps.site.concerts.controllers.own_tickets import OwnTicketPageController, OwnTicketWorkerController

__all__ = ["ConcertListController", "ConcertPageController", "OwnTicketPageController", "OwnTicketWorkerController"]
