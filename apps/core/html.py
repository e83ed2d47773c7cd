"""HTML from elsewhere: what may stand on a page of ours."""

from html import unescape

import nh3

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "a"),
    *("strong", "b", "em", "i", "u", "s", "sub", "sup", "small"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
SCHEMES = {"http", "https", "mailto"}


def sanitise(html: str) -> str:
    """HTML reduced to text, lists, tables and links. Safe to print as it is."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES)


def plain_text(html: str) -> str:
    """The text of `html` without any markup. Not HTML: whoever prints it escapes it."""
    return unescape(nh3.clean(html, tags=set(), attributes={})).replace("\xa0", " ").strip()
