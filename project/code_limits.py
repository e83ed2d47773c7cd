"""Limits of the code: small folders, files and functions, and no import cycles."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

from project.settings import ROOT

PACKAGES = ("apps", "project")
MOST_FILES, MOST_LINES, LONGEST_FUNCTION = 15, 300, 45
"""Files of a folder's own, lines of a file, lines of a function."""
Measured = tuple[int, str]


def figures() -> tuple[list[str], list[str]]:
    """The largest of each, and what is too large or leads in a circle: as sentences."""
    bounds = (
        (MOST_FILES, "files in a folder", list(_folders())),
        (MOST_LINES, "lines in a file", list(_files())),
        (LONGEST_FUNCTION, "lines in a function", list(_functions())),
    )
    told = [f"{max(found)[0]} {what}: {max(found)[1]}" for _most, what, found in bounds]
    wrong = [f"{size} {what}: {where}" for most, what, found in bounds for size, where in found if size > most]
    if cycle := import_cycle():
        wrong.append(f"imports in a circle: {' → '.join(cycle)}")
    return [*told, *([] if cycle else ["no import cycle"])], wrong


def import_cycle() -> list[str]:
    """One, or nothing. What only type checkers import counts, too."""
    graph = grimp.build_graph(*PACKAGES)
    try:
        TopologicalSorter({each: graph.find_modules_directly_imported_by(each) for each in graph.modules}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def _folders() -> Iterator[Measured]:
    for folder in sorted({path.parent for path in _sources()}):
        yield len([path for path in folder.glob("*.py") if path.name != "__init__.py"]), _named(folder)


def _files() -> Iterator[Measured]:
    for path in _sources():
        yield path.read_text().count("\n"), _named(path)


def _functions() -> Iterator[Measured]:
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                yield node.end_lineno - node.lineno + 1, f"{_named(path)}, {node.name}"


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))
