"""The indexes from the files alone: every record is read, and what it says is put in again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from archive.errors import RecordError
from archive.index import cdxj
from archive.index.database import Database
from archive.layout import Layout, sync_directory
from archive.lock import Lock
from archive.model import Capture, Clock
from archive.warc import values
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord

Progress = Callable[[str], None]
"""Called with the name of each file as it is begun."""


def _quiet(_: str) -> None:
    """Nobody is told."""


def reindex(layout: Layout, *, clock: Clock, progress: Progress = _quiet) -> list[RecordError]:
    """Build both indexes anew, each whole or not at all. Gives what could not be read; raises CollectionError."""
    layout.read_identity()
    lock = Lock.take(layout.lock, clock=clock)
    try:
        return rebuild(layout, progress=progress)
    finally:
        lock.release()


def rebuild(layout: Layout, *, progress: Progress = _quiet) -> list[RecordError]:
    """As `reindex`, for who holds the lock."""
    draft = layout.database.with_suffix(".new")
    for left in (draft, draft.with_name(f"{draft.name}-journal"), layout.database.with_name(f"{layout.database.name}-journal")):
        left.unlink(missing_ok=True)
    with Database.create(draft) as database:
        problems = fill(database, layout, progress=progress)
        database.commit()
        write_cdxj(layout, database)
    _put(draft, layout.database)
    return problems


def fill(database: Database, layout: Layout, *, progress: Progress = _quiet) -> list[RecordError]:
    """Add what every sealed file says. Gives what could not be read."""
    problems: list[RecordError] = []
    for name, path in layout.warc_files():
        progress(name)
        found = read_records(path, name=name)
        for value in values.kept(_sound(found, problems)):
            database.add(value)
    return problems


def write_cdxj(layout: Layout, database: Database) -> None:
    """Write indexes/index.cdxj from the rows."""
    layout.cdxj.parent.mkdir(exist_ok=True)
    cdxj.write(layout.cdxj, database.values(Capture, "1"))


def _sound(found: Iterable[StoredRecord | RecordError], problems: list[RecordError]) -> Iterator[StoredRecord]:
    """The records; what could not be read is noted."""
    for one in found:
        if isinstance(one, RecordError):
            problems.append(one)
        else:
            yield one


def _put(draft: Path, final: Path) -> None:
    """Put a finished file in its place, for good."""
    handle = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.rename(final)
    sync_directory(final.parent)
