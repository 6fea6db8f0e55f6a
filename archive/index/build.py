"""Both indexes from the files alone: every record is read, and what it says is put in again.

The index that is there stays as it is until the new one is whole; a build that is cut off leaves a draft, which the next
one throws away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from archive.disk import translated
from archive.errors import RecordError
from archive.index import cdxj
from archive.index.database import SIDECARS, Database, put_in_place
from archive.layout import Layout
from archive.model import Capture
from archive.warc import values
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord

Progress = Callable[[str], None]
"""Called with the name of each file as it is begun."""


def quiet(_: str) -> None:
    """Nobody is told."""


def rebuild(layout: Layout, *, progress: Progress = quiet) -> list[RecordError]:
    """Build both indexes anew, each whole or not at all. Gives what could not be read. Only for who holds the lock.

    Raises CollectionError, CollectionFullError where the disk is full.
    """
    draft = layout.database.with_suffix(".new")
    with translated(layout.database):
        for suffix in ("", *SIDECARS):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)
        with Database.create(draft) as database:
            problems = fill(database, layout, progress=progress)
            database.commit()
            write_cdxj(layout, database)
        put_in_place(draft, layout.database)
    return problems


def fill(database: Database, layout: Layout, *, progress: Progress = quiet) -> list[RecordError]:
    """Add what every sealed file says. Gives what could not be read."""
    problems: list[RecordError] = []
    for name, path in layout.warc_files():
        progress(name)
        database.add_all(values.kept(_sound(read_records(path, name=name), problems)))
    return problems


def write_cdxj(layout: Layout, database: Database) -> None:
    """Write indexes/index.cdxj from the rows. Raises CollectionError."""
    with translated(layout.cdxj):
        layout.cdxj.parent.mkdir(exist_ok=True)
    cdxj.write(layout.cdxj, database.each(Capture, "1"))


def _sound(found: Iterable[StoredRecord | RecordError], problems: list[RecordError]) -> Iterator[StoredRecord]:
    """The records; what could not be read is noted."""
    for one in found:
        if isinstance(one, RecordError):
            problems.append(one)
        else:
            yield one
