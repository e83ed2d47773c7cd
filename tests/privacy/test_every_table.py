"""Every table with anything about people is claimed by an app's `personal_data.py`, or stands here with a reason."""

from collections.abc import Iterator

from sqlalchemy import Column, Enum, LargeBinary, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from apps.core.db.database import Base
from apps.core.privacy.holdings import Rows, holdings
from apps.privacy.exporting.labels import LABELS, ONLY_IN_JSON
from apps.privacy.exporting.value_words import TOLD_IN_WORDS, VALUE_WORDS
from project.settings import INSTALLED_APPS

CATALOGUE = "what the band sells, written by staff for everybody"
NOT_PERSONAL = {
    "category": CATALOGUE,
    "product": CATALOGUE,
    "product_image": CATALOGUE,
    "product_price": CATALOGUE,
    "product_word": "words of products",
    "variant": CATALOGUE,
    "offer": CATALOGUE,
    "offer_kind": CATALOGUE,
    "offer_price": CATALOGUE,
    "offer_pool": CATALOGUE,
    "concert": CATALOGUE,
    "concert_notice": "what was changed of a concert",
    "ticket_type": CATALOGUE,
    "tour": CATALOGUE,
    "venue": "a place",
    "former_slug": "addresses of what the band sells",
    "image": "pictures of what the band sells, which staff upload",
    "picture_fetch": "addresses of pictures in files of products",
    "file_import": "files of products, concerts and bank statements, kept for a week; who brought them in is an id",
    "pool": "how many there are of a thing",
    "stock_movement": "why there are more or fewer of a thing; who counted them is an id",
    "role": "sets of permissions",
    "webhook_endpoint": "addresses of programs, which staff enter",
    "payment_provider": "names of providers, and whether they answered",
    "bank_statement_row": "hashes of rows that count once",
    "process": "processes of ours",
    "invoice_series": "beginnings of numbers",
    "rate_count": "keyed hashes, for minutes",
    "used_challenge": "random ids",
    "ended_device": "random names of browsers, which lead to nobody",
}
"""Tables without anything about a person."""


def tables() -> Iterator[Table]:
    """Of our apps, whatever a test has added."""
    for mapper in Base.registry.mappers:
        app = mapper.class_.__module__.rpartition(".")[0]
        if any(f"{app}.".startswith(f"{each}.") for each in INSTALLED_APPS) and isinstance(mapper.local_table, Table):
            yield mapper.local_table


def may_name_somebody(column: Column) -> bool:
    """Text, JSON and bytes, unless a check lets only words of ours in; and the ids of users."""
    is_word = column.type.__class__.__name__ == "Enum" or column.name in ("currency", "locale")
    is_text = isinstance(column.type, String | JSONB | LargeBinary) and not is_word
    return is_text or any(key.column.table.name == "users" for key in column.foreign_keys)


def unsaid(rows: Rows) -> list[str]:
    """Columns of which nobody said what becomes of them."""
    if rows.erased is None:
        return []
    said = {*rows.erased, *rows.kept}
    return [each.name for each in rows.table.columns if may_name_somebody(each) and each.name not in said]


def test_each_is_claimed_or_explained() -> None:
    claimed = {rows.name for rows in holdings()}
    assert {table.name for table in tables()} - claimed == set(NOT_PERSONAL)


def test_of_rows_that_stay_each_text_is_emptied_or_explained() -> None:
    """A column that is added has to be thought of."""
    assert {rows.name: left for rows in holdings() if (left := unsaid(rows))} == {}


def test_what_is_said_is_there() -> None:
    for rows in holdings():
        told = {*rows.hidden, *rows.leads_to, *rows.words, *(rows.erased or ()), *rows.kept}
        assert told <= {each.name for each in rows.table.columns}, rows.name


def test_no_table_is_claimed_twice() -> None:
    names = [rows.name for rows in holdings()]
    assert len(names) == len(set(names))


def test_secrets_are_in_no_export() -> None:
    secret = ("secret", "token_hash", "password_hash", "nonce")
    shown = {f"{rows.name}.{each.name}" for rows in holdings() for each in rows.table.columns if each.name in secret}
    hidden = {f"{rows.name}.{name}" for rows in holdings() for name in rows.hidden}
    assert shown <= hidden


def test_the_page_for_people_has_a_name_for_each_column_that_is_shown() -> None:
    shown = {column.key for rows in holdings() for column in rows.table.c if column.key not in rows.hidden}
    assert {name for name in shown if name != "id" and not name.endswith("_id")} == LABELS.keys() | ONLY_IN_JSON


def test_that_page_has_words_for_each_state_and_kind() -> None:
    columns = [column for rows in holdings() for column in rows.table.c if column.key in LABELS.keys() - rows.hidden]
    chosen = [(each.key, each.type) for each in columns if isinstance(each.type, Enum)]
    assert {name for name, _ in chosen} == TOLD_IN_WORDS
    assert {value for _, kind in chosen for value in kind.enums} == VALUE_WORDS.keys()
