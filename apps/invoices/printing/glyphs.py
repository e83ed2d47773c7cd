"""Which characters can be printed. PDF/A refuses a file that shows any without a glyph, and what is invisible only
misleads: both become �. The XML inside the file has every text as it is."""

import re
import unicodedata

PRINTABLE = (
    "\x20-\x7e\xa0-\xac\xae-\u0377\u038e-\u03a1\u03a3-\u04ff\u05d0-\u05ea\u0621-\u063a\u0640-\u064a\u0660-\u066d"
    "\u1d00-\u1f15\u2010-\u2027\u2030-\u2040\u2074-\u208e\u20a0-\u20c0\u2100-\u211e\u2126-\u2151\u2153-\u2184"
    "\u2190-\u23ff\u2460-\u262f\u2638-\u268b\ufffd"
)
"""What typst's own fonts have, as the body of a class of characters."""
SPACES = re.compile(r"[\s\x00-\x1f]+")
UNPRINTABLE = re.compile(f"[^{PRINTABLE}]+")
LONG_WORD = re.compile(r"\S{20}(?=\S)")
BREAK = "\u200b"


def printable(text: str) -> str:
    """On one line; words that are too long for it may be broken anywhere."""
    shown = UNPRINTABLE.sub("\ufffd", SPACES.sub(" ", unicodedata.normalize("NFC", text)))
    return LONG_WORD.sub(lambda found: found.group() + BREAK, shown).strip()
