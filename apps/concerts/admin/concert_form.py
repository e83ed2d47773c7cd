"""The form of a concert, with its hall and ticket types. Times are in the venue's time zone."""

from typing import Any

from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.forms.values import leaves
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

SPARE, SPARE_FIRST = 1, 3


class NameForm(Form):
    name = fields.Input(_("Title"), empty=None)


class VenueDateTime(fields.DateTime):
    """Whose zone is known once a venue is chosen."""

    def __init__(self, label: Lazy, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.unit = _("venue time")


class TicketTypeRowForm(Form):
    id = fields.Hidden(_("ID"), empty=None)
    name = fields.Input(_("Title"))
    price = fields.Money(_("Price"))
    capacity = fields.Number(_("At most"), empty=None)
    max_per_order = fields.Number(_("Max. per order"), default=10)
    sale_from = VenueDateTime(_("On sale from"))
    sale_until = VenueDateTime(_("On sale until"))
    max_per_customer = fields.Number(_("Max. per customer"), empty=None)
    translations = fields.Translations(NameForm)
    archived = fields.Switch(_("Archive (stop selling)"))


class TicketTypeRows(fields.Rows):
    """Each new row is in the zone of the others."""

    zone = ""

    def append_entry(self, *rest: Any, **more: Any) -> Any:
        """A new row cannot be archived yet."""
        entry = super().append_entry(*rest, **more)
        del entry.form.archived
        if self.zone:
            set_zone(entry.form, self.zone)
        return entry


class TicketLinkForm(Form):
    url = fields.Input(_("URL"), help=_("Starts with https://"))
    title = fields.Input(_("Title"), help=_("Empty for plain tickets."))
    sold_out = fields.Switch(_("Sold out there"))


class ConcertForm(Form):
    title = fields.Input(_("Title"), required=True)
    venue = fields.Reference(
        _("Venue"),
        identity="venue",
        required=True,
        help=_("Ticket holders get an email when it changes."),
    )
    starts_at = VenueDateTime(
        _("Starts"),
        required=True,
        help=_("In the venue's time zone, like all times here. Ticket holders get an email when it changes."),
    )
    on_sale_at = VenueDateTime(
        _("Sales start"), help=_("Only shown to fans. Sales start when you put the concert on sale.")
    )
    tour = fields.Reference(_("Tour"), identity="tour")
    lineup = fields.CommaSeparated(_("Support acts"), help=_("Other artists, separated by commas."))
    capacity = fields.Number(
        _("Places in the hall"), empty=None, help=_("Shared by all ticket types. Leave empty if each has its own.")
    )
    ticket_types = TicketTypeRows(
        fields.Row(TicketTypeRowForm),
        _("Ticket types"),
        help=_(
            "“At most” is how many of the hall's places a type can take. Without sale dates it is sold until "
            "the concert."
        ),
    )
    tickets_elsewhere = fields.Rows(
        fields.Row(TicketLinkForm),
        _("Tickets elsewhere"),
        help=_("Fans are sent there until tickets are on sale here."),
    )
    description = fields.LongText(_("Description"))
    translations = fields.Translations()
    slug = fields.Slug()


class NewDateForm(Form):
    starts_at = fields.DateTime(_("New date"), required=True, help=_("In the venue's time zone."))


def set_zone(form: Form, zone: str) -> None:
    """For all its times."""
    for field in leaves(form):
        if isinstance(field, fields.DateTime):
            field.in_zone(zone)
