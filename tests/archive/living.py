"""Whole collections for tests: opened, filled with one of everything, cut off, looked at."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.collection import Collection, RunFacts, WriterOptions
from archive.index.database import Database
from archive.layout import Layout
from archive.model import (
    Capture,
    Exchange,
    Kept,
    KeptFailure,
    Location,
    Outcome,
    RecordEntry,
    Resource,
    Truncated,
    Uri,
    digest_of,
)
from archive.proof.finding import Finding
from archive.proof.verify import Verification
from archive.warc.draft import new_record_id
from archive.warc.reader import read_at
from tests.archive import index_samples
from tests.archive.samples import CHUNKED, PLAIN, exchange, failure

BEGAN = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
CONFIGURATION = b"collection: a\narticles: []\n"
CHAIN = (b"0\x03\x02\x01\x01", b"0\x03\x02\x01\x02")
TEXT = "And he kept saying that."
FACTS = RunFacts(
    operator="Archive desk <archive@example.org>",
    user_agent="footnotary/1 (archive@example.org)",
    robots="obey",
    software={"footnotary": "1", "Python": "3.11"},
    arguments=("config=sources.yml",),
    configuration=CONFIGURATION,
    title="A collection",
)


class Clock:
    """A clock that goes on by a millisecond whenever it is read."""

    def __init__(self, at: datetime = BEGAN) -> None:
        self._at = at
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._at += timedelta(milliseconds=1)
            return self._at


CLOCK = Clock()


def opened(path: Path, facts: RunFacts = FACTS, **options: Any) -> Collection:
    """A run of the collection at `path`; `options` are those of WriterOptions."""
    return Collection.open(path, facts, clock=CLOCK, options=WriterOptions(**options))


@contextmanager
def running(path: Path, facts: RunFacts = FACTS, **options: Any) -> Iterator[Collection]:
    """A run that ends well."""
    collection = opened(path, facts, **options)
    yield collection
    collection.seal(reason="finished", counts={"captures": 1})


def page(number: int = 1, response: bytes = PLAIN, **changes: Any) -> Exchange:
    """An exchange with a page of its own."""
    at = CLOCK()
    whole = {"uri": Uri(f"http://a.example/{number}"), "began_at": at, "ended_at": at + timedelta(milliseconds=5)}
    return exchange(response, **{**whole, **changes})


def answer(body: bytes, *, status: bytes = b"200 OK", more: bytes = b"") -> bytes:
    """The bytes of a response."""
    return b"HTTP/1.1 %b\r\nContent-Type: text/html\r\n%bContent-Length: %d\r\n\r\n%b" % (status, more, len(body), body)


def resource(content: bytes = b"<html>an article</html>", **changes: Any) -> Resource:
    """A local file."""
    whole = Resource(uri=Uri("https://magazine.example/file"), content_type="text/html", content=content, at=CLOCK())
    return replace(whole, **changes)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What `fill` has kept."""

    captures: tuple[Capture, ...]
    failures: tuple[KeptFailure, ...]


def fill(collection: Collection) -> Filled:
    """One of everything that a run keeps, each referring to what is there."""
    cut = page(5, PLAIN.replace(b"Length: 5", b"Length: 9"), truncated=Truncated.TIME)
    exchanges = [
        page(1),
        page(2, CHUNKED, chain=CHAIN, interim=b"HTTP/1.1 100 Continue\r\n\r\n", surplus=b"more"),
        page(3, answer(b"x" * 2_000_000)),
        page(4, answer(b"", status=b"404 Not Found")),
        cut,
        page(6, answer(b"", status=b"304 Not Modified"), method="HEAD"),
        page(1),
    ]
    captures = [collection.append(one).result() for one in exchanges]
    captures.append(collection.append_resource(resource()).result())
    failures = [
        collection.append_failure(failure(at=CLOCK(), chain=CHAIN, request=b"GET / HTTP/1.1\r\n\r\n", received=b"HT")).result(),
        collection.append_failure(failure(at=CLOCK(), outcome=Outcome.ROBOTS, error="RobotsRefusedError")).result(),
    ]
    conclude(collection, captures[0], failures[0])
    return Filled(captures=tuple(captures), failures=tuple(failures))


def conclude(collection: Collection, capture: Capture, missing: KeptFailure) -> None:
    """An article with two citations, one of which leads to `capture` and the other to nothing."""
    run: dict[str, Any] = {"run_id": collection.run_id, "date": CLOCK()}
    read = index_samples.extraction(
        record_id=new_record_id(),
        capture_id=capture.record_id,
        uri=capture.uri,
        text_id=new_record_id(),
        digest=digest_of(TEXT.encode()),
        **run,
    )
    unread = replace(read, record_id=new_record_id(), text_id=None, digest=None, unreadable="it is a picture")
    article = index_samples.article(
        record_id=new_record_id(), uri=capture.uri, capture_id=capture.record_id, extraction_id=read.record_id, **run
    )
    collection.keep_extraction(read, TEXT).result()
    collection.keep_extraction(unread, None).result()
    collection.keep(article).result()
    ends: tuple[dict[str, Any], ...] = (
        {"hops": (capture.record_id,), "capture_id": capture.record_id, "extraction_id": read.record_id},
        {"hops": (missing.record_id,), "capture_id": None, "extraction_id": None, "failure_id": missing.record_id},
    )
    for number, end in enumerate(ends, 1):
        citation = index_samples.citation(
            number, of=article, record_id=new_record_id(), citation_id=new_record_id(), extraction_id=read.record_id
        )
        collection.keep(citation).result()
        attempt = index_samples.attempt(citation, sequence=number, record_id=new_record_id(), **{**run, **end})
        collection.keep(attempt).result()


def cut_off(collection: Collection, to: Path) -> Path:
    """The directory of a run as a kill -9 at this moment leaves it. It must not settle meanwhile: `sync_within` is long."""
    shutil.copytree(collection.root, to)
    return to


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[Callable[[str], object]]:
    """A file system of its own at `folder` that holds so much (`400k`); what it gives makes it larger. Skips the test where
    none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted here: a really full disk is NOT tested, only files that say so")
    try:
        yield lambda larger: subprocess.run(["mount", "-o", f"remount,size={larger}", str(folder)], check=True)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def committed(path: Path, table: str = "capture") -> set[str]:
    """The record ids of the rows that are committed at this moment, as another process sees them."""
    connection = sqlite3.connect(f"{(path / 'index.sqlite').as_uri()}?mode=ro", uri=True)
    try:
        return {row[0] for row in connection.execute(f"SELECT record_id FROM {table}")}
    finally:
        connection.close()


def acknowledged(path: Path, copy: Path) -> dict[str, tuple[str, str]]:
    """The captures whose rows were committed when the writer of `path` was killed, with their block and payload digests.

    Looked at in a copy, where SQLite undoes a commit that was cut off: the collection itself stays as the kill left it.
    """
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for found in path.glob("index.sqlite*"):
        shutil.copy(found, copy / found.name)
    connection = sqlite3.connect(copy / "index.sqlite")
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'capture'").fetchone():
            return {}
        rows = connection.execute("SELECT record_id, block_digest, payload_digest FROM capture")
        return {record_id: (block_digest, payload) for record_id, block_digest, payload in rows}
    finally:
        connection.close()


def digests(path: Path) -> dict[str, tuple[str, str]]:
    """The captures of a collection that is at rest, in the same way."""
    return {one.record_id: (one.block_digest, one.payload_digest) for one in indexed(path)}


def dump(path: Path) -> list[str]:
    """The content of index.sqlite."""
    with Database.open_read_only(Layout(path).database) as database:
        return list(database.dump())


def indexed(path: Path, kind: type[Kept] = Capture) -> list[Any]:
    """The values of one kind in index.sqlite, as they lie in the files."""
    order = "date, record_id" if kind not in (Capture, RecordEntry) else "file, offset"
    with Database.open_read_only(Layout(path).database) as database:
        return database.values(kind, f"1 ORDER BY {order}")


def cdxj(path: Path) -> bytes:
    """index.cdxj as it stands."""
    return Layout(path).cdxj.read_bytes()


def names(path: Path, folder: str = "archive") -> list[str]:
    """The files of a folder of a collection."""
    return sorted(one.name for one in (path / folder).iterdir())


def block(path: Path, location: Location) -> bytes:
    """The block of a record."""
    return read_at(path, location).block.read()


def findings(path: Path) -> list[Finding]:
    """What verification says of a collection."""
    return list(Verification(Layout(path), progress=lambda _: None).findings())
