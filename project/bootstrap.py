"""Gives manage.py the packages it needs: makes .venv from the lock file and starts the command again inside it.

Only the standard library, and only what Python 3.6 can read, so that an old Python gets a sentence and not a traceback.
"""

import errno
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator  # noqa: UP035

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "backline.stamp"
APP = ROOT / "requirements" / "app.lock"
DEV = ROOT / "requirements" / "dev.lock"
OLDEST = (3, 11)

_DEVELOPERS = {"check", "test"}
_UNFINISHED = "unfinished\n"
_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)\s*(;?)", re.MULTILINE)
_STEP = re.compile(r"\s*(Collecting|Downloading|Using cached|Processing) (\S+)(?<!\.metadata)(?:\s|$)")
_CAUSES = (
    ("DO NOT MATCH THE HASHES", "A downloaded package is not the one that {lock} names; nothing was installed."),
    (r"No space left on device|Errno 28\b|quota exceeded", "There is no space left on the disk of {root}. Free some."),
    ("Permission denied|Read-only file system", "{root} is not writable: run as its owner, or use a copy of your own."),
    (
        "connection broken|Could not fetch URL|from versions: none",
        "pip cannot reach a package index that has what {lock} names. Check the network and pip's settings.",
    ),
)


def ensure_packages(argv: "list[str]") -> None:
    """Returns once this process has the packages for the command in `argv`; else installs them and starts it anew."""
    require_python(sys.version_info[:2])
    with _explained():
        lock = _lock_for(argv)
        inside = Path(sys.prefix).resolve() == VENV.resolve()
        if inside and _stamped(lock):
            return
        if not (inside and _stamp() == _UNFINISHED) and _has_packages(lock):
            return
        if not _stamped(lock):
            _install(lock)
        sys.stdout.flush()
        os.execv(str(PYTHON), [str(PYTHON), *sys.orig_argv[1:]])  # noqa: S606


def require_python(version: "tuple[int, ...]") -> None:
    """Exits with a sentence when `version` is too old."""
    if version < OLDEST:
        found, needed = (".".join(map(str, pair)) for pair in (version[:2], OLDEST))
        raise SystemExit(
            f"Backline needs Python {needed} or newer; this is {found}. Install it, then: python{needed} manage.py"
        )


def _lock_for(argv: "list[str]") -> Path:
    command = next((word for word in argv[1:] if not word.startswith("-")), "")
    was_developers = _stamp().startswith(DEV.name)
    return DEV if command in _DEVELOPERS or was_developers else APP


def _stamp() -> str:
    return STAMP.read_text() if STAMP.exists() else ""


def _stamped(lock: Path) -> bool:
    """True when .venv was made from this lock, or from the developers', which holds everything."""
    stamp = _stamp()
    return any(stamp == _mark(each) for each in (lock, DEV) if each.exists())


def _mark(lock: Path) -> str:
    """What the stamp says when .venv has all of `lock`; another interpreter behind .venv makes it void."""
    content = b"".join(path.read_bytes() for path in (APP, lock))
    return f"{lock.name} {hashlib.sha256(content).hexdigest()} {os.path.realpath(PYTHON)}\n"


def _has_packages(lock: Path) -> bool:
    """True when the running interpreter has every version that `lock` pins for all platforms."""
    from importlib.metadata import PackageNotFoundError, version  # Python 3.6 has none

    pins = _PIN.findall(lock.read_text())
    try:
        return all(_same(version(name), pinned) for name, pinned, marker in pins if not marker)
    except PackageNotFoundError:
        return False


def _same(found: str, pinned: str) -> bool:
    """18.6 is 18.6.0."""
    return re.sub(r"(\.0)+$", "", found) == re.sub(r"(\.0)+$", "", pinned)


def _install(lock: Path) -> None:
    started = time.monotonic()
    with _one_at_a_time():
        if _stamped(lock):
            return
        _prepare_venv()
        _pip(lock)
        STAMP.write_text(_mark(lock))
    _say(f"ready after {time.monotonic() - started:.0f} s", end="\n")


@contextmanager
def _one_at_a_time() -> "Iterator[None]":
    descriptor = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another start is installing the packages, waiting for it", end="\n")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _prepare_venv() -> None:
    """An environment with a pip that works. What an interrupted install left is not trusted."""
    usable = _stamp() != _UNFINISHED and _works()
    if not usable:
        _require_ensurepip()
        _say("making .venv")
        if VENV.exists():
            shutil.rmtree(VENV)
        VENV.mkdir()
    STAMP.write_text(_UNFINISHED)
    if not usable:
        base = getattr(sys, "_base_executable", sys.executable)
        # Two steps, because venv hides why ensurepip failed.
        _run([base, "-m", "venv", "--without-pip", str(VENV)], APP)
        _run([str(PYTHON), "-m", "ensurepip", "--default-pip"], APP)


def _works() -> bool:
    if not PYTHON.exists():
        return False
    code = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    run = subprocess.run([str(PYTHON), "-c", code], stderr=subprocess.DEVNULL, check=False)
    return run.returncode == 0


def _require_ensurepip() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise SystemExit("This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv")


def _pip(lock: Path) -> None:
    options = ["--require-hashes", "--progress-bar", "off", "--disable-pip-version-check", "--no-input"]
    progress = _Progress(len(_PIN.findall(lock.read_text())))
    _run([str(PYTHON), "-m", "pip", "install", *options, "-r", str(lock)], lock, progress.show)


def _run(command: "list[str]", lock: Path, show: "Callable[[str], object]" = str) -> None:
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    ) as run:
        for line in run.stdout or ():
            lines.append(line.strip())
            show(line)
    if run.returncode:
        raise SystemExit(_clear() + _cause("\n".join(lines), lock))


class _Progress:
    """Tells from pip's lines how far it is."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = {"looking up": 0, "fetching": 0}

    def show(self, line: str) -> None:
        if line.startswith("Installing collected packages"):
            _say("unpacking the packages")
        step = _STEP.match(line)
        if step:
            label = "looking up" if step[1] == "Collecting" else "fetching"
            name = re.split(r"[=<>~\[-]", step[2].rpartition("/")[2])[0]
            self._count(label, name)

    def _count(self, label: str, name: str) -> None:
        self.done[label] += 1
        if sys.stderr.isatty() or self.done[label] % 20 == 0:
            _say(f"{label} packages, {self.done[label]} of {self.total}: {name}")


def _cause(output: str, lock: Path) -> str:
    for pattern, sentence in _CAUSES:
        if re.search(pattern, output):
            return sentence.format(root=ROOT, lock=lock)
    lines = [line for line in output.splitlines() if line]
    telling = [line for line in lines if "ERROR" in line] or lines or ["no reason given"]
    return f"The packages could not be installed: {telling[-1]}"


@contextmanager
def _explained() -> "Iterator[None]":
    try:
        yield
    except OSError as error:
        text = f"{os.strerror(error.errno or errno.EIO)}: {error.filename}"
        raise SystemExit(_clear() + _cause(text, APP)) from error
    except KeyboardInterrupt:
        _say("interrupted; the next start takes it up again", end="\n")
        raise SystemExit(130) from None


def _say(text: str, end: str = "") -> None:
    """One line that is written over on a terminal, plain lines elsewhere."""
    sys.stderr.write(f"{_clear()}Backline: {text}{end or ('' if sys.stderr.isatty() else os.linesep)}")
    sys.stderr.flush()


def _clear() -> str:
    return "\r\033[K" if sys.stderr.isatty() else ""
