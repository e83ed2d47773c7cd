"""Every sentence of the source has its Russian, in the catalogue of the lowest app that says it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from apps.core.text.i18n import catalogues, merged, sentences
from project.settings import INSTALLED_APPS, ROOT

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


HOMES = {app: ROOT.joinpath(*app.split(".")) for app in INSTALLED_APPS}


@pytest.fixture(scope="module")
def said() -> dict[str, set[str]]:
    """Each sentence, and the apps that say it."""
    apps: dict[str, set[str]] = {}
    for path, message in extracted():
        apps.setdefault(first(message), set()).add(app_of(path))
    return apps


@pytest.fixture(scope="module")
def source() -> Catalog:
    found = Catalog()
    for _path, message in extracted():
        found.add(message)
    return found


@pytest.fixture(scope="module")
def russian() -> Catalog:
    return merged("ru")


def extracted() -> Iterator[tuple[Path, str | tuple[str, ...]]]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")
    for folder in ("apps", "project"):
        here = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods if folder in pattern]
        chosen = {pattern.removeprefix(f"{folder}/"): value for pattern, value in options.items()}
        for path, _line, message, _comments, _context in extract_from_dir(ROOT / folder, here, chosen):
            yield ROOT / folder / path, message


def app_of(path: Path) -> str:
    """The innermost one; what no app says, project/ does, and its Russian is with apps.core."""
    around = [app for app, home in HOMES.items() if home in path.parents]
    return max(around, key=len, default="apps.core")


def test_each_sentence_stands_once_with_the_lowest_app_that_says_it(said: dict[str, set[str]]) -> None:
    places = {sentence: min(apps, key=INSTALLED_APPS.index) for sentence, apps in said.items()}
    found: dict[str, list[str]] = {}
    for path in catalogues("ru"):
        for message in sentences(path):
            found.setdefault(first(message.id), []).append(app_of(path))
    assert {sentence: apps for sentence, apps in found.items() if apps != [places.get(sentence)]} == {}


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


def first(message: str | tuple[str, ...] | list[str]) -> str:
    """A plural is known by its singular."""
    return texts(message)[0]


def texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
