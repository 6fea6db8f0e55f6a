"""`footnotary show`: one citation, URI or record in full, and its bytes with `--raw`."""

from __future__ import annotations

import sys
from argparse import Namespace

from archive.errors import NotArchivedError
from archive.index.database import Database
from archive.index.rows import Cell, cells, columns
from archive.layout import Layout
from archive.memento import latest, original_of
from archive.model import Attempt, Capture, Citation, RecordEntry, RecordId
from archive.outputs.plain import json_line, plain
from archive.warc.reader import read_at
from spiders.cli.place import index_of, layout_of
from spiders.cli.screen import block
from spiders.cli.what import Named, named

Facts = tuple[tuple[str, Cell], ...]


def run(options: Namespace) -> int:
    """Raises UnknownThingError when the collection knows nothing of it."""
    layout = layout_of(options)
    with index_of(layout) as database:
        found = named(database, options.what)
        if options.raw:
            sys.stdout.buffer.write(_raw(layout, database, options.what, found))
            return 0
        facts = [one for each in found for one in _facts(database, each)]
    if options.format == "json":
        sys.stdout.writelines(json_line(dict(one)) + "\n" for one in facts)
    else:
        print("\n".join(block([(name, plain(str(cell))) for name, cell in one if _says(cell)]) for one in facts))
    return 0


def _says(cell: Cell) -> bool:
    return cell not in (None, "", "[]")


def _facts(database: Database, one: Named) -> list[Facts]:
    """A citation with its latest attempt, an attempt with its citation; anything else as it is, with its place."""
    if isinstance(one, Citation):
        order = "ORDER BY attempted_at DESC, sequence DESC LIMIT 1"
        return database.provenance(f"citation_id = ? {order}", (one.citation_id,))
    if isinstance(one, Attempt):
        citing = database.provenance("attempt_id = ?", (one.record_id,))
        return citing or [_cells(one)]
    entry = None if isinstance(one, Capture | RecordEntry) else database.record(one.record_id)
    return [(*_cells(one), *_cells(entry.location))] if entry else [_cells(one)]


def _cells(value: object) -> Facts:
    return tuple(zip((column.name for column in columns(type(value))), cells(value), strict=True))


def _raw(layout: Layout, database: Database, what: str, found: list[Named]) -> bytes:
    """A capture's message as it came, or any other record's block."""
    wanted = _meant(database, found)
    capture = database.one(Capture, wanted)
    if capture is not None:
        return _message(layout, capture, original_of(database, capture))
    entry = database.record(wanted) if wanted else None
    if entry is None:
        raise NotArchivedError(what)
    return read_at(layout.root, entry.location).block.read()


def _meant(database: Database, found: list[Named]) -> RecordId | None:
    """The record whose bytes are meant: of citations the first capture that there is, of a URI its latest capture."""
    cited = [one for one in found if isinstance(one, Citation)]
    if cited:
        attempts = (database.attempt(one.citation_id) for one in cited)
        return next((attempt.capture_id for attempt in attempts if attempt and attempt.capture_id), None)
    if len(found) == 1:
        return found[0].record_id
    last = latest([one for one in found if isinstance(one, Capture)])
    return last.record_id if last else None


def _message(layout: Layout, capture: Capture, original: Capture) -> bytes:
    """A revisit holds the head of its own message; the bytes after it are those of its original, to the last one."""
    own = read_at(layout.root, capture.location).block.read()
    if original is capture:
        return own
    source = read_at(layout.root, original.location)
    head = source.head()
    return own + source.block.read()[head.size if head else 0 :]
