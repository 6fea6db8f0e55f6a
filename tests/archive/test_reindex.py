"""The files are the truth: whatever a run kept, both indexes can be built from the files, and are the same then."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive.errors import (
    CollectionError,
    CollectionFullError,
    CollectionLockedError,
    NotACollectionError,
    TruncatedRecordError,
)
from archive.index.build import rebuild
from archive.layout import Layout
from archive.model import Citation, RecordEntry, Truncated, Uri
from archive.reindex import reindex
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from tests.archive.living import (
    CHAIN,
    CLOCK,
    FACTS,
    answer,
    cdxj,
    cut_off,
    dump,
    fill,
    findings,
    indexed,
    names,
    opened,
    page,
    resource,
    running,
)
from tests.archive.samples import CHUNKED, ODD, SmallDisk, failure

Scenario = Callable[[Path], None]


def one_of_everything(path: Path) -> None:
    """Every kind of value, large and cut answers among them."""
    with running(path) as collection:
        fill(collection)


def odd_answers(path: Path) -> None:
    """Answers as servers send them."""
    with running(path) as collection:
        for number, response in enumerate(ODD.values()):
            collection.append(page(number, response, uri=Uri(f"http://a.example/{number}?x=&&y=%7e"))).result()


def failures_only(path: Path) -> None:
    """Nothing came."""
    with running(path, replace(FACTS, configuration=None)) as collection:
        for number in range(3):
            collection.append_failure(failure(uri=Uri(f"http://b.example/{number}"), at=CLOCK(), chain=CHAIN)).result()


def revisits(path: Path) -> None:
    """The same bodies in three runs."""
    for _ in range(3):
        with running(path) as collection:
            for number, response in enumerate([CHUNKED, answer(os.urandom(10) + bytes(2_000_000)), answer(b"the same")]):
                collection.append(page(number, response)).result()


def local_files(path: Path) -> None:
    """Resources of one URI with different bytes."""
    for content in (b"one", b"two", b"one"):
        with running(path) as collection:
            collection.append_resource(resource(content)).result()


def rotation(path: Path) -> None:
    """Many small files."""
    with running(path, size_limit=1500) as collection:
        for number in range(10):
            collection.append(page(number, chain=CHAIN)).result()
        fill(collection)


def two_runs(path: Path) -> None:
    """Another configuration, another operator, the same pages."""
    one_of_everything(path)
    with running(path, replace(FACTS, operator="Someone else", configuration=b"other: 1\n", arguments=())) as collection:
        fill(collection)


def a_full_disk(path: Path) -> None:
    """A run whose last record did not fit."""
    disk = SmallDisk(10**7, error=errno.ENOSPC)
    collection = opened(path, opener=disk)
    fill(collection)
    disk.room = 0
    with pytest.raises(CollectionFullError):
        collection.seal(reason="collection_full", counts={})


def mended(path: Path) -> None:
    """A run that was cut off in the middle of a record, and one after it."""
    collection = opened(path.with_name("living"), sync_within=100)
    fill(collection)
    collection.ask(lambda database: database.commit()).result()
    collection.append(page(7, truncated=Truncated.DISCONNECT)).result()
    cut_off(collection, path)
    collection.seal(reason="finished", counts={})
    for torn in (*(path / "archive").iterdir(), *(path / "derived").iterdir()):
        torn.write_bytes(torn.read_bytes()[:-100])
    with running(path) as collection:
        fill(collection)


SCENARIOS: list[Scenario] = [
    one_of_everything,
    odd_answers,
    failures_only,
    revisits,
    local_files,
    rotation,
    two_runs,
    a_full_disk,
    mended,
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_what_is_built_is_what_was_written(tmp_path: Path, scenario: Scenario) -> None:
    """After any history both indexes are rebuilt: the CDXJ byte for byte, the database with the same content."""
    scenario(tmp_path / "c")
    before = dump(tmp_path / "c"), cdxj(tmp_path / "c")
    assert len(before[0]) > 3
    assert reindex(Layout(tmp_path / "c"), clock=CLOCK) == []
    assert (dump(tmp_path / "c"), cdxj(tmp_path / "c")) == before
    shutil.rmtree(tmp_path / "c" / "indexes")
    (tmp_path / "c" / "index.sqlite").unlink()
    assert reindex(Layout(tmp_path / "c"), clock=CLOCK) == []
    assert (dump(tmp_path / "c"), cdxj(tmp_path / "c")) == before
    assert [finding for finding in findings(tmp_path / "c") if finding.severity == "error"] == []


def test_a_run_builds_an_index_of_an_earlier_version_anew(tmp_path: Path) -> None:
    """The next run finds an index without texts, and builds it from the files, so that no text is missed by a search."""
    one_of_everything(tmp_path / "c")
    before = dump(tmp_path / "c")
    with sqlite3.connect(tmp_path / "c" / "index.sqlite") as earlier:
        for table in ("words", "wording", "text"):
            earlier.execute(f"DROP TABLE {table}")
        earlier.execute("PRAGMA user_version = 1")
    earlier.close()
    with pytest.raises(CollectionError, match=r"earlier version \(1 of 2\): run `footnotary reindex`"):
        dump(tmp_path / "c")
    with running(tmp_path / "c") as collection:
        assert collection.ask(lambda database: set(before) - set(database.dump())).result() == set()
    assert [finding for finding in findings(tmp_path / "c") if finding.severity == "error"] == []


def test_nothing_depends_on_the_order_of_files(tmp_path: Path) -> None:
    """Files under other names, read in another order, give the same content but for the names."""
    two_runs(tmp_path / "c")
    before = dump(tmp_path / "c")
    renamed = {}
    for folder in ("archive", "derived"):
        for number, name in enumerate(reversed(names(tmp_path / "c", folder))):
            renamed[f"{folder}/{number}.warc.gz"] = f"{folder}/{name}"
            (tmp_path / "c" / folder / name).rename(tmp_path / "c" / folder / f"{number}.warc.gz")
    reindex(Layout(tmp_path / "c"), clock=CLOCK)
    after = dump(tmp_path / "c")
    assert after != before
    assert sorted(_with_names(line, renamed) for line in after) == sorted(before)


def _with_names(line: str, renamed: dict[str, str]) -> str:
    for name, old in renamed.items():
        line = line.replace(f'"{name}"', f'"{old}"')
    return line


@pytest.mark.parametrize("garbage", [b"", b"no database at all", b"SQLite format 3\x00" + bytes(5000)])
def test_an_index_that_is_garbage(tmp_path: Path, garbage: bytes) -> None:
    """Whatever stands in the index's place, the next run or a reindex puts the right one there."""
    one_of_everything(tmp_path / "c")
    for build in (lambda: reindex(Layout(tmp_path / "c"), clock=CLOCK), lambda: two_runs(tmp_path / "c")):
        (tmp_path / "c" / "index.sqlite").write_bytes(garbage)
        build()
        assert findings(tmp_path / "c") == []


def test_a_journal_of_another_index_is_not_played_into_the_new_one(tmp_path: Path) -> None:
    """What SQLite left beside a file that is replaced goes with it."""
    one_of_everything(tmp_path / "c")
    before = dump(tmp_path / "c")
    (tmp_path / "c" / "index.sqlite-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))
    reindex(Layout(tmp_path / "c"), clock=CLOCK)
    assert dump(tmp_path / "c") == before
    assert not (tmp_path / "c" / "index.sqlite-journal").exists()


def test_what_a_cut_off_run_left_is_mended_first(tmp_path: Path) -> None:
    """All that a killed run has written is in the new index, and its files have their final names."""
    collection = opened(tmp_path / "living", sync_within=100)
    kept = fill(collection)
    cut_off(collection, tmp_path / "c")
    collection.seal(reason="finished", counts={})
    reindex(Layout(tmp_path / "c"), clock=CLOCK)
    assert {c.record_id for c in kept.captures} <= {c.record_id for c in indexed(tmp_path / "c")}
    assert len(indexed(tmp_path / "c", Citation)) == 2
    assert findings(tmp_path / "c") == []


def test_damage_is_told_and_everything_else_indexed(tmp_path: Path) -> None:
    """A file that ends in the middle of a record is named with the offset; every other record is in the index."""
    one_of_everything(tmp_path / "c")
    (name,) = names(tmp_path / "c")
    path = tmp_path / "c" / "archive" / name
    last = [one for one in read_records(path, name=name) if isinstance(one, StoredRecord)][-1].location
    path.write_bytes(path.read_bytes()[: last.offset + 20])
    before = len(indexed(tmp_path / "c", RecordEntry))
    (problem,) = reindex(Layout(tmp_path / "c"), clock=CLOCK)
    assert isinstance(problem, TruncatedRecordError)
    assert (problem.path, problem.offset) == (path, last.offset)
    assert len(indexed(tmp_path / "c", RecordEntry)) == before - 1


def test_progress_names_each_file(tmp_path: Path) -> None:
    """Who waits is told which file is being read."""
    rotation(tmp_path / "c")
    told: list[str] = []
    reindex(Layout(tmp_path / "c"), clock=CLOCK, progress=told.append)
    assert told == [f"{folder}/{name}" for folder in ("archive", "derived") for name in names(tmp_path / "c", folder)]


def test_the_old_index_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    """A build that is interrupted leaves both indexes as they were, and the next one takes its draft away."""
    one_of_everything(tmp_path / "c")
    before = dump(tmp_path / "c"), cdxj(tmp_path / "c")

    def interrupt(name: str) -> None:
        if name.startswith("derived"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(Layout(tmp_path / "c"), clock=CLOCK, progress=interrupt)
    assert (dump(tmp_path / "c"), cdxj(tmp_path / "c")) == before
    reindex(Layout(tmp_path / "c"), clock=CLOCK)
    assert (dump(tmp_path / "c"), cdxj(tmp_path / "c")) == before
    assert {path.name for path in (tmp_path / "c").iterdir() if path.is_file()} == {"collection.yml", ".lock", "index.sqlite"}


def test_an_empty_collection(tmp_path: Path) -> None:
    """A collection without a file has empty indexes."""
    layout = Layout(tmp_path / "c")
    layout.make(title="empty")
    assert rebuild(layout) == []
    assert (dump(tmp_path / "c"), cdxj(tmp_path / "c")) == ([], b"")


def test_not_while_a_run_goes_on(tmp_path: Path) -> None:
    """The index of a run that goes on is not replaced under its hands."""
    with running(tmp_path / "c") as collection:
        with pytest.raises(CollectionLockedError):
            reindex(Layout(tmp_path / "c"), clock=CLOCK)
        collection.append(page(1)).result()
    assert findings(tmp_path / "c") == []


def test_only_a_collection(tmp_path: Path) -> None:
    """A directory that holds no collection is said to be none, and stays as it is."""
    with pytest.raises(NotACollectionError):
        reindex(Layout(tmp_path), clock=CLOCK)
    assert list(tmp_path.iterdir()) == []
