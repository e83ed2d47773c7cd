"""The rows of a bank's CSV by which money came in."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise

from apps.checkout.queue.new_order import NUMBER_ALPHABET, NUMBER_LENGTH
from apps.checkout.statements.columns import Row, find_table
from apps.core.importing import Problem
from apps.core.money import is_currency, minor_units
from apps.core.text.i18n import lazy as _

MOST_ROWS = 5000
LONGEST = 1000
"""Characters of a cell that are looked at."""
LONGEST_NOTE = 200
NO_COLUMNS = _(
    "no columns for amount and reference were found: upload the file again and say which they are, by name or number"
)
NO_AMOUNT = _("“{text}” is no amount")
NO_CURRENCY = _("“{text}” is no currency")
TOO_MANY = _("there are more than {limit} rows: split the file; nothing after this was read").format(limit=MOST_ROWS)
NOT_CSV = _("This cannot be read as CSV.")
AMOUNT = re.compile(r"[+-]?\d[\d.,]*[+-]?")
WHOLE = re.compile(r"\d+|\d{1,3}([.,]\d{3})+")
LONGEST_AMOUNT = 20


@dataclass(frozen=True, slots=True)
class StatementRow:
    """Minor units that came in. `numbers`: what may be numbers of orders in the reference."""

    line: int
    amount: int
    currency: str
    numbers: frozenset[str]
    note: str
    digest: bytes


@dataclass(slots=True)
class Reading:
    rows: list[StatementRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)


def read_statement(data: bytes, chosen: Mapping[str, str], *, currency: str) -> Reading:
    """`chosen`: names or numbers of columns, `currency`: of amounts beside which none stands. Never raises."""
    reading = Reading()
    try:
        table = find_table(data, chosen, most=MOST_ROWS)
    except csv.Error:
        reading.problems.append(Problem(1, NOT_CSV))
        return reading
    if table is None:
        reading.problems.append(Problem(1, NO_COLUMNS))
        return reading
    for number, row in enumerate(table.rows):
        if number == MOST_ROWS:
            reading.problems.append(Problem(row[0], TOO_MANY))
            break
        _read(row, table.columns, currency, reading)
    return reading


def _read(row: Row, columns: Mapping[str, int], currency: str, reading: Reading) -> None:
    """Nothing of an empty row, and of money that went out."""
    line, cells = row
    told = {name: cells[place][:LONGEST] if place < len(cells) else "" for name, place in columns.items()}
    if not told["amount"]:
        return
    code = told.get("currency", "").upper() or currency
    if not is_currency(code):
        reading.problems.append(Problem(line, NO_CURRENCY.format(text=code[:20])))
        return
    amount = amount_of(told["amount"], code)
    if amount is None:
        reading.problems.append(Problem(line, NO_AMOUNT.format(text=told["amount"][:40])))
    elif amount > 0:
        reading.rows.append(_row(line, amount, code, told))


def _row(line: int, amount: int, currency: str, told: Mapping[str, str]) -> StatementRow:
    date, purpose = told.get("date", ""), told["purpose"]
    note = " · ".join(filter(None, (date, told.get("counterparty", ""), f"#{line}")))
    whole = "\x1f".join((date, str(amount), currency, purpose.casefold()))
    return StatementRow(
        line=line,
        amount=amount,
        currency=currency,
        numbers=frozenset(_numbers(purpose)),
        note=note[:LONGEST_NOTE],
        digest=sha256(whole.encode()).digest(),
    )


def amount_of(text: str, currency: str) -> int | None:
    """`1.234,56`, `1,234.56`, `1 234.5 €`, `12,00-` in minor units; None for what is none."""
    plain = re.sub(r"[^\d.,+-]", "", text.replace("\u2212", "-"))
    if not AMOUNT.fullmatch(plain) or len(plain) > LONGEST_AMOUNT:
        return None
    digits = plain.strip("+-")
    place = max(digits.rfind("."), digits.rfind(","))
    has_decimals = place >= 0 and (len(digits) - place != 4 or len(set(digits) & {".", ","}) == 2)
    whole, fraction = (digits[:place], digits[place + 1 :]) if has_decimals else (digits, "")
    if not WHOLE.fullmatch(whole):
        return None
    value = minor_units(Decimal(f"{re.sub('[.,]', '', whole)}.{fraction or 0}"), currency)
    return -value if "-" in plain else value


def _numbers(purpose: str) -> Iterator[str]:
    """Words that look like the number of an order, also where the bank has put a blank into it."""
    words = re.findall("[A-Z0-9]+", purpose.upper())
    for each in (*words, *(first + second for first, second in pairwise(words))):
        if len(each) == NUMBER_LENGTH and set(each) <= set(NUMBER_ALPHABET):
            yield each
