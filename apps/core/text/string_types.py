"""Texts and numbers as they come from outside: bounded, and without control characters."""

from typing import Annotated

from msgspec import Meta

from apps.core.text.i18n import lazy as _

SENTENCE = "sentence"
"""`Meta(extra={SENTENCE: …})`, of parameters `schema_extra=`: what people are told when the pattern does not fit."""
VERBATIM = "verbatim"
"""`Meta(extra={VERBATIM: True})`: blanks around it are a part of it, on a form too."""
END = r"$(?!\n)"  # Python's $ alone also matches before a last newline
LINE = rf"^[^\x00-\x1f\x7f]*{END}"
FILLED = rf"^[^\x00-\x1f]*[^\s\x00-\x1f\x85\ufeff][^\x00-\x1f]*{END}"
"""Something that is no blank, in whatever language reads the pattern: `\\S` would take control characters, too."""
Text = Annotated[str, Meta(max_length=200, pattern=LINE)]
FilledText = Annotated[str, Meta(min_length=1, max_length=200, pattern=FILLED)]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=rf"^(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+{END}",
        extra={SENTENCE: _("An email address looks like name@example.org.")},
    ),
]
"""As HTML's `type=email` has it; without `=?`, which mail programs read as an encoded word."""
Quantity = Annotated[int, Meta(ge=1, le=1000)]
Amount = Annotated[int, Meta(ge=0, le=100_000_000)]
"""Minor units of a currency."""
THREE_CAPITALS = rf"^[A-Z]{{3}}{END}"
NOT_THREE_CAPITALS = _("A currency is three capital letters: EUR.")
Currency = Annotated[str, Meta(pattern=THREE_CAPITALS, extra={SENTENCE: NOT_THREE_CAPITALS})]
Locale = Annotated[str, Meta(pattern=rf"^(en|ru){END}", extra={SENTENCE: _("The languages here are en and ru.")})]
Title = Annotated[str, Meta(min_length=1, max_length=255, pattern=FILLED)]
BLANK = r"\x00-\x20\x7f-\xa0"
"""Spelled out, for classes of characters: what `\\s` means differs between Python and JSON Schema."""
WEB = rf"https?://[^/?#@\\{BLANK}]+([/?#][^{BLANK}]*)?"
"""A pattern without its ends: an address of the web, without a name and password."""
WebAddress = Annotated[
    str,
    Meta(
        max_length=2000,
        pattern=rf"^{WEB}{END}",
        extra={SENTENCE: _("A URL starts with https:// or http://.")},
        examples=["https://tickets.example.org/1234"],
    ),
]
LongText = Annotated[str, Meta(max_length=20_000, pattern=rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*{END}")]
"""Of several lines."""
