"""QR codes as SVG that takes the size of its place; black on white in dark pages, too, as scanners want it."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    return Markup(segno.make(text, error="m").svg_inline(omitsize=True, border=4, light="#fff"))  # noqa: S704
