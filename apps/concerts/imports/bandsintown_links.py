"""Where an event of Bandsintown's says that tickets are sold: its offers, and its own page there."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apps.concerts.schemas import TicketLink
from apps.core.importing import BadValue, text
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.core.text.string_types import WEB

MOST_LINKS = 10
PLAIN = frozenset({"ticket", "tickets"})
SOLD_OUT = frozenset({"sold out", "sold_out", "soldout"})
OWN_PAGE = "Bandsintown"


def ticket_links(event: Mapping[str, Any], complaints: list[Lazy]) -> tuple[TicketLink, ...]:
    """Each address once, in their order. What is none of the web is left out, and said."""
    links: dict[str, TicketLink] = {}
    for offer in _offers(event):
        try:
            if link := _link(offer):
                links.setdefault(link.url, link)
        except BadValue as bad:
            complaints.append(_("{problem}; this ticket link was left out").format(problem=bad.sentence))
    return tuple(links.values())[:MOST_LINKS]


def _offers(event: Mapping[str, Any]) -> Iterator[Any]:
    offers = event.get("offers")
    yield from offers if isinstance(offers, list) else []
    yield {"url": event.get("url"), "type": OWN_PAGE}


def _link(offer: Any) -> TicketLink | None:
    """None for an offer without an address."""
    facts = offer if isinstance(offer, Mapping) else {"url": offer}
    url, kind, status = (facts.get(name) or "" for name in ("url", "type", "status"))
    if not url:
        return None
    address = text(str(url), _("the URL"), limit=2000)
    if not isinstance(url, str) or not re.fullmatch(WEB, address):
        raise BadValue(_("'{value}' is not a URL").format(value=address[:60]))
    title = text(" ".join(str(kind).split()), _("the kind of tickets"), limit=120)
    return TicketLink(
        url=address,
        title="" if title.casefold() in PLAIN else title,
        sold_out=str(status).casefold() in SOLD_OUT,
    )
