"""What `manage.py check` says of folders, files, functions and imports."""

from pathlib import Path

import pytest

from project import code_limits


def test_the_house_is_kept() -> None:
    told, wrong = code_limits.figures()
    assert told[-1] == "no import cycle"
    assert wrong == []


def test_what_is_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crowded = tmp_path / "apps" / "shop"
    crowded.mkdir(parents=True)
    for number in range(code_limits.MOST_FILES + 1):
        (crowded / f"file_{number}.py").touch()
    lines = ["async def work():", *["    pass"] * code_limits.LONGEST_FUNCTION, *["x = 1"] * code_limits.MOST_LINES]
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "long.py").write_text("\n".join(lines))
    monkeypatch.setattr(code_limits, "ROOT", tmp_path)
    _told, wrong = code_limits.figures()
    assert wrong == [
        "16 files in a folder: apps/shop",
        "345 lines in a file: project/long.py",
        "46 lines in a function: project/long.py, work",
    ]


def test_a_circle_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_limits, "import_cycle", lambda: ["apps.a", "apps.b", "apps.a"])
    assert code_limits.figures()[1] == ["imports in a circle: apps.a → apps.b → apps.a"]


def test_what_only_type_checkers_import_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = tmp_path / "ring"
    ring.mkdir()
    (ring / "__init__.py").touch()
    (ring / "a.py").write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ring.b\n")
    (ring / "b.py").write_text("import ring.a\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(code_limits, "PACKAGES", ("ring",))
    assert set(code_limits.import_cycle()) == {"ring.a", "ring.b"}
