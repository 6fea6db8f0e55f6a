"""A run of a collection: what is written, what is acknowledged, what is kept once, and what happens when the disk says no."""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.collection import Collection, WriterOptions
from archive.errors import ArchiveError, CollectionError, CollectionFullError, CollectionLockedError
from archive.index.cdxj import line, read
from archive.index.database import Database
from archive.index.queries import Run
from archive.layout import Layout
from archive.model import Capture, Truncated, Uri
from archive.spool import Spool
from tests.archive import living
from tests.archive.living import FACTS, answer, committed, fill, findings, names, opened, page, resource, running, small_disk
from tests.archive.samples import CHUNKED, PLAIN, SmallDisk, failure

SEALED = re.compile(r"footnotary-\d{17}-(\d{5})-\d{14}[0-9a-f]{6}\.warc\.gz")


class Watched(io.FileIO):
    """A real file that tells of each sync before it happens; what is told may raise."""

    def __init__(self, path: Path, told: Callable[[], None]) -> None:
        super().__init__(path, "x")
        self._told = told

    def fileno(self) -> int:
        self._told()
        return super().fileno()


def watched(told: Callable[[], None]) -> Callable[[Path], io.RawIOBase]:
    """An opener of such files."""
    return lambda path: Watched(path, told)


class Faulty:
    """A disk whose syncs fail from the moment on that `broken` is true."""

    broken = False

    def __init__(self, *, error: int = errno.EIO) -> None:
        self._error = error

    def __call__(self) -> None:
        if self.broken:
            raise OSError(self._error, os.strerror(self._error))


def wait_for(condition: Callable[[], object]) -> float:
    """Seconds until a condition holds."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 10
        time.sleep(0.005)
    return time.monotonic() - began


# Written, acknowledged, sealed


def test_a_future_ends_when_the_record_is_written(tmp_path: Path) -> None:
    """What a future gives can be read from the file at once, long before it is acknowledged."""
    collection = opened(tmp_path / "c", sync_within=100)
    capture = collection.append(page(1)).result()
    assert living.block(tmp_path / "c", capture.location) == PLAIN
    assert committed(tmp_path / "c") == set()
    collection.seal(reason="finished", counts={})
    assert capture.record_id in committed(tmp_path / "c")


def test_rows_are_committed_only_after_a_sync(tmp_path: Path) -> None:
    """At the moment of a sync no row of what is being synced is committed; afterwards all of them are."""
    before: list[int] = []

    def told() -> None:
        before.append(len(committed(tmp_path / "c", "record")))

    collection = opened(tmp_path / "c", opener=watched(told), sync_within=0.05)
    wait_for(lambda: committed(tmp_path / "c", "record"))
    first = len(committed(tmp_path / "c", "record"))
    before.clear()
    collection.append(page(1)).result()
    wait_for(lambda: len(committed(tmp_path / "c", "record")) > first)
    assert set(before) == {first}
    collection.seal(reason="finished", counts={})


def test_at_most_a_second_is_unacknowledged(tmp_path: Path) -> None:
    """A lone record is acknowledged soon without another one; many records share a sync."""
    assert WriterOptions().sync_within <= 1
    syncs: list[float] = []
    collection = opened(tmp_path / "c", opener=watched(lambda: syncs.append(time.monotonic())), sync_within=0.3)
    capture = collection.append(page(0)).result()
    assert wait_for(lambda: capture.record_id in committed(tmp_path / "c")) < 0.8
    syncs.clear()
    for number in range(100):
        collection.append(page(number)).result()
    collection.seal(reason="finished", counts={})
    assert len(syncs) < 20


def test_a_sealed_collection_is_at_rest(tmp_path: Path) -> None:
    """Files have their final names, nothing is open, the index needs no journal, and verification finds nothing."""
    with running(tmp_path / "c") as collection:
        fill(collection)
        assert [name[-8:] for folder in ("archive", "derived") for name in names(tmp_path / "c", folder)] == [".gz.open"] * 2
    for folder in ("archive", "derived"):
        (name,) = names(tmp_path / "c", folder)
        assert SEALED.fullmatch(name)
    assert {path.name for path in (tmp_path / "c").iterdir()} == {
        *("archive", "derived", "indexes", "logs", "index.sqlite", "collection.yml", ".lock")
    }
    with sqlite3.connect(tmp_path / "c" / "index.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()
    assert findings(tmp_path / "c") == []


def test_run_is_told_from_start_to_end(tmp_path: Path) -> None:
    """The row of a run says who, with what, how it ended and what it counted."""
    with running(tmp_path / "c") as collection:
        run_id = collection.run_id
    with sqlite3.connect(tmp_path / "c" / "index.sqlite") as connection:
        connection.row_factory = sqlite3.Row
        (row,) = connection.execute("SELECT * FROM run").fetchall()
    connection.close()
    assert (row["run_id"], row["operator"], row["reason"], row["counts"]) == (
        run_id,
        FACTS.operator,
        "finished",
        '{"captures": 1}',
    )
    assert row["date"] < row["ended_at"]


def test_everything_of_many_threads_is_kept(tmp_path: Path) -> None:
    """Threads that append at the same time each get their own record."""
    with running(tmp_path / "c") as collection, ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda n: collection.append(page(n, answer(b"%d" % n))).result(), range(120)))
    assert {c.uri for c in done} == {f"http://a.example/{n}" for n in range(120)}
    assert living.indexed(tmp_path / "c") == sorted(
        [c for c in living.indexed(tmp_path / "c") if c.type == "resource"] + done, key=lambda c: c.location
    )
    assert findings(tmp_path / "c") == []


def test_ask_sees_what_was_handed_in_before(tmp_path: Path) -> None:
    """A question is answered after everything that was handed in before it, acknowledged or not."""
    with running(tmp_path / "c", sync_within=100) as collection:
        collection.append(page(1))
        found = collection.ask(lambda database: database.captures(Uri("http://a.example/1"))).result()
    assert [capture.type for capture in found] == ["response"]


def test_the_archive_closes_the_spool(tmp_path: Path) -> None:
    """The bytes of an answer are given back once they are written."""
    spool = Spool.of(PLAIN)
    with running(tmp_path / "c") as collection:
        collection.append(replace(page(1), response=spool)).result()
    with pytest.raises(ValueError, match="closed"):
        spool.read()


# Rotation


def test_rotation_by_size(tmp_path: Path) -> None:
    """A full file is sealed and another one begun; all of them are indexed, and their serial numbers go on."""
    with running(tmp_path / "c", size_limit=3000) as collection:
        captures = [collection.append(page(n)).result() for n in range(20)]
        fill(collection)
    for folder in ("archive", "derived"):
        found = [SEALED.fullmatch(name) for name in names(tmp_path / "c", folder)]
        assert len(found) > 2
        assert [int(match[1]) for match in found if match] == list(range(len(found)))
    assert len({c.location.file for c in captures}) > 3
    assert all(living.block(tmp_path / "c", c.location) == PLAIN for c in captures)
    lines = list(read(Layout(tmp_path / "c").cdxj))
    assert {(one.record_id, one.location) for one in lines} == {
        (c.record_id, c.location) for c in living.indexed(tmp_path / "c")
    }
    assert findings(tmp_path / "c") == []


def test_replay_tools_see_sealed_files_only(tmp_path: Path) -> None:
    """While a run goes on, index.cdxj lists what has its final name already, whichever folder rotates."""
    collection = opened(tmp_path / "c", size_limit=3000)
    for folder in ("archive", "derived"):
        while not any(name.endswith(".gz") for name in names(tmp_path / "c", folder)):
            fill(collection)
    collection.append(page(1)).result()
    listed = {one.location.file for one in read(Layout(tmp_path / "c").cdxj)}
    assert listed
    assert listed == {file for file in listed if (tmp_path / "c" / file).exists()}
    collection.seal(reason="finished", counts={})


def test_rotation_acknowledges_first(tmp_path: Path) -> None:
    """A file gets its final name only after its rows are committed."""
    collection = opened(tmp_path / "c", size_limit=2000, sync_within=100)
    captures: list[Capture] = []
    while not any(name.endswith(".gz") for name in names(tmp_path / "c")):
        captures.append(collection.append(page(len(captures))).result())
    assert {c.record_id for c in captures[:-1]} <= committed(tmp_path / "c")
    collection.seal(reason="finished", counts={})


# Once


def test_a_second_run_is_refused(tmp_path: Path) -> None:
    """While a run goes on, another one is told who holds the collection, and nothing is written for it."""
    with running(tmp_path / "c") as collection:
        before = (names(tmp_path / "c"), names(tmp_path / "c", "derived"), (tmp_path / "c" / "collection.yml").read_bytes())
        with pytest.raises(
            CollectionLockedError, match=rf"in use by the run with process id {os.getpid()}, started 2026-"
        ) as caught:
            opened(tmp_path / "c")
        assert caught.value.path == tmp_path / "c"
        assert before == (
            names(tmp_path / "c"),
            names(tmp_path / "c", "derived"),
            (tmp_path / "c" / "collection.yml").read_bytes(),
        )
        collection.append(page(1)).result()
    with running(tmp_path / "c"):
        pass
    assert findings(tmp_path / "c") == []


@pytest.mark.parametrize("folder", ["archive", "derived"])
def test_an_opening_that_fails_leaves_no_lock(tmp_path: Path, folder: str) -> None:
    """When a run can't begin, its error says so, and the collection is free for the next one."""
    with running(tmp_path / "c"):
        pass

    def refuse(path: Path) -> io.RawIOBase:
        if path.parent.name == folder:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return io.FileIO(path, "x")

    with pytest.raises(CollectionError, match="Read-only file system"):
        opened(tmp_path / "c", replace(FACTS, configuration=b"another"), opener=refuse)
    with running(tmp_path / "c"):
        pass
    assert findings(tmp_path / "c") == []


def test_a_file_is_no_collection(tmp_path: Path) -> None:
    """A path that can't be a directory is one sentence that names it."""
    (tmp_path / "c").write_text("a file")
    with pytest.raises(CollectionError, match=f"{tmp_path}/c: File exists"):
        opened(tmp_path / "c")


def test_chain_resource_and_configuration_are_kept_once(tmp_path: Path) -> None:
    """The same certificate chain, the same local file and the same configuration are one record each, in every run."""
    for _ in range(2):
        with running(tmp_path / "c") as collection:
            captures = [collection.append(page(n, chain=living.CHAIN)).result() for n in range(3)]
            files = [collection.append_resource(resource()).result() for _ in range(2)]
    resources = [c for c in living.indexed(tmp_path / "c") if c.type == "resource"]
    assert sorted(c.mime for c in resources) == ["application/pem-certificate-chain", "application/yaml", "text/html"]
    (chain,) = (c.record_id for c in resources if "pem" in c.mime)
    assert {c.chain_id for c in captures} == {chain}
    assert files[0] == files[1] == next(c for c in resources if c.mime == "text/html")
    (configuration,) = (c for c in resources if "yaml" in c.mime)
    assert {run.start.configuration_id for run in _runs(tmp_path / "c") if run.start} == {configuration.record_id}
    assert living.block(tmp_path / "c", configuration.location) == living.CONFIGURATION


def _runs(path: Path) -> list[Run]:
    with Database.open_read_only(Layout(path).database) as database:
        return database.runs()


def test_another_chain_file_or_configuration_is_kept_too(tmp_path: Path) -> None:
    """What differs in one byte is a record of its own."""
    with running(tmp_path / "c") as collection:
        collection.append(page(1, chain=living.CHAIN)).result()
        collection.append(page(2, chain=living.CHAIN[:1])).result()
        first = collection.append_resource(resource(b"one")).result()
        second = collection.append_resource(resource(b"two")).result()
    with running(tmp_path / "c", replace(FACTS, configuration=b"other")):
        pass
    assert first.record_id != second.record_id
    assert len([c for c in living.indexed(tmp_path / "c") if c.type == "resource"]) == 6


# Revisits


@pytest.mark.parametrize("response", [PLAIN, CHUNKED, answer(os.urandom(2_000_000))], ids=["plain", "chunked", "large"])
def test_the_same_body_again_is_a_revisit(tmp_path: Path, response: bytes) -> None:
    """It refers to the response that holds the bytes, has its digests and sizes, and its own head as its block."""
    with running(tmp_path / "c") as collection:
        original = collection.append(page(1, response)).result()
    with running(tmp_path / "c") as collection:
        again = collection.append(page(1, response.replace(b"200 OK", b"200 Ok"))).result()
        third = collection.append(page(1, response)).result()
    for capture in (again, third):
        assert capture.type == "revisit"
        assert (capture.refers_to, capture.refers_to_uri, capture.refers_to_date) == (
            original.record_id,
            original.uri,
            original.date,
        )
        same = ("payload_digest", "body_digest", "entity_size", "status", "mime")
        assert [getattr(capture, name) for name in same] == [getattr(original, name) for name in same]
    head, end, _ = response.partition(b"\r\n\r\n")
    assert living.block(tmp_path / "c", again.location) == head.replace(b"200 OK", b"200 Ok") + end
    assert findings(tmp_path / "c") == []


CUT = PLAIN.replace(b"Length: 5", b"Length: 9")
NEVER = {
    "cut": (page(1, CUT, truncated=Truncated.TIME), page(1, CUT, truncated=Truncated.TIME)),
    "whole after cut": (page(1, PLAIN, truncated=Truncated.DISCONNECT), page(1, PLAIN)),
    "cut after whole": (page(1, PLAIN), page(1, PLAIN, truncated=Truncated.LENGTH)),
    "empty": (page(1, answer(b"")), page(1, answer(b""))),
    "other status": (page(1, answer(b"x")), page(1, answer(b"x", status=b"404 Not Found"))),
    "other uri": (page(1), page(2)),
    "other method": (page(1), page(1, method="POST")),
    "other body": (page(1), page(1, answer(b"hellO"))),
    "chunked otherwise": (page(1, PLAIN), page(1, CHUNKED)),
}


@pytest.mark.parametrize("case", NEVER)
def test_never_a_revisit(tmp_path: Path, case: str) -> None:
    """What was cut, is empty or differs in anything that was asked for or sent as body stands for itself."""
    first, second = (replace(one, response=Spool.of(one.response.read())) for one in NEVER[case])
    with running(tmp_path / "c") as collection:
        types = [collection.append(one).result().type for one in (first, second)]
    assert types == ["response", "response"]


# A disk that says no


def test_a_sync_that_fails_breaks_the_run(tmp_path: Path) -> None:
    """After a sync that failed nothing more is taken, the seal raises, and no row is committed that was not synced."""
    faulty = Faulty()
    collection = opened(tmp_path / "c", opener=watched(faulty), sync_within=0.05)
    first = collection.append(page(1)).result()
    wait_for(lambda: first.record_id in committed(tmp_path / "c"))
    faulty.broken = True
    second = collection.append(page(2)).result()
    wait_for(lambda: collection.ask(lambda _: None).exception())
    faulty.broken = False
    handed_in: list[Future[Any]] = [
        collection.append(page(3)),
        collection.append_failure(failure()),
        collection.append_resource(resource(b"new")),
        collection.ask(lambda database: list(database.dump())),
    ]
    for future in handed_in:
        assert isinstance(future.exception(), ArchiveError)
        assert not isinstance(future.exception(), OSError)
    with pytest.raises(CollectionError, match="Input/output error"):
        collection.seal(reason="finished", counts={})
    assert second.record_id not in committed(tmp_path / "c")
    assert [name.endswith(".open") for name in names(tmp_path / "c")] == [True]
    with running(tmp_path / "c"):
        pass
    assert {first.record_id, second.record_id} <= committed(tmp_path / "c")
    assert findings(tmp_path / "c") == []


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_a_sync_that_fails_in_a_rotation_breaks_the_run(tmp_path: Path, error: int) -> None:
    """It is no matter of the one record that came when the file was full, not even where the disk says that it is full: what
    was not synced then is not synced by a later try."""
    faulty = Faulty(error=error)
    collection = opened(tmp_path / "c", opener=watched(faulty), sync_within=100, size_limit=2000)
    faulty.broken = True
    errors = [collection.append(page(number)).exception() for number in range(10)]
    faulty.broken = False
    assert errors[0] is None
    assert isinstance(errors[-1], CollectionError)
    assert isinstance(collection.append(page(11)).exception(), CollectionError)
    with pytest.raises(CollectionError):
        collection.seal(reason="finished", counts={})
    with running(tmp_path / "c"):
        pass
    assert {c.uri for c in living.indexed(tmp_path / "c") if c.type == "response"} == {
        f"http://a.example/{n}" for n, one in enumerate(errors) if one is None
    }
    assert findings(tmp_path / "c") == []


def test_an_index_that_takes_no_row_breaks_the_run(tmp_path: Path) -> None:
    """What the files hold and the index does not is never sealed as if it were whole: the next run builds the index anew."""
    with running(tmp_path / "c"):
        pass
    collection = opened(tmp_path / "c")
    collection.append(page(1)).result()
    collection.ask(lambda database: database.rows("DROP TABLE failure")).result()
    assert isinstance(collection.append_failure(failure()).exception(), CollectionError)
    assert isinstance(collection.append(page(2)).exception(), CollectionError)
    with pytest.raises(CollectionError, match="no such table"):
        collection.seal(reason="finished", counts={})
    with running(tmp_path / "c"):
        pass
    assert len(committed(tmp_path / "c", "failure")) == 1
    assert findings(tmp_path / "c") == []


def test_a_spool_that_fails_is_an_error_of_its_answer_alone(tmp_path: Path) -> None:
    """What can't be read back is not kept; it is no OSError, which a crawler would try again, and the run goes on."""

    class Lost(Spool):
        def read(self, start: int = 0, length: int | None = None) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with running(tmp_path / "c") as collection:
        error = collection.append(replace(page(1), response=Lost())).exception()
        assert isinstance(error, ArchiveError)
        assert not isinstance(error, CollectionError)
        assert "http://a.example/1" in str(error)
        collection.append(page(2)).result()
    assert findings(tmp_path / "c") == []


def test_a_full_disk(tmp_path: Path) -> None:
    """The error says so; nothing is torn; what was written before is sealed, though the last record of the run does not fit."""
    disk = SmallDisk(10**6, error=errno.ENOSPC)
    collection = opened(tmp_path / "c", opener=disk)
    kept = fill(collection)
    disk.room = 300
    with pytest.raises(CollectionFullError, match="no space is left on its disk, make room"):
        collection.append(page(9, answer(os.urandom(5000)))).result()
    disk.room = 0
    with pytest.raises(CollectionFullError):
        collection.seal(reason="collection_full", counts={})
    assert all(SEALED.fullmatch(name) for folder in ("archive", "derived") for name in names(tmp_path / "c", folder))
    assert {c.record_id for c in kept.captures} <= committed(tmp_path / "c")
    assert findings(tmp_path / "c") == []
    with running(tmp_path / "c") as again:
        again.append(page(9)).result()
    assert findings(tmp_path / "c") == []


def test_what_is_smaller_may_fit(tmp_path: Path) -> None:
    """One answer that is too large for the disk takes nothing from the smaller ones after it."""
    disk = SmallDisk(10**6, error=errno.ENOSPC)
    with running(tmp_path / "c", opener=disk) as collection:
        disk.room = 20_000
        assert isinstance(collection.append(page(1, answer(os.urandom(50_000)))).exception(), CollectionFullError)
        disk.room = 20_000
        collection.append(page(2)).result()
    assert findings(tmp_path / "c") == []


def test_a_disk_that_is_full_at_once(tmp_path: Path) -> None:
    """A run that can't even begin is an error, and leaves a collection that the next run can use."""
    with pytest.raises(CollectionFullError):
        opened(tmp_path / "c", opener=SmallDisk(100, error=errno.ENOSPC))
    assert names(tmp_path / "c") == names(tmp_path / "c", "derived") == []
    with running(tmp_path / "c") as collection:
        collection.append(page(1)).result()
    assert findings(tmp_path / "c") == []


def test_a_real_full_disk(tmp_path: Path) -> None:
    """Whatever meets the end of the disk, WARC file, index or journal: what was acknowledged before is there afterwards, and
    with room again so is everything that was written."""
    with small_disk(tmp_path / "disk", size="400k") as enlarge:
        root = tmp_path / "disk" / "c"
        collection = opened(root, sync_within=0.01)
        written: list[Capture] = []
        while (error := (future := collection.append(page(len(written), answer(os.urandom(4000))))).exception()) is None:
            written.append(future.result())
            time.sleep(0.002)
        assert isinstance(error, CollectionFullError)
        acknowledged = committed(root)
        with pytest.raises(CollectionError):
            collection.seal(reason="collection_full", counts={})
        assert len(written) > 10
        assert len(acknowledged) > 5
        assert acknowledged <= committed(root)
        with pytest.raises(CollectionFullError):
            opened(root)
        enlarge("8m")
        with running(root):
            pass
        assert {c.record_id for c in written} | acknowledged <= committed(root)
        assert findings(root) == []


# The files are the truth


def test_the_line_of_a_capture_is_that_of_its_value(tmp_path: Path) -> None:
    """What an append gives is what index.sqlite and index.cdxj say of it."""
    with running(tmp_path / "c") as collection:
        kept = fill(collection)
    assert set(kept.captures) <= set(living.indexed(tmp_path / "c"))
    assert {line(capture) for capture in kept.captures} <= set(living.cdxj(tmp_path / "c").decode().splitlines())


@pytest.mark.parametrize(
    "lost", [["index.sqlite"], ["indexes/index.cdxj"], ["index.sqlite", "indexes/index.cdxj"], ["indexes"]]
)
def test_the_next_run_builds_a_lost_index(tmp_path: Path, lost: list[str]) -> None:
    """An index that is gone comes back with the next run, with what the earlier runs kept."""
    with running(tmp_path / "c") as collection:
        fill(collection)
    for name in lost:
        path = tmp_path / "c" / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    with running(tmp_path / "c") as collection:
        assert collection.append(page(1)).result().type == "revisit"
    assert findings(tmp_path / "c") == []


def test_seal_of_an_empty_run(tmp_path: Path) -> None:
    """A run that kept nothing but itself leaves one file that says so."""
    with running(tmp_path / "c", replace(FACTS, configuration=None)) as collection:
        assert isinstance(collection, Collection)
    assert names(tmp_path / "c") == []
    assert len(names(tmp_path / "c", "derived")) == 1
    assert findings(tmp_path / "c") == []
