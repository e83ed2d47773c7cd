"""import-concerts: Bandsintown's events become announced concerts, and a second time changes nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select, text

from apps.concerts import commands
from apps.concerts.imports import bandsintown_json
from apps.concerts.imports.bandsintown import read_concerts
from apps.concerts.imports.importing import import_concerts
from apps.concerts.models import Concert
from apps.concerts.scheduling.concerts import concert_label_of
from apps.concerts.scheduling.services import put_on_sale
from apps.concerts.staff_schemas import TicketTypeIn
from apps.concerts.ticket_types.ticket_types import add_ticket_type
from apps.core.db.database import Database
from apps.core.importing import Problem, Tally
from apps.orders.schemas import PriceIn
from project import database
from project.settings import ROOT
from tests.factories import make_pool
from tests.queries import counting

pytestmark = pytest.mark.anyio

SHARED = ROOT.parent / "shared" / "data"
STANDING = TicketTypeIn(name="Standing", prices={"EUR": PriceIn(2500)}, allocation={})
BERLIN = {
    "name": "Halle",
    "city": "Berlin",
    "region": "",
    "country": "Germany",
    "latitude": "52.52",
    "longitude": "13.405",
}


def event(**fields: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "datetime": "2030-07-01T20:00:00",
        "on_sale_datetime": "",
        "description": "",
        "venue": BERLIN,
        "lineup": ["The Band", "Support"],
    } | fields


def at(**venue: Any) -> dict[str, Any]:
    return BERLIN | venue


def file(*events: Any) -> bytes:
    return json.dumps(list(events), indent=1).encode()


async def load(db: Database, data: bytes, *, band: str = "The Band", **options: Any) -> Tally:
    return await import_concerts(db, read_concerts(data, band=band), time_zone="Europe/Moscow", **options)


def sentences(problems: list[Problem]) -> list[str]:
    return [each.sentence.in_locale("en") for each in problems]


async def rows(db: Database, query: str) -> list[Any]:
    async with db.reads() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def starts(db: Database) -> list[str]:
    return [f"{moment:%m-%d %H:%M}" for (moment,) in await rows(db, "SELECT starts_at FROM concert ORDER BY 1")]


class TestWhatComesIn:
    async def test_as_announced_with_its_support_acts(self, db: Database) -> None:
        tally = await load(db, file(event(description="A good night")))
        assert (tally.created, tally.bad, tally.warnings) == (1, 0, [])
        columns = "slug, external_id, title, description, state, lineup"
        assert await rows(db, f"SELECT {columns} FROM concert") == [
            ("2030-07-01-berlin-halle", "bandsintown:1", "The Band in Berlin", "A good night", "announced", ["Support"])
        ]
        assert await rows(db, "SELECT 1 FROM ticket_type") == []

    async def test_local_time_is_the_venues(self, db: Database) -> None:
        summer, winter = event(), event(id="2", datetime="2030-12-01T20:00:00")
        new_york = event(id="3", venue=at(city="New York", latitude=40.7128, longitude=-74.006))
        await load(db, file(summer, winter, new_york))
        assert await starts(db) == ["07-01 18:00", "07-02 00:00", "12-01 19:00"]
        assert await rows(db, "SELECT time_zone FROM venue ORDER BY 1") == [("America/New_York",), ("Europe/Berlin",)]

    @pytest.mark.parametrize("moment", ["2030-07-01T20:00:00+05:00", "2030-07-01T15:00:00Z"])
    async def test_an_offset_in_the_file_is_believed(self, db: Database, moment: str) -> None:
        await load(db, file(event(datetime=moment)))
        assert await starts(db) == ["07-01 15:00"]

    @pytest.mark.parametrize(
        "where", [{"latitude": "", "longitude": ""}, {"latitude": None}, {"latitude": 0, "longitude": 0}]
    )
    async def test_without_coordinates_the_setting_is_taken_with_a_warning(
        self, db: Database, where: dict[str, Any]
    ) -> None:
        tally = await load(db, file(event(venue=at(**where)), event(id="2", venue=at(**where))))
        assert await starts(db) == ["07-01 17:00", "07-01 17:00"]
        assert sentences(tally.warnings) == [
            "no time zone can be found for Halle, Berlin, Germany: Europe/Moscow is taken (TIME_ZONE)"
        ]

    @pytest.mark.parametrize(
        ("said", "moment"), [("2030-01-01T14:00:00", "13:00"), ("2030-01-01T14:00:00Z", "14:00"), ("", None)]
    )
    async def test_on_sale_times_are_the_venues_too(self, db: Database, said: str, moment: str | None) -> None:
        await load(db, file(event(on_sale_datetime=said)))
        assert await rows(db, "SELECT to_char(on_sale_at, 'HH24:MI') FROM concert") == [(moment,)]

    @pytest.mark.parametrize(
        ("lineups", "band", "support"),
        [
            ([["The Band", "A"]], "THE BAND", [["A"]]),
            ([["A", "The Band"]], "The Band", [["A"]]),
            ([["X", "A"], ["B", "X"]], "The Band", [["A"], ["B"]]),
            ([["X"], []], "The Band", [[], []]),
            ([[{"name": "X"}, {"name": "A", "spotify_id": "1"}]], "The Band", [["A"]]),
        ],
    )
    def test_the_headliner_is_not_its_own_support(
        self, lineups: list[Any], band: str, support: list[list[str]]
    ) -> None:
        reading = read_concerts(file(*(event(id=n, lineup=acts) for n, acts in enumerate(lineups))), band=band)
        assert [list(concert.lineup) for concert in reading.concerts] == support

    def test_the_artist_is_the_headliner_where_the_file_names_one(self) -> None:
        [concert] = read_concerts(file(event(artist={"name": "X"}, lineup=["A", "X"])), band="B").concerts
        assert (concert.title, concert.lineup) == ("X in Berlin", ("A",))

    def test_a_title_of_the_file_is_kept(self) -> None:
        [concert] = read_concerts(file(event(title="Summer Festival")), band="The Band").concerts
        assert concert.title == "Summer Festival"

    def test_descriptions_are_plain_text(self) -> None:
        html = "<p>Rock &amp; roll</p><script>alert(1)</script>"
        [concert] = read_concerts(file(event(description=html)), band="The Band").concerts
        assert concert.description == "Rock & roll"

    async def test_two_shows_of_one_day_and_one_venue(self, db: Database) -> None:
        assert (await load(db, file(event(), event(id="2", datetime="2030-07-01T15:00:00")))).created == 2
        assert len(await rows(db, "SELECT 1 FROM venue")) == 1

    @pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"events": [one]}])
    def test_one_event_or_a_wrapped_list(self, wrap: Any) -> None:
        assert len(read_concerts(json.dumps(wrap(event())).encode(), band="The Band").concerts) == 1

    @pytest.mark.parametrize("wrap", [lambda events: events, lambda events: {"events": events}])
    def test_too_many_events_are_not_read(self, monkeypatch: pytest.MonkeyPatch, wrap: Any) -> None:
        monkeypatch.setattr(bandsintown_json, "MOST_LINES", 2)
        events = [event(id=n, title=f"Show {n}") for n in range(4)]
        reading = read_concerts(json.dumps(wrap(events)).encode(), band="The Band")
        assert [each.title for each in reading.concerts] == ["Show 0", "Show 1"]
        assert ["split the file" in each for each in sentences(reading.problems)] == [True]

    def test_an_empty_list_is_no_problem(self) -> None:
        assert read_concerts(b"[]", band="The Band").problems == []


class TestASecondTime:
    async def test_changes_nothing(self, db: Database) -> None:
        data = file(event(), event(id="2", venue=at(name="Club", latitude="")))
        await load(db, data)
        before = await rows(db, "SELECT xmin::text, * FROM concert") + await rows(db, "SELECT xmin::text, * FROM venue")
        tally = await load(db, data)
        assert (tally.created, tally.changed, tally.unchanged, tally.warnings) == (0, 0, 2, [])
        assert (
            await rows(db, "SELECT xmin::text, * FROM concert") + await rows(db, "SELECT xmin::text, * FROM venue")
            == before
        )

    async def test_changed_facts_are_changed_and_the_address_follows_the_day(self, db: Database) -> None:
        await load(db, file(event()))
        tally = await load(
            db, file(event(datetime="2030-07-02T21:00:00", description="Later", lineup=["The Band", "B"]))
        )
        assert (tally.created, tally.changed) == (0, 1)
        assert await rows(db, "SELECT slug, description, lineup FROM concert") == [
            ("2030-07-02-berlin-halle", "Later", ["B"])
        ]
        assert await starts(db) == ["07-02 19:00"]
        assert await rows(db, "SELECT slug FROM former_slug") == [("2030-07-01-berlin-halle",)]

    async def test_a_zone_put_right_by_hand_is_kept(self, db: Database) -> None:
        nowhere = file(event(venue=at(latitude="")))
        await load(db, nowhere)
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE venue SET time_zone = 'Europe/Berlin'"))
        assert (await load(db, nowhere)).changed == 1
        assert await starts(db) == ["07-01 18:00"]

    async def test_what_the_file_leaves_blank_is_kept(self, db: Database) -> None:
        await load(db, file(event()))
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE concert SET title = 'Release show', description = 'New songs'"))
        assert (await load(db, file(event()))).unchanged == 1
        assert await rows(db, "SELECT title, description FROM concert") == [("Release show", "New songs")]

    async def test_a_concert_that_was_postponed_here_is_left_alone(self, db: Database) -> None:
        await load(db, file(event()))
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE concert SET state = 'postponed'"))
        tally = await load(db, file(event(datetime="2031-01-01T20:00:00")))
        assert (tally.unchanged, len(tally.warnings)) == (1, 1)
        assert await starts(db) == ["07-01 18:00"]

    async def test_a_concert_on_sale_stays_on_sale_and_sells_until_it_starts(self, db: Database) -> None:
        await load(db, file(event()))
        async with db.begin() as session:
            concert = (await session.scalars(select(Concert))).one()
            await add_ticket_type(session, concert, STANDING)
            await put_on_sale(session, concert)
        await load(db, file(event(datetime="2030-07-02T21:00:00")))
        assert await rows(db, "SELECT state FROM concert") == [("on_sale",)]
        assert await rows(db, "SELECT sale_until = starts_at, active FROM offer, concert") == [(True, True)]

    async def test_a_concert_whose_sale_would_begin_after_it_is_left_alone(self, db: Database) -> None:
        await load(db, file(event(), event(id="2")))
        presale = replace(STANDING, sale_from=datetime(2030, 6, 30, tzinfo=UTC))
        async with db.begin() as session:
            concert = (await session.scalars(select(Concert).where(Concert.external_id.endswith(":1")))).one()
            await add_ticket_type(session, concert, presale)
        tally = await load(db, file(event(datetime="2030-06-01T20:00:00"), event(id="2", title="Moved")))
        assert (tally.unchanged, tally.changed) == (1, 1)
        assert "was left alone: “" in sentences(tally.warnings)[0]
        assert await starts(db) == ["07-01 18:00", "07-01 18:00"]

    async def test_a_new_title_is_that_of_its_tickets_too(self, db: Database) -> None:
        await load(db, file(event(title="Live")))
        async with db.begin() as session:
            concert = (await session.scalars(select(Concert))).one()
            await add_ticket_type(session, concert, STANDING)
        await load(db, file(event(title="Release show")))
        assert await rows(db, "SELECT title FROM offer") == [("Release show · Standing",)]

    async def test_a_new_day_is_in_the_name_of_its_places_too(self, db: Database) -> None:
        await load(db, file(event()))
        async with db.begin() as session:
            concert = (await session.scalars(select(Concert))).one()
            pool = await make_pool(session, 40, name=await concert_label_of(session, concert))
            await add_ticket_type(session, concert, replace(STANDING, allocation={pool.id: 1}))
        await load(db, file(event(datetime="2030-07-02T21:00:00", venue=at(name="Arena"))))
        assert await rows(db, "SELECT name FROM pool") == [("2030-07-02 Berlin Arena",)]

    async def test_what_holders_knew_of_all_that_move_is_noted_at_once(self, db: Database) -> None:
        await load(db, file(*(event(id=n) for n in range(3))))
        with counting() as sent:
            await load(db, file(*(event(id=n, datetime=f"2030-07-0{n + 1}T20:00:00") for n in range(3))))
        assert len([each for each in sent if each.startswith("INSERT INTO concert_notice")]) == 1
        known = "SELECT before ->> 'starts_at', before ->> 'place' FROM concert_notice"
        assert await rows(db, known) == [("2030-07-01T18:00:00Z", "Halle, Berlin")] * 2

    async def test_an_archived_concert_is_left_alone(self, db: Database) -> None:
        await load(db, file(event()))
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE concert SET archived_at = now()"))
        tally = await load(db, file(event(datetime="2031-01-01T20:00:00")))
        assert tally.unchanged == 1
        assert sentences(tally.warnings) == ["'The Band in Berlin' was left alone: it is archived here"]
        assert await starts(db) == ["07-01 18:00"]

    async def test_an_archived_venue_comes_back_with_a_new_concert(self, db: Database) -> None:
        await load(db, file(event()))
        async with db.transaction() as connection:
            await connection.execute(text("UPDATE venue SET archived_at = now()"))
        assert (await load(db, file(event(id="2", datetime="2031-01-01T20:00:00")))).created == 1
        assert await rows(db, "SELECT archived_at FROM venue") == [(None,)]


class TestAuditEntries:
    async def test_what_is_added_and_changed_is_told_and_a_second_time_nothing(self, db: Database) -> None:
        await load(db, file(event()), actor="somebody")
        audit_entries = "SELECT action, actor, name, after ->> 'title' FROM audit_entry ORDER BY created_at"
        title = "The Band in Berlin"
        assert await rows(db, audit_entries) == [
            ("concerts.add_venue", "somebody", "Halle", None),
            ("concerts.add", "somebody", title, title),
        ]
        await load(db, file(event(title="Wake", description="Loud")), actor="somebody")
        changed = "SELECT action, before, after FROM audit_entry ORDER BY created_at OFFSET 2"
        before, after = {"title": title, "description": ""}, {"title": "Wake", "description": "Loud"}
        assert await rows(db, changed) == [("concerts.change", before, after)]
        await load(db, file(event(title="Wake", description="Loud")), actor="somebody")
        assert len(await rows(db, changed)) == 1

    async def test_it_takes_one_statement_for_all(self, db: Database) -> None:
        with counting() as sent:
            await load(db, file(*(event(id=n) for n in range(3))))
        assert len([each for each in sent if each.startswith("INSERT INTO audit_entry")]) == 1
        assert len(await rows(db, "SELECT 1 FROM audit_entry")) == 4


class TestBadEvents:
    @pytest.mark.parametrize(
        ("bad", "sentence"),
        [
            ("x", "it is not an event"),
            (event(id=None), "it has no id"),
            (event(), "it has the id of event 1"),
            (event(id="2", datetime=""), "it has no date"),
            (event(id="2", datetime="soon"), "'soon' is not a date"),
            (event(id="2", datetime="0001-01-01T00:00:00"), "'0001-01-01T00:00:00' is not a date that can be right"),
            (event(id="2", venue=None), "it has no venue"),
            (event(id="2", venue=at(name="n" * 256)), "'name' is longer than 255 characters"),
            (event(id="2", description="\0"), "'description' holds a character that cannot be stored"),
            (event(id="2", description="\ud800"), "'description' holds a character that cannot be stored"),
            (event(id="2", lineup=[7]), "'name' is not text"),
        ],
    )
    async def test_is_reported_and_stops_nothing(self, db: Database, bad: Any, sentence: str) -> None:
        tally = await load(db, file(event(), bad, event(id="3")))
        assert sentences(tally.problems) == [f"event 2: {sentence}"]
        assert tally.created == 2

    def test_has_the_number_of_its_line(self) -> None:
        assert [each.line for each in read_concerts(b'[\n{},\n\n\n{"id": 1}\n]', band="B").problems] == [2, 5]

    def test_what_stands_before_a_broken_place_is_read(self) -> None:
        reading = read_concerts(file(event(), event(id="2"))[:-60], band="The Band")
        assert (len(reading.concerts), len(reading.problems)) == (1, 1)

    def test_no_words_of_pythons_are_told(self) -> None:
        [problem] = read_concerts(b'[{"id": }]', band="B").problems
        assert str(problem) == "line 1: this is not JSON, and nothing after it was read: column 9 cannot be read"

    def test_a_number_of_thousands_of_digits_is_told(self) -> None:
        for data in (b"[" + b"1" * 5000 + b"]", b"1" * 5000):
            [sentence] = sentences(read_concerts(data, band="B").problems)
            assert sentence.endswith(": a number is too long")

    @pytest.mark.parametrize(
        "data", [b"", b"{warn=Not found}", b"7", b"[" * 100_000, b'{"errors": ["Unauthorized"]}', b"\xff"]
    )
    def test_another_kind_of_file_is_told(self, data: bytes) -> None:
        reading = read_concerts(data, band="B")
        assert (reading.concerts, len(reading.problems)) == ([], 1)

    def test_an_answer_with_errors_is_quoted(self) -> None:
        [sentence] = sentences(read_concerts(b'{"errors": ["Unauthorized"]}', band="B").problems)
        assert "Unauthorized" in sentence

    @hypothesis_settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=200))
    def test_no_bytes_whatever_raise(self, data: bytes) -> None:
        read_concerts(data, band="B")
        read_concerts(b'[{"id": 1, ' + data, band="B")

    @hypothesis_settings(max_examples=300, deadline=None)
    @given(
        st.fixed_dictionaries(
            {},
            optional={
                name: st.none()
                | st.booleans()
                | st.integers()
                | st.floats()
                | st.text(max_size=6)
                | st.lists(st.text(max_size=3))
                for name in (*event(), "artist", "title")
            },
        ),
        st.fixed_dictionaries({}, optional={name: st.none() | st.floats() | st.text(max_size=6) for name in BERLIN}),
    )
    def test_no_values_whatever_raise(self, fields: dict[str, Any], venue: dict[str, Any]) -> None:
        read_concerts(file(event(**fields), event(id="2", venue=at(**venue))), band="B")


class TestCommand:
    @pytest.fixture
    def run(self, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
        monkeypatch.setattr(database, "ensure_database", lambda: db.url)

        async def invoke(data: bytes, *options: str) -> Result:
            path = tmp_path / "events.json"
            path.write_bytes(data)
            return await anyio.to_thread.run_sync(
                CliRunner().invoke, commands.import_concerts_command, [str(path), *options]
            )

        return invoke

    async def test_says_what_it_did(self, run: Any) -> None:
        result = await run(file(event(), event(id="2", datetime="soon")))
        assert result.exit_code == 0
        assert "event 2: 'soon' is not a date" in result.output
        assert "Concerts: 1 created, 0 changed, 0 unchanged, 1 bad" in result.output

    async def test_dry_run_writes_nothing(self, run: Any, db: Database) -> None:
        assert "1 created" in (await run(file(event()), "--dry-run")).output
        assert await rows(db, "SELECT 1 FROM concert UNION SELECT 1 FROM venue") == []

    async def test_strict_writes_nothing_when_an_event_is_bad(self, run: Any, db: Database) -> None:
        assert (await run(file(event(), event(id="2", datetime="soon")), "--strict")).exit_code == 1
        assert await rows(db, "SELECT 1 FROM concert") == []

    async def test_an_answer_with_errors_fails(self, run: Any) -> None:
        assert (await run(b'{"errors": ["Unauthorized"]}')).exit_code == 1


class TestRealFile:
    async def test_comes_in_whole_and_once(self, db: Database) -> None:
        path = SHARED / "bandsintown-events.json"
        if not path.exists():
            pytest.skip("bandsintown-events.json is not in ../shared/data")
        tally = await load(db, path.read_bytes())
        assert (tally.created, tally.bad, tally.warnings) == (18, 0, [])
        links = "SELECT count(*) FROM concert WHERE jsonb_array_length(tickets_elsewhere) > 0"
        assert await rows(db, links) == [(18,)]
        assert {zone for (zone,) in await rows(db, "SELECT time_zone FROM venue")} == {
            "America/New_York",
            "America/Chicago",
            "America/Los_Angeles",
        }
        assert (await load(db, path.read_bytes())).unchanged == 18
