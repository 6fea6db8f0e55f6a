"""`footnotary show`: one citation, URI or record in full, and its bytes with `--raw`."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterable

from archive.errors import NotArchivedError
from archive.index.database import Database
from archive.index.rows import Cell, cells, columns
from archive.layout import Layout
from archive.memento import latest, mementos, original_of
from archive.model import Capture, Citation, KeptFailure, RecordEntry, RecordId, Uri
from archive.warc.reader import read_at
from spiders.cli.place import index_of, layout_of

Facts = tuple[tuple[str, Cell], ...]


def run(options: Namespace) -> int:
    """Raises NotArchivedError when the collection knows nothing of it."""
    layout = layout_of(options)
    with index_of(layout) as database:
        if options.raw:
            sys.stdout.buffer.write(_raw(layout, database, options.what))
            return 0
        found = _found(database, options.what)
    if not found:
        raise NotArchivedError(options.what)
    if options.format == "json":
        sys.stdout.writelines(json.dumps(dict(facts), ensure_ascii=False) + "\n" for facts in found)
    else:
        print("\n".join(_block(facts) for facts in found))
    return 0


def _found(database: Database, what: str) -> list[Facts]:
    """A number is a citation's, of every article; a record id is looked for among records and what they say; else a URI."""
    if what.isdecimal():
        return [facts for citation in _numbered(database, int(what)) for facts in _latest(database, citation)]
    if what.startswith("urn:uuid:"):
        return _record(database, RecordId(what))
    return [_facts(memento) for memento in mementos(database, Uri(what.partition("#")[0]))]


def _numbered(database: Database, ordinal: int) -> Iterable[Citation]:
    for article in database.articles():
        yield from (c for c in database.citations(article.record_id) if c.ordinal == ordinal)


def _latest(database: Database, citation: Citation) -> list[Facts]:
    return database.provenance("citation_id = ? ORDER BY attempted_at DESC, sequence DESC LIMIT 1", (citation.citation_id,))


def _record(database: Database, record_id: RecordId) -> list[Facts]:
    citing = database.provenance("citation_id = ?1 OR attempt_id = ?1", (record_id,))
    kept = (database.one(kind, record_id) for kind in (Capture, KeptFailure, RecordEntry))
    return citing or [_facts(value) for value in kept if value is not None][:1]


def _facts(value: object) -> Facts:
    return tuple(zip((column.name for column in columns(type(value))), cells(value), strict=True))


def _block(facts: Facts) -> str:
    width = max(len(name) for name, _ in facts)
    return "".join(f"{name:{width}}  {_plain(cell)}\n" for name, cell in facts if cell not in (None, "", "[]"))


def _plain(cell: Cell) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(cell))


def _raw(layout: Layout, database: Database, what: str) -> bytes:
    """A capture's message as it came, or any other record's block."""
    wanted = _named(database, what)
    capture = database.one(Capture, wanted)
    if capture is not None:
        return _message(layout, capture, original_of(database, capture))
    entry = database.one(RecordEntry, wanted)
    if entry is None:
        raise NotArchivedError(what)
    return read_at(layout.root, entry.location).block.read()


def _named(database: Database, what: str) -> RecordId:
    """The record whose bytes are meant. Raises NotArchivedError."""
    if what.startswith("urn:uuid:"):
        return RecordId(what)
    found: object
    if what.isdecimal():
        known = (dict(facts).get("capture_id") for c in _numbered(database, int(what)) for facts in _latest(database, c))
        found = next(filter(None, known), None)
    else:
        last = latest([m for m in mementos(database, Uri(what.partition("#")[0])) if isinstance(m, Capture)])
        found = last and last.record_id
    if found is None:
        raise NotArchivedError(what)
    return RecordId(str(found))


def _message(layout: Layout, capture: Capture, original: Capture) -> bytes:
    """A revisit holds the head of its own message; the bytes after it are those of its original, to the last one."""
    block = read_at(layout.root, capture.location).block.read()
    if original is capture:
        return block
    source = read_at(layout.root, original.location)
    head = source.head()
    return block + source.block.read()[head.size if head else 0 :]
