"""HTML from elsewhere: what may stand on a page of ours."""

import re
from html import unescape

import nh3

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "a"),
    *("strong", "b", "em", "i", "u", "s", "sub", "sup", "small"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
SCHEMES = {"http", "https", "mailto"}
BLOCK = re.compile(r"<(p|br|hr|h[2-6]|blockquote|pre|ul|ol|dl|table)\b")
BLANK_LINES = re.compile(r"\n\s*\n")


def sanitise(html: str) -> str:
    """HTML reduced to text, lists, tables and links. Safe to print as it is."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES)


def with_paragraphs(sanitised: str) -> str:
    """What was typed as a plain text, a word in bold perhaps, keeps its lines; what has blocks of its own stays."""
    text = sanitised.strip()
    if not text or BLOCK.search(text):
        return text
    paragraphs = "".join(f"<p>{part}</p>" for part in BLANK_LINES.split(text))
    return sanitise(paragraphs.replace("\n", "<br>"))  # closes what is open where a paragraph ends


def plain_text(html: str) -> str:
    """The text of `html` without any markup. Not HTML: whoever prints it escapes it."""
    return unescape(nh3.clean(html, tags=set(), attributes={})).replace("\xa0", " ").strip()
