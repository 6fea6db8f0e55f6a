"""index.sqlite: values in and out, the same content from any order, questions, and what a broken file says."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.errors import CollectionError, CollectionFullError
from archive.index.database import Database, put_in_place, tables
from archive.index.queries import TABLES
from archive.index.rows import columns
from archive.index.schema import APPLICATION_ID, MIGRATIONS, VERSION, migrate, version_of
from archive.index.search import wording
from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    Extraction,
    Kept,
    KeptFailure,
    Location,
    Outcome,
    RecordEntry,
    RunEnd,
    RunStart,
    Truncated,
    Uri,
)
from tests.archive import index_samples as a

ROOT = Path(__file__).resolve().parents[2]
KINDS: tuple[type[Any], ...] = (RecordEntry, Capture, KeptFailure, Extraction, Article, Citation, Attempt)


def filled(values: Sequence[Kept], path: Path | None = None) -> Database:
    database = Database.create(path)
    database.add_all(values)
    database.commit()
    return database


@pytest.fixture
def database() -> Iterator[Database]:
    """An index in memory with one run."""
    with filled(a.a_run()) as found:
        yield found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with one run, closed."""
    found = tmp_path / "index.sqlite"
    filled(a.a_run(), found).close()
    return found


def content(values: Sequence[Kept]) -> list[str]:
    with filled(values) as found:
        return list(found.dump())


# Values in and out


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_comes_back_as_it_was(kind: type[Any]) -> None:
    """Any value of each kind is read back equal, and putting the answer in again changes nothing."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(value=a.any_value(kind))
    def check(value: Any) -> None:
        if isinstance(value, Article):  # a link's number is its place
            links = tuple(a.link(number, anchor=link.anchor) for number, link in enumerate(value.links))
            value = a.article(links=links, title=value.title, record_id=value.record_id)
        with filled([value]) as found:
            before = list(found.dump())
            back = found.one(kind, value.record_id)
            assert back == value
            found.add(back)
            assert list(found.dump()) == before

    check()


@settings(max_examples=40, deadline=None)
@given(start=a.any_value(RunStart), end=a.any_value(RunEnd))
def test_a_run_is_made_of_its_two_records(start: RunStart, end: RunEnd) -> None:
    """A RunStart and a RunEnd come back equal, together where their run is the same."""
    with filled([start, end]) as found:
        runs = found.runs()
    assert [run.start for run in runs if run.start] == [start]
    assert [run.end for run in runs if run.end] == [end]
    assert len(runs) == (1 if start.run_id == end.run_id else 2)


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(a.a_run()), again=st.lists(st.sampled_from(a.a_run()), max_size=5))
def test_any_order_gives_the_same_content(order: list[Kept], again: list[Kept]) -> None:
    """The content depends neither on the order in which values came nor on how often."""
    assert content([*order, *again]) == content(a.a_run())


def test_a_reading_with_fewer_links_replaces_the_one_before() -> None:
    """An article that is put in again leaves no link of its earlier value."""
    with filled([a.article(), a.article(links=(a.link(1),))]) as found:
        assert len(found.links(a.named("article"))) == 1


def test_dump_says_every_row_by_table_and_key(database: Database) -> None:
    """The dump has one line a row, sorted by table and key, and neither row ids nor times of insertion."""
    lines = list(database.dump())
    names = [line.split(" ", 1)[0] for line in lines]
    assert names == sorted(names)
    own = [line for line in lines if not line.startswith(("wording", "words"))]
    assert len(own) == len(a.a_run()) - 1 + 3  # the two records of the run are one row, the three links are rows
    assert [line for line in lines if line.startswith("words")] == [
        'words {"term": "article", "texts": 1, "times": 1}',
        'words {"term": "text", "texts": 2, "times": 2}',
    ]
    captures = [json.loads(line.removeprefix("capture ")) for line in lines if line.startswith("capture ")]
    assert [c["record_id"] for c in captures] == sorted(c["record_id"] for c in captures)
    assert captures[0].keys() == {c.name for c in columns(Capture)}


def test_tables_have_the_columns_of_their_values(database: Database) -> None:
    """The schema and the values name the same columns."""
    for kind, table in TABLES.items():
        assert {row[1] for row in database.rows(f"PRAGMA table_info({table})")} == {c.name for c in columns(kind)}
    own_of_fts = "name LIKE 'words\\_%' ESCAPE '\\'"
    assert {table for table, _ in tables()} == {
        row[0] for row in database.rows(f"SELECT name FROM sqlite_master WHERE type = 'table' AND NOT {own_of_fts}")
    }


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=9), min_size=1, max_size=5), twice=st.booleans())
def test_a_text_is_held_once_and_comes_back(texts: list[str], twice: bool) -> None:
    """Any text comes back as it was, however often it was read, and its words are those of what is held."""
    values = [a.text(f"text {n} {again}", words) for again in range(1 + twice) for n, words in enumerate(texts)]
    with filled(values) as found:
        assert [wording(found, value.record_id) for value in values] == [value.text for value in values]
        assert found.rows("SELECT count(*) FROM wording") == [(len(set(texts)),)]
        found.rows("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")


def test_instants_are_utc_text_that_sorts_as_time(database: Database) -> None:
    """An instant stands as ISO 8601 in UTC with microseconds."""
    assert database.rows("SELECT date FROM capture WHERE record_id = ?", (a.named("article capture"),)) == [
        ("2021-08-27T01:02:03.000004Z",)
    ]


def test_an_instant_without_a_zone_is_refused() -> None:
    """A naive instant is an error of the caller, never taken for local time."""
    with Database.create() as found, pytest.raises(ValueError, match="time zone"):
        found.add(a.capture(date=datetime(2021, 8, 27)))  # noqa: DTZ001 - the point of the test


def test_a_lone_surrogate_becomes_a_replacement() -> None:
    """Text that no UTF-8 can hold does not stop the index."""
    with filled([a.extraction(title="a\ud800b"), a.extraction("other", title="plain \U0001f600")]) as found:
        assert found.rows("SELECT title FROM extraction ORDER BY title") == [("a?b",), ("plain \U0001f600",)]


def test_a_number_beyond_63_bits_is_one_sentence() -> None:
    """A number that SQLite can't hold is a CollectionError."""
    with Database.create() as found, pytest.raises(CollectionError, match="63 bits"):
        found.add(a.capture(entity_size=2**63))


# The file


def test_a_file_holds_what_was_committed(path: Path) -> None:
    """What was committed is read again from the closed file, which has nothing beside it."""
    with Database.open_read_only(path) as found:
        assert list(found.dump()) == content(a.a_run())
        assert found.rows("PRAGMA journal_mode") == [("delete",)]
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_what_was_not_committed_is_gone(path: Path) -> None:
    """Closing without a commit leaves the file as it was."""
    with Database.create(path) as found:
        found.add(a.capture("late"))
    with Database.open_read_only(path) as found:
        assert found.capture(a.named("late")) is None


def test_an_existing_index_is_gone_on_with(path: Path) -> None:
    """Opening a file for writing keeps its rows."""
    with Database.create(path) as found:
        found.add(a.capture("late"))
        found.commit()
        assert found.capture(a.named("capture")) is not None


def test_a_reader_sees_what_is_committed_and_holds_up_nobody(path: Path) -> None:
    """Beside a writer a reader gets the last committed content, and the writer commits all the same."""
    with Database.create(path) as writer, Database.open_read_only(path) as reader:
        writer.add(a.capture("late"))
        assert reader.capture(a.named("late")) is None
        writer.commit()
        assert reader.capture(a.named("late")) is not None


def test_kill_leaves_what_was_committed(path: Path) -> None:
    """A writer that is killed in a transaction leaves the committed rows, all in the one file."""
    script = (
        "import os, signal, sys, pathlib\n"
        "from archive.index.database import Database\n"
        "from tests.archive import index_samples as a\n"
        "database = Database.create(pathlib.Path(sys.argv[1]))\n"
        "database.add(a.capture('acknowledged')); database.commit()\n"
        "database.add(a.capture('not acknowledged'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    with Database.create(path) as found:
        assert found.capture(a.named("acknowledged")) is not None
        assert found.capture(a.named("not acknowledged")) is None


def test_a_copy_in_memory_leaves_the_file_alone(path: Path) -> None:
    """What is added to a copy stands in the copy only."""
    before = path.read_bytes()
    with Database.copy_in_memory(path) as copy:
        copy.add(a.capture("concluded"))
        copy.commit()
        assert copy.capture(a.named("concluded")) is not None
        assert len(list(copy.dump())) == len(content(a.a_run())) + 1
    assert path.read_bytes() == before


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Root may write everywhere; for some lines we are nobody."""
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_read_only_medium_is_read(mode: str) -> None:
    """A file in a folder where nothing can be written is read and copied, also one that another tool left in WAL mode."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "index ?#%41.sqlite"
        filled(a.a_run(), path).close()
        with sqlite3.connect(path) as plain:
            plain.execute(f"PRAGMA journal_mode = {mode}")
        plain.close()
        path.chmod(0o444)
        folder.chmod(0o555)
        with as_an_ordinary_user(), Database.open_read_only(path) as found, Database.copy_in_memory(path) as copy:
            assert list(found.dump()) == list(copy.dump()) == content(a.a_run())
        folder.chmod(0o755)
        assert [p.name for p in folder.iterdir()] == [path.name]


def test_a_journal_of_the_old_file_does_not_meet_the_new(path: Path) -> None:
    """A rebuilt index takes the place of another and of all that SQLite left beside it."""
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).write_bytes(b"left by a crash")
    draft = path.with_suffix(".new")
    filled([a.run_start()], draft).close()
    put_in_place(draft, path)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    with Database.open_read_only(path) as found:
        assert [run.run_id for run in found.runs()] == [a.RUN]


def test_a_full_disk_is_said(path: Path) -> None:
    """When no more pages can be had, the error says so, and what was committed stays."""
    with Database.create(path) as found:
        pages = found.rows("PRAGMA page_count")[0][0]
        found.rows(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(CollectionFullError, match="disk is full"):
            found.add_all(a.capture(f"capture {n}", mime="x" * 2000) for n in range(20))
    with Database.open_read_only(path) as found:
        assert list(found.dump()) == content(a.a_run())


# What a broken file says


def test_a_missing_file_is_said_and_not_made(tmp_path: Path) -> None:
    """Reading an index that is not there names the file and the remedy, and makes nothing."""
    with pytest.raises(CollectionError, match=r"index.sqlite is missing: run `footnotary reindex`"):
        Database.open_read_only(tmp_path / "index.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keep", [0, 10, 100, 1000, 5000, 0.5, 0.9])
def test_a_torn_file_is_one_sentence(path: Path, keep: float) -> None:
    """However much of the file is left, reading it all ends in a sentence that names the remedy."""
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data)) if isinstance(keep, float) else keep])
    with pytest.raises(CollectionError, match="run `footnotary reindex`"):
        read_all(path)


def test_damaged_pages_are_one_sentence_or_nothing(path: Path) -> None:
    """Flipped bytes anywhere never give a foreign error."""
    data = path.read_bytes()
    luck = random.Random(7)
    for _ in range(150):
        at = luck.randrange(len(data))
        path.write_bytes(data[:at] + luck.randbytes(30) + data[at + 30 :])
        said = what_is_said(path)
        assert said is None or ("reindex" in said and "\n" not in said)


def what_is_said(path: Path) -> str | None:
    try:
        read_all(path)
    except CollectionError as error:
        return str(error)
    return None


def read_all(path: Path) -> None:
    with Database.open_read_only(path) as found:
        list(found.dump())
        found.runs()
        found.cited()
        for kind in KINDS:
            found.values(kind, "1")


def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    """An SQLite file that is no index is refused for reading and writing, and stays as it is."""
    path = tmp_path / "index.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (name TEXT)")
    other.close()
    before = path.read_bytes()
    for opening in (Database.open_read_only, Database.create):
        with pytest.raises(CollectionError, match="not the index of a collection"):
            opening(path)
    assert path.read_bytes() == before


def test_no_database_at_all_is_one_sentence(tmp_path: Path) -> None:
    """A file of text is refused in words."""
    path = tmp_path / "index.sqlite"
    path.write_text("not a database, but long enough to look like one" * 30)
    for opening in (Database.open_read_only, Database.create):
        with pytest.raises(CollectionError, match="run `footnotary reindex`"):
            opening(path)


def test_a_directory_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    """A path that can't be a file is refused in words."""
    with pytest.raises(CollectionError, match="can't be used"):
        Database.create(tmp_path)


@pytest.mark.parametrize(("version", "words"), [(VERSION + 1, "newer version"), (VERSION - 1, "earlier version|is missing")])
def test_another_version_is_said(path: Path, version: int, words: str) -> None:
    """An index of a newer or an earlier version is not read as if it were of this one."""
    with sqlite3.connect(path) as plain:
        plain.execute(f"PRAGMA user_version = {version}")
    plain.close()
    with pytest.raises(CollectionError, match=f"({words}).*run `footnotary reindex`"):
        Database.open_read_only(path)


def test_an_index_of_the_first_version_is_brought_up(path: Path) -> None:
    """Opened for writing, an index of the first version keeps its rows and has the tables of this one, without texts."""
    path.unlink()
    first = sqlite3.connect(path)
    for statement in MIGRATIONS[0]:
        first.execute(statement)
    first.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    first.execute("PRAGMA user_version = 1")
    first.execute("INSERT INTO article VALUES ('urn:uuid:1', 'https://a.example/', 'c', 'e', 'd', 'r', 1, NULL, NULL)")
    first.commit()
    first.close()
    with Database.create(path) as found:
        found.add(a.text())
        found.commit()
        assert [line.split(" ", 1)[0] for line in found.dump()] == ["article", "text", "wording", "words"]


def test_a_migration_is_applied_once_and_whole(tmp_path: Path) -> None:
    """A migration that fails in its midst leaves nothing; one that was applied is not applied again."""
    plain = sqlite3.connect(tmp_path / "half.sqlite")
    plain.execute("CREATE TABLE citation (in_the_way TEXT)")
    plain.commit()
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(plain)
    assert plain.execute("SELECT name FROM sqlite_master").fetchall() == [("citation",)]
    assert version_of(plain) == 0
    plain.execute("DROP TABLE citation")
    migrate(plain)
    made = plain.execute("SELECT sql FROM sqlite_master").fetchall()
    migrate(plain)
    assert (version_of(plain), plain.execute("SELECT sql FROM sqlite_master").fetchall()) == (VERSION, made)
    plain.close()


# Questions about captures


def test_captures_are_those_of_the_exact_uri() -> None:
    """A URI is asked for as it stands: case, order of parameters and slashes make another one."""
    uris = [Uri(u) for u in ("http://a/x?b&a", "http://a/x?a&b", "http://a/X?b&a", "http://a/x?b&a/", "https://a/x?b&a")]
    values = [a.capture(f"{uri} {second}", uri=uri, date=a.after(second)) for uri in uris for second in (2, 1)]
    with filled(values) as found:
        for uri in uris:
            assert [(c.uri, c.date) for c in found.captures(uri)] == [(uri, a.after(1)), (uri, a.after(2))]
        assert found.captures(Uri("http://a/x")) == []


def test_failures_are_those_of_the_exact_uri() -> None:
    """Failures are asked for as captures are."""
    with filled([a.failure("second", date=a.after(2)), a.failure("first"), a.failure("other", uri=Uri("http://b/"))]) as found:
        assert [f.record_id for f in found.failures(a.PAGE)] == [a.named("first"), a.named("second")]
        assert found.failure(a.named("first")) == a.failure("first")


def test_the_original_is_the_latest_whole_response_with_the_same_bytes() -> None:
    """Neither a cut answer nor a revisit, another status, method, body or URI is an original."""
    first, second = a.capture("first"), a.capture("second", date=a.after(1))
    others = [
        a.capture("cut", date=a.after(9), truncated=Truncated.LENGTH),
        a.capture("other status", date=a.after(9), status=404),
        a.capture("no status", date=a.after(9), status=None),
        a.capture("other body", date=a.after(9), body_digest=a.digest("other")),
        a.capture("other uri", date=a.after(9), uri=Uri("https://www.example.org/a?a=1&b=2")),
        a.capture("other method", date=a.after(9), method="HEAD"),
        a.capture("resource", date=a.after(9), type="resource"),
        a.revisit("again", of=second, date=a.after(9)),
    ]
    with filled([*others, second, first]) as found:
        assert found.original(uri=a.PAGE, status=200, body_digest=a.digest("body")) == second
        assert found.original(uri=a.PAGE, status=None, body_digest=a.digest("body")) == others[2]
        assert found.original(uri=a.PAGE, status=200, body_digest=a.digest("body"), method="HEAD") == others[5]
        assert found.original(uri=a.PAGE, status=200, body_digest=a.digest("never seen")) is None


def test_the_extraction_of_a_capture_is_the_latest() -> None:
    """Of two readings of one capture the later counts; a capture that nobody read has none."""
    with filled([a.extraction("new", date=a.after(5), version="2.4"), a.extraction("old")]) as found:
        latest = found.extraction_of(a.named("capture"))
        assert latest is not None
        assert latest.version == "2.4"
        assert found.extraction_of(a.named("other")) is None


def test_records_are_found_by_id_and_by_place() -> None:
    """Every record is known by its id, and the records of a file in the order in which they lie."""
    places = [("archive/b", 5), ("archive/a", 70), ("archive/a", 8), ("derived/a", 1)]
    values = [a.entry(f"{f} {o}", location=Location(file=f, offset=o, length=1)) for f, o in places]
    with filled(values) as found:
        assert found.record(values[0].record_id) == values[0]
        assert found.record(a.named("unknown")) is None
        assert [(e.location.file, e.location.offset) for e in found.entries()] == sorted(places)
        assert [e.location.offset for e in found.entries("archive/a")] == [8, 70]


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("SELECT * FROM capture WHERE uri = ? ORDER BY date, record_id", "capture_uri"),
        ("SELECT * FROM failure WHERE uri = ? ORDER BY date, record_id", "failure_uri"),
        ("SELECT * FROM capture WHERE body_digest = ?", "capture_body"),
        ("SELECT * FROM attempt WHERE citation_id = ? ORDER BY date DESC LIMIT 1", "attempt_citation"),
        ("SELECT * FROM record WHERE file = ? ORDER BY offset", "record_place"),
        ("SELECT * FROM text WHERE digest = ?", "text_digest"),
        ("SELECT * FROM attempt WHERE extraction_id = ?", "attempt_extraction"),
        ("SELECT * FROM attempt WHERE failure_id = ?", "attempt_failure"),
    ],
)
def test_look_ups_use_an_index(database: Database, sql: str, index: str) -> None:
    """What is asked for each request or each record never reads a whole table."""
    assert f"USING INDEX {index}" in " ".join(str(row) for row in database.rows(f"EXPLAIN QUERY PLAN {sql}", ("x",)))


# Questions about articles, citations and runs


def two_readings() -> list[Kept]:
    """Two articles, the second read in two runs; its newest reading was attempted twice, the older one later than that."""
    old, new = a.article("old", ordinal=2), a.article("new", ordinal=2, date=a.after(100), run_id="second")
    other = a.article("other", uri=Uri("https://other.example/"), ordinal=1)
    return [
        *(a.citation(n, of=read) for read in (old, new) for n in (2, 1, 10)),
        a.citation(1, of=other),
        *(old, new, other),
        a.attempt(a.citation(1, of=old), date=a.after(500)),
        a.attempt(a.citation(1, of=new), date=a.after(101), outcome=Outcome.UNREACHABLE),
        a.attempt(a.citation(1, of=new), date=a.after(102), sequence=2, outcome=Outcome.UNCHANGED),
    ]


def test_articles_are_the_newest_readings_in_their_order() -> None:
    """One reading of each article, the newest, in the order of the articles."""
    with filled(two_readings()) as found:
        assert [x.record_id for x in found.articles()] == [a.named("other"), a.named("new")]
        assert found.articles()[1] == a.article("new", ordinal=2, date=a.after(100), run_id="second")
        before = found.reading_before(found.articles()[1])
        assert before is not None
        assert before.record_id == a.named("old")
        assert found.reading_before(before) is None


def test_citations_come_with_their_latest_attempt() -> None:
    """The citations of the newest readings, by article and number, each with the attempt that came last."""
    with filled(two_readings()) as found:
        said = [(c.citation.article_uri, c.citation.ordinal, c.attempt and c.attempt.outcome) for c in found.cited()]
    assert said == [
        ("https://other.example/", 1, None),
        (a.ARTICLE, 1, Outcome.UNCHANGED),
        (a.ARTICLE, 2, None),
        (a.ARTICLE, 10, None),
    ]


def test_a_number_finds_the_citation_of_each_article() -> None:
    """A citation's number is looked for in every article's newest reading."""
    with filled(two_readings()) as found:
        assert [c.citation.article_uri for c in found.cited_at(1)] == ["https://other.example/", a.ARTICLE]
        assert [c.citation.article_id for c in found.cited_at(10)] == [a.named("new")]
        assert found.cited_at(3) == []


def test_the_last_run_is_the_one_that_began_last() -> None:
    """Runs are in the order of their beginnings; one without an end was cut off, one without a beginning lost its file."""
    values: list[Kept] = [
        a.run_start("b", date=a.after(50)),
        a.run_start("a"),
        a.run_end("a", date=a.after(90)),
        a.run_end("c", date=a.after(7)),
    ]
    with filled(values) as found:
        assert [(r.run_id, r.start is not None, r.end is not None) for r in found.runs()] == [
            ("a", True, True),
            ("c", False, True),
            ("b", True, False),
        ]
        last = found.last_run()
        assert last is not None
        assert last.start == a.run_start("b", date=a.after(50))
    with Database.create() as empty:
        assert empty.last_run() is None


# The view


def provenance(path: Path, condition: str = "1") -> list[dict[str, Any]]:
    """The view, as any SQLite client sees it."""
    plain = sqlite3.connect(path)
    plain.row_factory = sqlite3.Row
    found = [dict(row) for row in plain.execute(f"SELECT * FROM provenance WHERE {condition} ORDER BY ordinal, attempted_at")]
    plain.close()
    return found


def test_provenance_goes_from_a_citation_to_its_bytes(path: Path) -> None:
    """The row of a captured citation names the article's bytes, the words, hops, the source's bytes, its text, the run."""
    row = provenance(path, "ordinal = 1")[0]
    expected = {
        "article_uri": a.ARTICLE,
        "article_capture_id": a.named("article capture"),
        "article_file": a.FILE,
        "article_offset": 400,
        "article_length": 1200,
        "article_block_digest": a.digest("block"),
        "article_payload_digest": a.digest("payload"),
        "article_text_digest": a.digest("article text"),
        "sentence": "And he kept saying that.",
        "sentence_start": 2,
        "sentence_end": 26,
        "anchor": "saying",
        "anchor_prefix": "he kept ",
        "anchor_suffix": " that",
        "context": "body",
        "context_reason": "stands in running text",
        "kind": "web",
        "href": "/a?b=2&a=1#:~:text=x",
        "target": a.PAGE,
        "target_from": "href",
        "capture_id": a.named("capture"),
        "capture_type": "response",
        "capture_uri": a.PAGE,
        "captured_at": "2021-08-27T01:02:05.000004Z",
        "http": 200,
        "mime": "text/html",
        "file": a.FILE,
        "offset": 400,
        "length": 1200,
        "block_digest": a.digest("block"),
        "payload_digest": a.digest("payload"),
        "body_digest": a.digest("body"),
        "truncated": None,
        "ip_address": "127.0.0.1",
        "protocols": '["http/1.1", "tls/1.3"]',
        "cipher_suite": "TLS_AES_256_GCM_SHA384",
        "chain_id": a.named("chain"),
        "failure_id": None,
        "extraction_id": a.named("extraction"),
        "tool": "trafilatura",
        "version": "2.3.1",
        "options": '{"include_tables": true}',
        "text_digest": a.digest("text"),
        "source_title": "A title",
        "unreadable": None,
        "outcome": "captured",
        "outcome_reason": "HTTP 200",
        "sequence": 1,
        "run_id": a.RUN,
        "run_started_at": "2021-08-27T01:02:03.000004Z",
        "run_ended_at": "2021-08-27T01:03:03.000004Z",
        "run_reason": "finished",
        "software": '{"Python": "3.11.7", "Scrapy": "2.19.0"}',
        "operator": "Archive desk <archive@example.org>",
        "configuration_digest": a.digest("configuration"),
    }
    assert {name: row[name] for name in expected} == expected
    assert json.loads(row["hops"]) == [
        {"record_id": a.named("hop"), "uri": "http://www.example.org/a?b=2&a=1", "status": 301, "failure": None},
        {"record_id": a.named("capture"), "uri": a.PAGE, "status": 200, "failure": None},
    ]


def test_provenance_says_what_kept_a_source_away(path: Path) -> None:
    """The row of a failed citation names the failure, that of a lost link its outcome."""
    failed, lost = provenance(path, "ordinal > 1")
    assert (failed["outcome"], failed["capture_id"], failed["failure_id"]) == ("unreachable", None, a.named("failure"))
    assert (failed["failure_reason"], failed["failure_error"]) == ("the name does not resolve", "CannotResolveHostError")
    assert [hop["failure"] for hop in json.loads(failed["hops"])] == ["the name does not resolve"]
    assert (lost["outcome"], lost["target"], json.loads(lost["hops"])) == ("no target", None, [])


def test_provenance_keeps_the_order_of_many_hops(path: Path) -> None:
    """Hops are in the order of the way, also beyond ten, and one whose record is lost still stands."""
    hops = tuple(a.named(f"hop {n}") for n in range(12))
    with Database.create(path) as found:
        found.add_all(a.capture(f"hop {n}", status=300 + n) for n in range(11))
        found.add(a.attempt(a.citation(1), date=a.after(999), hops=hops))
        found.commit()
    row = provenance(path, "ordinal = 1")[-1]
    assert [hop["status"] for hop in json.loads(row["hops"])] == [*range(300, 311), None]


def test_the_latest_attempt_is_marked(tmp_path: Path) -> None:
    """`newest_reading AND latest` selects one row a citation: what the table of citations shows."""
    path = tmp_path / "index.sqlite"
    filled(two_readings(), path).close()
    rows = provenance(path, "newest_reading AND latest")
    assert [(row["article_uri"], row["ordinal"], row["outcome"]) for row in rows] == [
        ("https://other.example/", 1, None),
        (a.ARTICLE, 1, "unchanged"),
        (a.ARTICLE, 2, None),
        (a.ARTICLE, 10, None),
    ]
    assert len(provenance(path)) == 8


def test_a_revisit_leads_to_the_bytes_it_stands_for(tmp_path: Path) -> None:
    """The row of a revisit names the place of its original."""
    path = tmp_path / "index.sqlite"
    first = a.capture("first", location=Location(file="archive/one", offset=7, length=9))
    again = a.revisit("capture", of=first, date=a.after(5))
    values: list[Kept] = [first, again, a.article(), a.citation(), a.attempt(a.citation())]
    filled(values, path).close()
    row = provenance(path)[0]
    assert (row["capture_type"], row["refers_to"]) == ("revisit", first.record_id)
    assert (row["refers_to_file"], row["refers_to_offset"], row["refers_to_length"]) == ("archive/one", 7, 9)


def test_provenance_is_asked_through_the_index_too(database: Database) -> None:
    """The typed question gives each cell with its column's name."""
    found = database.provenance("ordinal = ?", (3,))
    assert [dict(row)["outcome"] for row in found] == ["no target"]
