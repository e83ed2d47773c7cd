"""The list of breached passwords: imported whole or not at all, and every password of it is found, and no other."""

import gzip
import os
from collections.abc import Callable, Iterable
from hashlib import sha1
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.accounts.commands import passwords
from apps.accounts.passwords import commands
from apps.accounts.passwords.breaches import list_file, lookup, sources
from apps.accounts.passwords.breaches.importing import import_list
from apps.accounts.passwords.breaches.list_file import HASHES_AT, HEADER, BreachedPasswords, DamagedList
from apps.accounts.passwords.breaches.lookup import list_problems
from apps.accounts.passwords.breaches.sources import AT_A_TIME, blocks_of
from apps.core.db.database import Database
from tests.accounts.fan import PASSWORD, Fan
from tests.journeys.customer import sql
from tests.project.test_commands import manage

BREACHED = ["seven gulls over the harbour", "nine herons under the bridge", "пять чаек над гаванью", "kR8vT2mWqZ"]
Run = Callable[..., Result]


def hashed(password: str) -> str:
    return sha1(password.encode()).hexdigest().upper()


def lines(known: Iterable[str], *, end: str = "\r\n") -> bytes:
    return "".join(f"{each}:{number}{end}" for number, each in enumerate(sorted(map(hashed, known)), 1)).encode()


def damage(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"nonsense")


def make_folder(path: Path) -> None:
    path.mkdir(parents=True)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the list of this test is kept."""
    path = tmp_path / "data" / "breached-passwords"
    for module in (lookup, commands):
        monkeypatch.setattr(module, "LIST", path)
    return path


@pytest.fixture
def run(place: Path, tmp_path: Path) -> Run:
    """`passwords import` of such a file, or another command of the group."""

    def ran(content: bytes | Path | None = None, command: str = "import") -> Result:
        arguments = [command]
        if isinstance(content, bytes):
            (tmp_path / "list").write_bytes(content)
            content = tmp_path / "list"
        return CliRunner().invoke(passwords, arguments + ([str(content)] if content else []))

    return ran


class TestLookup:
    @settings(max_examples=25)
    @given(known=st.sets(st.text(max_size=20), min_size=1), others=st.sets(st.text(max_size=20)))
    def test_what_was_imported_is_found_and_nothing_else(
        self, tmp_path_factory: pytest.TempPathFactory, known: set[str], others: set[str]
    ) -> None:
        known = {each for each in known if each.isprintable()} or {"gulls"}
        folder = tmp_path_factory.mktemp("list")
        (folder / "list.txt").write_bytes(lines(known))
        assert import_list(blocks_of(folder / "list.txt"), folder / "made", on_progress=lambda _: None) == len(known)
        made = BreachedPasswords.open(folder / "made")
        assert made.is_whole()
        assert all(each in made for each in known)
        assert not any(each in made for each in others - known if each.isprintable())

    def test_neighbours_in_the_first_and_last_range_are_kept_apart(self, place: Path, tmp_path: Path) -> None:
        (tmp_path / "list").write_bytes(b"0" * 40 + b":1\n" + b"0" * 12 + b"1" * 28 + b":1\n" + b"F" * 40 + b":1")
        assert import_list(blocks_of(tmp_path / "list"), place, on_progress=lambda _: None) == 3
        kept = place.read_bytes()[HASHES_AT:]
        assert kept == b"\0\0\0\0" + (1).to_bytes(4, list_file.sys.byteorder) + b"\xff" * 4

    def test_a_list_of_several_blocks_is_read_whole(self, place: Path, tmp_path: Path) -> None:
        known = [f"gull {number}" for number in range(AT_A_TIME // 40)]
        (tmp_path / "list").write_bytes(lines(known))
        assert import_list(blocks_of(tmp_path / "list"), place, on_progress=lambda _: None) == len(known)
        made = BreachedPasswords.open(place)
        assert all(each in made for each in known)
        assert not any(f"heron {number}" in made for number in range(10_000))


class TestImport:
    @pytest.mark.parametrize("packed", [gzip.compress, bytes, bytes.lower])
    def test_says_how_many_there_are(self, run: Run, packed: Callable[[bytes], bytes]) -> None:
        done = run(packed(lines(BREACHED)))
        assert (done.exit_code, done.output) == (0, "4 passwords are refused from now on.\n")
        assert "4 passwords, imported 20" in run(command="status").output

    def test_without_a_list_the_status_says_so(self, run: Run) -> None:
        assert run(command="status").output.startswith("No list is imported")

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "There is no hash in it."),
            (b"0123456789ABCDEF0123456789ABCDEF:3\r\n", "These are NTLM hashes."),
            (lines(BREACHED)[:-20], "Line 4 is no SHA-1 hash with a count"),
            (lines(BREACHED) + b"\n" + lines(["z"]), "Line 5 is no SHA-1 hash"),
            (lines(BREACHED) + b"0" * 40 + b":1\n", "The hashes are not in order."),
            (b"\n".join(sorted(lines(BREACHED).split(b"\r\n"), reverse=True)), "The hashes are not in order."),
            (gzip.compress(lines(BREACHED))[:-10], "The file ends too early"),
            (b"\x1f\x8b nonsense", "The file ends too early, or is damaged"),
            (b"<!doctype html>\n", "Line 1 is no SHA-1 hash"),
            (b"\0" * (AT_A_TIME + 1), "it is too long"),
            (lines(BREACHED).replace(b":", b";"), "Line 1 is no SHA-1 hash"),
        ],
    )
    def test_what_is_not_the_list_changes_nothing(self, run: Run, place: Path, content: bytes, sentence: str) -> None:
        run(lines(BREACHED))
        before = place.read_bytes()
        done = run(content)
        assert done.exit_code == 1
        assert sentence in done.output
        assert "Nothing was changed." in done.output
        assert place.read_bytes() == before
        assert list(place.parent.iterdir()) == [place]

    def test_a_shorter_list_is_taken_with_a_question(self, run: Run) -> None:
        run(lines(BREACHED))
        assert "The list before it had 4" in run(lines(BREACHED[:2])).output

    def test_a_folder_of_ranges_is_taken_when_it_has_all(
        self, run: Run, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "ranges"
        folder.mkdir()
        (folder / "00000.txt").write_bytes(b"0" * 34 + b"1:5\r\n" + b"F" * 35 + b":1\r\n")
        assert "00001.txt is missing" in run(folder).output
        monkeypatch.setattr(sources, "RANGES", 2)
        (folder / "00001.txt").write_bytes(b"")
        assert "00001.txt is empty" in run(folder).output
        (folder / "00001.txt").write_bytes(b"0" * 35 + b":7")
        assert run(folder).output == "3 passwords are refused from now on.\n"
        assert BreachedPasswords.open(place).count == 3


class TestDamage:
    @pytest.fixture
    def imported(self, run: Run, place: Path) -> Path:
        run(lines(BREACHED))
        return place

    @pytest.mark.parametrize("at", [3, 70, HEADER.size - 1, HEADER.size + 12_345, HASHES_AT - 1])
    def test_another_byte_is_noticed_at_once(self, imported: Path, at: int) -> None:
        content = bytearray(imported.read_bytes())
        content[at] ^= 1
        imported.write_bytes(content)
        with pytest.raises(DamagedList):
            BreachedPasswords.open(imported)

    @pytest.mark.parametrize("length", [0, 10, HASHES_AT, HASHES_AT + 15, HASHES_AT + 20])
    def test_another_length_is_noticed_at_once(self, imported: Path, length: int) -> None:
        imported.write_bytes(imported.read_bytes().ljust(length, b"\0")[:length])
        with pytest.raises(DamagedList):
            BreachedPasswords.open(imported)

    def test_another_hash_is_noticed_by_the_status(self, imported: Path, run: Run) -> None:
        content = bytearray(imported.read_bytes())
        content[-1] ^= 1
        imported.write_bytes(content)
        done = run(command="status")
        assert done.exit_code == 1
        assert "The file is damaged" in done.output

    def test_nothing_is_served_with_it(self, tmp_path: Path) -> None:
        (tmp_path / "breached-passwords").write_bytes(b"nonsense")
        status, said = manage("run", DATA_DIR=str(tmp_path), DATABASE_URL="postgresql+asyncpg://nobody@127.0.0.1:1/x")
        assert status != 0
        assert said.startswith(f"{tmp_path}/breached-passwords cannot be used: it is too short to be a list.")
        assert manage("create-user", "you@example.org", DATA_DIR=str(tmp_path)) == (status, said)


@pytest.mark.anyio
class TestChoosing:
    async def test_a_list_counts_as_soon_as_it_is_imported(
        self, client: httpx.AsyncClient, db: Database, run: Run, place: Path
    ) -> None:
        await Fan(client, email="first@example.org").open_account(db)
        run(lines(BREACHED[1:]))
        await Fan(client, email="second@example.org").open_account(db)
        run(lines(BREACHED))
        refused = await Fan(client, email="third@example.org").register(status=422)
        assert refused["type"] == "urn:backline:problem:weak-password"
        assert "found in a data breach" in refused["errors"][0]["message"]
        await Fan(client, email="second@example.org").sign_in()
        os.unlink(place)  # noqa: PTH108
        await Fan(client, email="third@example.org").register()

    async def test_what_is_composed_otherwise_is_found_too(self, client: httpx.AsyncClient, run: Run) -> None:
        run(lines(["caf\u00e9 on the old quay"]))
        await Fan(client, password="cafe\u0301 on the old quay").register(status=422)

    async def test_no_password_is_good_while_the_list_is_damaged(
        self, client: httpx.AsyncClient, place: Path, db: Database
    ) -> None:
        damage(place)
        assert (await Fan(client).register(status=503))["type"] == "urn:backline:problem:busy"
        assert await sql(db, "SELECT * FROM users") == []

    async def test_no_password_is_good_while_the_list_cannot_be_read(
        self, client: httpx.AsyncClient, place: Path
    ) -> None:
        make_folder(place)
        await Fan(client).register(status=503)
        assert "it cannot be read" in list_problems()[0]

    async def test_it_is_asked_when_a_password_is_changed(self, fan: Fan, run: Run) -> None:
        run(lines(BREACHED))
        body = {"current": PASSWORD, "new": BREACHED[1]}
        refused = await fan.ask("POST", "/api/v1/me/password", 422, json=body)
        assert [each["field"] for each in refused["errors"]] == ["new"]
