"""Mending what a run left that was cut off. Nothing is ever appended to a file that survived.

Whole members of an `.open` file are copied to a new one, up to the last complete exchange. A whole response without its
metadata record is kept and gets one that says so; a torn end is left out, and a file that holds no more than its warcinfo
goes altogether. Record ids stay. The new file begins with a warcinfo that says what happened; it gets its final name, the
indexes are rebuilt, and only then the `.open` file goes. A crash in between leaves a state from which the same mending
starts again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.disk import translated
from archive.errors import CollectionError, RecordError
from archive.index.build import rebuild
from archive.index.database import Database
from archive.layout import MENDING_SUFFIX, OPEN_SUFFIX, Layout, sync_directory
from archive.lock import Lock
from archive.model import Capture, Clock
from archive.warc import fields, records, values
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from archive.warc.writer import WarcFile

LAST = 3
"""Records of one exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """One file that was mended: its final name, the records that it holds again (none: the file is gone), and the bytes that
    were left out."""

    file: str
    records: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Survey:
    """What is whole of a file: `records` of them, `others` than warcinfo, up to the byte `end`; the first and the last ones."""

    records: int
    others: int
    end: int
    first: StoredRecord | None
    last: tuple[StoredRecord, ...]


def repair(layout: Layout, *, clock: Clock) -> list[Mended]:
    """Mend a collection by hand. Raises CollectionError; CollectionLockedError while a run goes on."""
    layout.read_identity()
    lock = Lock.take(layout.lock, clock=clock)
    try:
        return mend(layout, clock=clock)
    finally:
        lock.release()


def mend(layout: Layout, *, clock: Clock) -> list[Mended]:
    """As `repair`, for who holds the lock. Rebuilds the indexes where something was mended, or where they do not fit."""
    with translated(layout.root):
        _throw_away(layout.drafts())
        left = layout.open_files()
        mended = [_mend(path, clock=clock) for path in left]
        if left or not _index_fits(layout):
            rebuild(layout)
        _throw_away(left)
    return [one for one in mended if one is not None]


def _throw_away(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        sync_directory(folder)


def _index_fits(layout: Layout) -> bool:
    """Whether both indexes are there and of this version."""
    try:
        with Database.open_read_only(layout.database):
            return layout.cdxj.is_file()
    except CollectionError:
        return False


def _mend(path: Path, *, clock: Clock) -> Mended | None:
    sealed = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    if sealed.exists():  # the mending before this one came as far as the rename
        return None
    name = f"{path.parent.name}/{sealed.name}"
    survey = _survey(path, name=name)
    dropped = path.stat().st_size - survey.end
    if survey.others:
        said = (
            f"mended at {fields.date_text(clock())}: {survey.records} records were whole, {dropped} bytes at the end were not"
        )
        _write_anew(path, sealed, survey, described=said, clock=clock)
    return Mended(file=name, records=survey.records if survey.others else 0, dropped=dropped)


def _survey(path: Path, *, name: str) -> _Survey:
    """Read a file up to the first record that is not whole."""
    count = others = end = 0
    first: StoredRecord | None = None
    last: deque[StoredRecord] = deque(maxlen=LAST)
    for record in read_records(path, name=name):
        if isinstance(record, RecordError):
            break
        first = first or record
        last.append(record)
        count += 1
        others += record.type != "warcinfo"
        end = record.location.offset + record.location.length
    return _Survey(records=count, others=others, end=end, first=first, last=tuple(last))


def _write_anew(path: Path, sealed: Path, survey: _Survey, *, described: str, clock: Clock) -> None:
    file = WarcFile(sealed.with_name(sealed.name + MENDING_SUFFIX))
    try:
        file.write([_warcinfo(survey.first, described, file_name=sealed.name, clock=clock)])
        file.copy(path, survey.end)
        file.write(list(_missing(survey)))
        file.seal()
    except BaseException:  # a draft would only take the room that was missing
        file.discard()
        raise


def _warcinfo(first: StoredRecord | None, description: str, *, file_name: str, clock: Clock) -> records.Draft:
    """The fields of the file's own warcinfo, with what happened to the file."""
    own = fields.parse(first.block.read()) if first and first.type == "warcinfo" else fields.Fields(())
    return records.mended_warcinfo_draft(own, file_name=file_name, date=clock(), description=description)


def _missing(survey: _Survey) -> Iterator[records.Draft]:
    """A metadata record for the last response, where the crash took it."""
    for capture in values.kept(survey.last):
        if isinstance(capture, Capture) and capture.type in ("response", "revisit") and capture.metadata_id is None:
            draft = records.mended_draft(capture, description="the run was cut off before this record was written")
            warcinfo = survey.last[-1].headers.get("WARC-Warcinfo-ID")
            yield draft if warcinfo is None else draft.with_header("WARC-Warcinfo-ID", warcinfo)
