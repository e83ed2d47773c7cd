"""docs/managers.md as it is read here: its tasks, the words on the buttons, and the pictures."""

import re
from dataclasses import dataclass

from project.settings import ROOT

GUIDE = ROOT / "docs" / "managers.md"
ALBUM = ROOT / "docs" / "pictures" / "managers"
TASK = re.compile(r"^## (?P<title>.+?)\n(?P<text>.+?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"!\[[^\]]+\]\(pictures/managers/([\w-]+)\.webp\)")
WORDS = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Task:
    """`words` are in bold: they stand on buttons, links and fields. The first picture is called as the task."""

    title: str
    words: frozenset[str]
    pictures: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.pictures[0]


def tasks() -> list[Task]:
    """In the order of the guide."""
    found = TASK.finditer(GUIDE.read_text())
    return [
        Task(each["title"], frozenset(WORDS.findall(each["text"])), tuple(PICTURE.findall(each["text"])))
        for each in found
    ]
