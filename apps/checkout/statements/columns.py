"""Which column of a bank's CSV is which: by its name in English, German or Russian, or as somebody says."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.core.importing import decode

DELIMITERS = ";,\t"
BEGINNING = 8000
"""Characters in which the names of the columns stand."""
SEARCHED = 30
"""Rows at the beginning: banks put the account and its balance above the names of the columns."""
Row = tuple[int, list[str]]
"""With the number of its line."""


def _names(*lines: str) -> frozenset[str]:
    return frozenset(name.strip() for line in lines for name in line.split(","))


NAMES: Mapping[str, frozenset[str]] = {
    "amount": _names(
        "amount, credit, credit amount, paid in, money in",
        "betrag, betrag (eur), betrag (€), umsatz, haben, gutschrift",
        "сумма, сумма операции, сумма платежа, сумма по кредиту, кредит, приход, поступление, зачисление",
    ),
    "purpose": _names(
        "purpose, reference, payment reference, description, details, memo, remittance information",
        "verwendungszweck, zweck",
        "назначение, назначение платежа, описание, детали, комментарий",
    ),
    "currency": _names("currency, ccy, währung, waehrung, валюта, валюта операции"),
    "date": _names(
        "date, booking date, transaction date, value date, completed date",
        "datum, buchungstag, buchungsdatum, valuta, valutadatum, wertstellung",
        "дата, дата операции, дата проводки, дата платежа",
    ),
    "counterparty": _names(
        "counterparty, payer, name, sender, from",
        "auftraggeber, auftraggeber/empfänger, zahlungspflichtiger, zahlungspflichtige*r, name zahlungsbeteiligter",
        "beguenstigter/zahlungspflichtiger, begünstigter/zahlungspflichtiger",
        "контрагент, плательщик, отправитель, наименование плательщика",
    ),
}
NEEDED = ("amount", "purpose")


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: the place of each that is known. `rows` are those below the names."""

    columns: Mapping[str, int]
    rows: Sequence[Row]


def find_table(data: bytes, chosen: Mapping[str, str], *, most: int) -> Table | None:
    """None where amount and purpose are not found. `chosen`: names or numbers of columns. Raises csv.Error."""
    for text in _texts(data):
        for delimiter in DELIMITERS:
            rows = _rows(text, delimiter, most=most + SEARCHED)
            if table := _table(rows, chosen):
                return table
    return None


def _texts(data: bytes) -> Sequence[str]:
    """A file that is not Unicode is Windows-1251 where its columns have Russian names, else Windows-1252."""
    try:
        return [data.decode("utf-8-sig")]
    except UnicodeDecodeError:
        cyrillic = data.decode("cp1251", errors="replace")
        beginning = cyrillic[:BEGINNING].casefold()
        is_russian = any(name in beginning for names in NAMES.values() for name in names if not name.isascii())
        return [cyrillic] if is_russian else [decode(data)]


def _rows(text: str, delimiter: str, *, most: int) -> list[Row]:
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    found: list[Row] = []
    for cells in reader:
        found.append((reader.line_num, [" ".join(each.split()) for each in cells]))
        if len(found) > most:
            break
    return found


def _table(rows: Sequence[Row], chosen: Mapping[str, str]) -> Table | None:
    numbers = {name: int(each) - 1 for name, each in chosen.items() if each.isdecimal() and int(each) > 0}
    if all(name in numbers for name in NEEDED):
        is_wide = any(len(cells) > max(numbers.values()) for _, cells in rows)
        return Table(numbers, rows) if is_wide else None
    for place, (_line, cells) in enumerate(rows[:SEARCHED]):
        columns = {**_recognised(cells, chosen), **numbers}
        if all(name in columns for name in NEEDED):
            return Table(columns, rows[place + 1 :])
    return None


def _recognised(cells: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """The first column of each name; a name that somebody has chosen counts alone."""
    headers = [each.casefold() for each in cells]
    names = {name: {chosen[name].casefold()} if chosen.get(name) else known for name, known in NAMES.items()}
    found = {name: [place for place, each in enumerate(headers) if each in names[name]] for name in NAMES}
    return {name: places[0] for name, places in found.items() if places}
