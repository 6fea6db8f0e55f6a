"""Everything that can be checked of a collection without a network, as findings. It never says that all is well.

The numbers are those of archive/README.md:

    1  every gzip member is whole, holds one record, and nothing stands between members        archive.warc.reader
    2  every record keeps the rules of WARC 1.1, and its digests are those of its bytes        archive.warc.rules
    3  what a record says of a capture is what its bytes are                                   archive.warc.rules
    4  no record id is used twice, and every record that is referred to is there
    5  index.sqlite says what the records say, no more and no less, and the words are those of the texts
    6  index.cdxj lists every response, revisit and resource of archive/, no more and no less
    7  no file was left open by a run, and none is there that does not belong

Each byte of the WARC files is read once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from archive.errors import CollectionError, RecordError
from archive.index import cdxj
from archive.index.database import Database
from archive.layout import OPEN_SUFFIX, Layout
from archive.model import Capture, Kept, RecordEntry, RecordId
from archive.proof.finding import Finding, of_error
from archive.warc import rules, values
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord, unbracketed

Progress = Callable[[str], None]
"""Called with the name of each file as it is begun."""

HEADER_REFERENCES = ("WARC-Concurrent-To", "WARC-Refers-To", "WARC-Warcinfo-ID")
ROW_REFERENCES = (
    ("capture", "chain_id"),
    ("failure", "chain_id"),
    ("extraction", "capture_id"),
    ("extraction", "text_id"),
    ("article", "capture_id"),
    ("article", "extraction_id"),
    ("citation", "article_id"),
    ("attempt", "capture_id"),
    ("attempt", "failure_id"),
    ("attempt", "extraction_id"),
    ("run", "configuration_id"),
)
GROUP = 8
"""Records of one exchange stand within this many of each other."""


class Verification:
    """One pass over a collection. `files`, `records` and `size` (bytes as stored) count what has been read so far."""

    def __init__(self, layout: Layout, *, progress: Progress) -> None:
        self._layout = layout
        self._progress = progress
        self._said = Database.create()
        self._references: list[tuple[StoredRecord, str, RecordId]] = []
        self._places: dict[RecordId, str] = {}
        self.files = 0
        self.records = 0
        self.size = 0

    def findings(self) -> Iterator[Finding]:
        """Everything that is wrong or doubtful. Raises NotACollectionError."""
        self._layout.read_identity()
        yield from strangers(self._layout)
        with self._said:
            for name, path in self._layout.warc_files():
                self._progress(name)
                self.files += 1
                self.size += path.stat().st_size
                yield from self._file(path, name)
            yield from self._unresolved()
            yield from self._index()
            yield from self._cdxj()

    def _file(self, path: Path, name: str) -> Iterator[Finding]:
        found: list[Finding] = []
        near: deque[StoredRecord] = deque(maxlen=GROUP)
        for value in values.kept(self._sound(path, name, found, near)):
            found += self._add(value, near)
            yield from found
            found.clear()
        yield from found

    def _sound(self, path: Path, name: str, found: list[Finding], near: deque[StoredRecord]) -> Iterator[StoredRecord]:
        for record in read_records(path, name=name):
            if isinstance(record, RecordError):
                found.append(of_error(record, file=name))
                continue
            found += rules.check(record)
            self.records += 1
            near.append(record)
            for header in HEADER_REFERENCES:
                self._references += [(record, header, RecordId(unbracketed(v))) for v in record.headers.all(header)]
            yield record

    def _add(self, value: Kept, near: deque[StoredRecord]) -> Iterator[Finding]:
        self._said.add(value)
        if isinstance(value, RecordEntry):
            place = f"{value.location.file} at byte {value.location.offset}"
            before = self._places.setdefault(value.record_id, place)
            if before != place:
                yield _twice(value, before)
        elif isinstance(value, Capture):
            for record in near:
                if record.record_id == value.record_id:
                    yield from rules.check_capture(value, record)

    def _unresolved(self) -> Iterator[Finding]:
        for record, header, target in self._references:
            if target not in self._places:
                place = record.location
                message = f"{header} names {target}, which no record of the collection is"
                yield _reference(place.file, place.offset, target, message)
        for table, column in ROW_REFERENCES:
            key = "run_id" if table == "run" else "record_id"
            for owner, target in self._said.rows(f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"):
                if target not in self._places:
                    message = f"{column} of {table} {owner} names {target}, which no record of the collection is"
                    yield _reference(table, 0, target, message)

    def _index(self) -> Iterator[Finding]:
        name = self._layout.database.name
        self._progress(name)
        try:
            with Database.open_read_only(self._layout.database) as index:
                found = list(index.dump())
        except CollectionError as error:
            yield Finding(severity="error", check="index", file=name, offset=0, message=str(error))
            return
        yield from _sides("index", name, expected=list(self._said.dump()), found=found)

    def _cdxj(self) -> Iterator[Finding]:
        name = f"indexes/{self._layout.cdxj.name}"
        self._progress(name)
        try:
            found = self._layout.cdxj.read_bytes().decode("utf-8", "replace").splitlines()
        except OSError as error:
            yield Finding(severity="error", check="cdxj", file=name, offset=0, message=f"it can't be read: {error.strerror}")
            return
        listed = [c for c in self._said.values(Capture, "1") if c.location.file.startswith(cdxj.FOLDER)]
        expected = sorted((cdxj.line(capture) for capture in listed), key=str.encode)
        yield from _sides("cdxj", name, expected=expected, found=found)


def verify_file(path: Path) -> Iterator[Finding]:
    """Checks 1 and 2 for one WARC file, whoever wrote it."""
    for found in read_records(path, name=path.name):
        yield from [of_error(found, file=path.name)] if isinstance(found, RecordError) else rules.check(found)


def strangers(layout: Layout) -> Iterator[Finding]:
    """Check 7."""
    known = {path for _, path in layout.warc_files()}
    for folder in (layout.archive, layout.derived):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            name = f"{folder.name}/{path.name}"
            if path.name.endswith(OPEN_SUFFIX):
                message = "a run goes on, or was cut off: run `footnotary repair` once no run goes on"
                yield Finding(severity="error", check="open-file", file=name, offset=0, message=message)
            elif path not in known:
                message = "it is no WARC file and does not belong here"
                yield Finding(severity="warning", check="stranger", file=name, offset=0, message=message)


def _twice(entry: RecordEntry, before: str) -> Finding:
    place = entry.location
    message = f"{entry.record_id} is the id of another record too"
    return Finding(severity="error", check="unique-id", file=place.file, offset=place.offset, found=before, message=message)


def _reference(file: str, offset: int, target: str, message: str) -> Finding:
    return Finding(severity="error", check="reference", file=file, offset=offset, found=target, message=message)


def _sides(check: str, name: str, *, expected: list[str], found: list[str]) -> Iterator[Finding]:
    """Lines that only the records give, lines that only the index has, and lines in another order."""
    if expected == found:
        return
    for line in sorted(set(expected) - set(found)):
        message = "the records say it, the index does not"
        yield Finding(severity="error", check=check, file=name, offset=0, expected=line, message=message)
    for line in sorted(set(found) - set(expected)):
        message = "the index says it, no record does"
        yield Finding(severity="error", check=check, file=name, offset=0, found=line, message=message)
    if set(expected) == set(found):
        message = "lines are out of order, or stand twice: run `footnotary reindex`"
        yield Finding(severity="error", check=check, file=name, offset=0, message=message)
