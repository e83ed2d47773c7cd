"""manage.py started by a bare Python, in a copy of the tree whose lock names one small wheel made here."""

import ast
import base64
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from project import bootstrap

ROOT = Path(__file__).resolve().parents[2]
BARE_PYTHON = str(Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}"))
COMMANDS = """
import sys
def main():
    import tinyband
    print(tinyband.VERSION, sys.prefix, *sys.argv[1:])
    sys.exit(3 if "fail" in sys.argv else 0)
"""


def make_wheel(folder: Path, name: str, version: str, body: str = "") -> str:
    """Writes the wheel; returns its line for a lock file."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = '{version}'\n{body}",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name_inside, text in {**files, f"{info}/RECORD": "\n".join([*record, f"{info}/RECORD,,", ""])}.items():
            wheel.writestr(name_inside, text)
    return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


class Tree:
    """A clone of Backline as far as its start goes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
        self.env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(root / "wheels")}

    @classmethod
    def planted(cls, root: Path) -> "Tree":
        for folder in ("project", "requirements", "wheels"):
            (root / folder).mkdir(parents=True)
        shutil.copy(ROOT / "manage.py", root)
        shutil.copy(ROOT / "project/bootstrap.py", root / "project")
        (root / "project/environment.py").write_text("def prepare(arguments): pass\n")
        (root / "project/commands.py").write_text(COMMANDS)
        tree = cls(root)
        tree.lock("1.0")
        return tree

    def copied(self, root: Path) -> "Tree":
        shutil.copytree(self.root, root, symlinks=True)
        return Tree(root)

    def lock(self, version: str) -> None:
        band = make_wheel(self.root / "wheels", "tinyband", version)
        (self.root / "requirements/app.lock").write_text(band + 'absent==9 ; sys_platform == "win32"\n')
        (self.root / "requirements/dev.lock").write_text(band + make_wheel(self.root / "wheels", "tinytool", "1.0"))

    def start(self, *words: str, python: str = BARE_PYTHON) -> "subprocess.Popen[str]":
        command = [python, str(self.root / "manage.py"), *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd="/", env=self.env, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )

    def run(self, *words: str, python: str = BARE_PYTHON) -> "subprocess.CompletedProcess[str]":
        process = self.start(*words, python=python)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    @property
    def python(self) -> str:
        return str(self.root / ".venv/bin/python")


@pytest.fixture
def bare(tmp_path: Path) -> Tree:
    """A clone that was never started."""
    return Tree.planted(tmp_path / "bare")


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tree, "subprocess.CompletedProcess[str]"]:
    tree = Tree.planted(tmp_path_factory.mktemp("tree") / "clone")
    return tree, tree.run("serve", "--port", "1")


@pytest.fixture
def started(first_start: tuple[Tree, object], tmp_path: Path) -> Tree:
    """A clone that has its packages."""
    return first_start[0].copied(tmp_path / "clone")


def seconds_of_children() -> float:
    """Of work, however busy the machine is with other things."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def assert_refused(done: "subprocess.CompletedProcess[str]", sentence: str) -> None:
    """One last line for people, exit code 1, no traceback."""
    assert done.returncode == 1
    assert sentence in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


class TestFirstStart:
    def test_installs_and_runs_the_command(self, first_start: tuple[Tree, "subprocess.CompletedProcess[str]"]) -> None:
        tree, done = first_start
        assert done.stdout.split() == ["1.0", str(tree.root / ".venv"), "serve", "--port", "1"]
        assert "Backline: making .venv" in done.stderr
        assert done.returncode == 0

    def test_killed_half_way_it_is_made_good_by_the_next(self, bare: Tree) -> None:
        process = bare.start("serve")
        while not (bare.root / ".venv/pyvenv.cfg").exists():
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert bare.run("serve").stdout.startswith("1.0 ")

    def test_two_at_once_install_once(self, bare: Tree) -> None:
        processes = [bare.start("serve") for _ in range(2)]
        outcomes = [process.communicate(timeout=60) for process in processes]
        assert all(out.startswith("1.0 ") for out, _ in outcomes)
        assert sum("making .venv" in err for _, err in outcomes) == 1


class TestLaterStart:
    def test_does_nothing_and_is_quick(self, started: Tree) -> None:
        before = seconds_of_children()
        done = started.run("serve", "fail")
        assert (done.returncode, done.stderr) == (3, "")
        assert seconds_of_children() - before < 2

    def test_inside_its_environment_does_nothing(self, started: Tree) -> None:
        assert started.run("serve", python=started.python).stderr == ""

    def test_changed_lock_is_installed(self, started: Tree) -> None:
        started.lock("2.0")
        assert started.run("serve").stdout.startswith("2.0 ")
        assert started.run("serve").stderr == ""

    def test_changed_lock_is_installed_from_inside(self, started: Tree) -> None:
        started.lock("2.0")
        assert started.run("serve", python=started.python).stdout.startswith("2.0 ")

    def test_developers_lock_holds_the_apps(self, started: Tree) -> None:
        assert "fetching" not in started.run("test").stderr
        assert (started.root / ".venv/backline.stamp").read_text().startswith("dev.lock")
        assert started.run("serve").stderr == started.run("check").stderr == ""

    def test_unfinished_install_is_not_trusted(self, started: Tree) -> None:
        (started.root / ".venv/backline.stamp").write_text("unfinished\n")
        next((started.root / ".venv/lib").glob("*/site-packages/tinyband.py")).unlink()
        assert started.run("serve").stdout.startswith("1.0 ")

    def test_foreign_environment_with_the_packages_is_used_as_it_is(self, started: Tree, bare: Tree) -> None:
        done = bare.run("serve", python=started.python)
        assert done.stdout.split()[:2] == ["1.0", str(started.root / ".venv")]
        assert not (bare.root / ".venv").exists()


class TestRefusal:
    def test_python_too_old(self) -> None:
        with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.10\."):
            bootstrap.require_python((3, 10))

    @pytest.mark.parametrize("name", ["manage.py", "project/__init__.py", "project/bootstrap.py"])
    def test_old_python_can_read_as_far_as_the_refusal(self, name: str) -> None:
        ast.parse((ROOT / name).read_text(), feature_version=(3, 6))

    def test_no_ensurepip(self, bare: Tree) -> None:
        (bare.root / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = None")
        bare.env["PYTHONPATH"] = str(bare.root)
        assert_refused(bare.run("serve"), "apt install python3-venv")

    def test_offline(self, started: Tree) -> None:
        started.lock("3.0")
        del started.env["PIP_NO_INDEX"], started.env["PIP_FIND_LINKS"]
        started.env |= {"PIP_PROXY": "http://127.0.0.1:9", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
        assert_refused(started.run("serve"), "pip cannot reach a package index")

    def test_package_that_the_lock_does_not_name(self, started: Tree) -> None:
        started.lock("4.0")
        make_wheel(started.root / "wheels", "tinyband", "4.0", "EVIL = True")
        assert_refused(started.run("serve"), "not the one that")

    def test_folder_not_writable(self, bare: Tree) -> None:
        bare.root.chmod(0o555)
        command = [BARE_PYTHON, str(bare.root / "manage.py"), "serve"]
        if os.geteuid() == 0:
            if shutil.which("setpriv") is None:
                pytest.skip("needs setpriv: root may write everywhere")
            command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
        assert_refused(subprocess.run(command, capture_output=True, text=True, check=False), "is not writable")

    def test_disk_full(self, bare: Tree, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        script = f"mount -t tmpfs -o size=2m tmpfs {disk} && cp -r {bare.root}/. {disk} && "
        inside = ["unshare", "--mount", "sh", "-c", script + f"exec {BARE_PYTHON} {disk}/manage.py serve"]
        if subprocess.run([*inside[:4], script + "true"], capture_output=True, check=False).returncode:
            pytest.skip("needs root with leave to mount a small disk")
        assert_refused(subprocess.run(inside, capture_output=True, text=True, check=False), "no space left")
