"""Every sentence of the source has its Russian."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from apps.core.text.i18n import CATALOGUES
from project.settings import ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.fixture(scope="module")
def source() -> Catalog:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")
    found = Catalog()
    for folder in ("apps", "project"):
        here = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods if folder in pattern]
        chosen = {pattern.removeprefix(f"{folder}/"): value for pattern, value in options.items()}
        for _path, _line, message, _comments, context in extract_from_dir(ROOT / folder, here, chosen):
            found.add(message, context=context)
    return found


@pytest.fixture(scope="module")
def russian() -> Catalog:
    with (CATALOGUES / "ru.po").open("rb") as file:
        return read_po(file, locale="ru")


def test_nothing_is_left_in_english(source: Catalog, russian: Catalog) -> None:
    assert len(source) > 150
    known = {message.id for message in russian if message.id and all(texts(message.string)) and not message.fuzzy}
    assert {message.id for message in source if message.id} - known == set()


def test_nothing_is_translated_that_nobody_says(source: Catalog, russian: Catalog) -> None:
    assert {message.id for message in russian} - {message.id for message in source} == set()


def test_translations_ask_for_nothing_new(russian: Catalog) -> None:
    for message in russian:
        known = set(PLACEHOLDER.findall(" ".join(texts(message.id))))
        for text in texts(message.string):
            assert set(PLACEHOLDER.findall(text)) <= known, message.id


def test_plurals_have_three_forms(russian: Catalog) -> None:
    assert [message for message in russian if message.pluralizable]
    for message in russian:
        if message.pluralizable:
            assert len(texts(message.string)) == 3, message.id


def texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
