"""Shopify's product CSV as a sheet: which columns it has, and its lines as named cells.

Shopify renamed its columns in 2024 ("Handle" became "URL handle", "Variant Price" "Price"); both names are read.
Spreadsheets save it with semicolons or tabs, too: the first line tells.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from apps.core.importing import (
    BEGINNING,
    MOST_LINES,
    TOO_MANY_LINES,
    UNSTORABLE,
    Problem,
    decode,
    decode_beginning,
)
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _

COLUMNS: dict[str, tuple[str, ...]] = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "description": ("body (html)", "body html", "description"),
    "vendor": ("vendor",),
    "category": ("type", "custom product type"),
    "taxonomy": ("product category", "standard product type"),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    **{f"option{n}_name": (f"option{n} name",) for n in (1, 2, 3)},
    **{f"option{n}_value": (f"option{n} value",) for n in (1, 2, 3)},
    "sku": ("variant sku", "sku"),
    "barcode": ("variant barcode", "barcode"),
    "grams": ("variant grams", "weight value (grams)"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "price": ("variant price", "price"),
    "compare_at": ("variant compare at price", "compare-at price"),
    "needs_shipping": ("variant requires shipping", "requires shipping"),
    "taxable": ("variant taxable", "charge tax"),
    "image": ("image src", "product image url"),
    "image_position": ("image position",),
    "image_alt": ("image alt text",),
    "variant_image": ("variant image", "variant image url"),
    "gift_card": ("gift card",),
}
OPEN_QUOTATION = _("a quotation mark is opened and never closed; nothing after it was read")
LONGEST_CELL = 2**24
DELIMITERS = ",;\t"
NAMES = frozenset({"handle", "title"})
"""Of these columns a sheet has one, and one with prices."""

Cells = dict[str, str]


@dataclass(slots=True)
class Sheet:
    columns: frozenset[str] = frozenset()
    lines: list[tuple[int, Cells]] = field(default_factory=list)
    left_out: list[tuple[int, Cells]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_sheet(data: bytes) -> Sheet:
    """Every line that is not blank, by the number of the physical line it begins on; a cell that is not there is ''."""
    sheet = Sheet()
    text = decode(data)
    rows = _rows(text, sheet.problems, _delimiter(text))
    _line, header = next(rows, (1, []))
    names = _names(header)
    sheet.columns = frozenset(names)
    if missing := _missing(sheet.columns):
        sheet.problems.append(Problem(1, missing))
        return sheet
    for number, (line, row) in enumerate(rows):
        if number == MOST_LINES:
            sheet.problems.append(Problem(line, TOO_MANY_LINES))
            break
        if fault := _fault(row, header):
            sheet.problems.append(Problem(line, fault))
        (sheet.left_out if fault else sheet.lines).append((line, _cells(row, names)))
    return sheet


def columns_of(data: bytes) -> frozenset[str]:
    """Of the first line, by our names. No more of the file is looked at."""
    text = decode_beginning(data)
    return frozenset(_names(_header(text, _delimiter(text))))


def _delimiter(text: str) -> str:
    """The one by which the first line has the most columns that we know."""
    beginning = text[:BEGINNING]
    return max(DELIMITERS, key=lambda each: len(_names(_header(beginning, each))))


def _header(text: str, delimiter: str) -> list[str]:
    _line, header = next(_rows(text, [], delimiter), (1, []))
    return header


def _rows(text: str, problems: list[Problem], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_CELL)
    source = _Source(text)
    reader = csv.reader(source, delimiter=delimiter)
    start = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            problems.append(Problem(start, _("this line cannot be read")))
            row = []
        if row is None:
            return
        if source.ended:
            problems.append(Problem(start, OPEN_QUOTATION))
        elif any(cell.strip() for cell in row):
            yield start, row
        start = reader.line_num + 1


class _Source:
    """Physical lines. The reader asks for one more at the end of the file only when a quotation mark is still open."""

    def __init__(self, text: str) -> None:
        self.lines = iter(io.StringIO(text, newline=""))
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return next(self.lines)
        except StopIteration:
            self.ended = True
            raise


def _names(header: list[str]) -> dict[str, int]:
    """Our name → the position of its column."""
    positions: dict[str, int] = {}
    for position, title in enumerate(header):
        positions.setdefault(" ".join(title.casefold().split()), position)
    found = {
        name: next((positions[alias] for alias in aliases if alias in positions), None)
        for name, aliases in COLUMNS.items()
    }
    return {name: position for name, position in found.items() if position is not None}


def _missing(columns: frozenset[str]) -> Lazy | None:
    if not columns & NAMES:
        return _("this is not Shopify's product CSV: there is no column Handle or Title")
    return None if "price" in columns else _("there is no column with prices (Variant Price)")


def _fault(row: list[str], header: list[str]) -> Lazy | None:
    if any(cell.strip() for cell in row[len(header) :]):
        return _("there are more cells than columns; is a comma not inside quotation marks?")
    return _("a cell holds a character that cannot be stored") if any(map(UNSTORABLE.search, row)) else None


def _cells(row: list[str], names: dict[str, int]) -> Cells:
    return {name: row[names[name]].strip() if names.get(name, len(row)) < len(row) else "" for name in COLUMNS}
