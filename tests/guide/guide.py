"""docs/managers.md as it is read here: its tasks, the words on the buttons, and the pictures."""

import re
from dataclasses import dataclass

from project.settings import ROOT

GUIDE = ROOT / "docs" / "managers.md"
ALBUM = ROOT / "docs" / "pictures" / "managers"
TASK = re.compile(r"^## (?P<title>.+?)\n(?P<text>.+?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
PICTURE = re.compile(r"!\[[^\]]+\]\(pictures/managers/([\w-]+)\.webp\)")
STEP = re.compile(r"^\d\. (.+)$", re.MULTILINE)
WORDS = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Task:
    """`words` are those in bold in its steps: on buttons, links and fields. The first picture is called as the task."""

    title: str
    words: frozenset[str]
    pictures: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.pictures[0]


def tasks() -> list[Task]:
    """In the order of the guide."""
    return [_task(**each.groupdict()) for each in TASK.finditer(GUIDE.read_text())]


def _task(*, title: str, text: str) -> Task:
    steps = "\n".join(STEP.findall(text))
    return Task(title, frozenset(WORDS.findall(steps)), tuple(PICTURE.findall(text)))
