"""Mending what a run left that was cut off. Nothing is ever appended to a file that survived.

Whole members of an `.open` file are copied to a new one, up to the last complete exchange. A whole response without its
metadata record is kept and gets one that says so; a torn end is left out. Record ids stay. The new file begins with a
warcinfo that says what happened; it gets its final name, the indexes are rebuilt, and only then the `.open` file goes. A
crash in between leaves a state from which the same mending starts again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.errors import CollectionError, RecordError
from archive.index.database import Database
from archive.layout import OPEN_SUFFIX, Layout, sync_directory
from archive.lock import Lock
from archive.model import Capture, Clock
from archive.reindex import rebuild
from archive.warc import fields, records, values
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from archive.warc.writer import WarcFile

MENDING_SUFFIX = ".mending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """One file that was mended: its final name, the records that it holds again, and the bytes that were left out."""

    file: str
    records: int
    dropped: int


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
    left = layout.open_files()
    mended = [_mend(path, clock=clock) for path in left]
    if left or not _index_fits(layout):
        rebuild(layout)
    for path in left:
        _gone(path)
    return [one for one in mended if one is not None]


def _index_fits(layout: Layout) -> bool:
    """Whether both indexes are there and of this version; a new collection has none and needs none."""
    if not any(True for _ in layout.warc_files()):
        return True
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
    whole = list(_whole(path, name=name))
    if not whole:
        return None
    end = sum((whole[-1].location.offset, whole[-1].location.length))
    dropped = path.stat().st_size - end
    draft = path.with_name(sealed.name + MENDING_SUFFIX)
    draft.unlink(missing_ok=True)
    file = WarcFile(draft)
    described = f"mended at {fields.date_text(clock())}: {len(whole)} records were whole, {dropped} bytes at the end were not"
    file.write([_warcinfo(whole[0], described, file_name=sealed.name, clock=clock)])
    file.copy(path, end)
    file.write(list(_missing(whole)))
    file.seal()
    return Mended(file=name, records=len(whole), dropped=dropped)


def _whole(path: Path, *, name: str) -> Iterator[StoredRecord]:
    """The records up to the first that is not whole."""
    for found in read_records(path, name=name):
        if isinstance(found, RecordError):
            return
        yield found


def _warcinfo(first: StoredRecord, description: str, *, file_name: str, clock: Clock) -> records.Draft:
    """The fields of the file's own warcinfo, with what happened to the file."""
    own = fields.parse(first.block.read()) if first.type == "warcinfo" else fields.Fields(())
    return records.mended_warcinfo_draft(own, file_name=file_name, date=clock(), description=description)


def _missing(whole: list[StoredRecord]) -> Iterator[records.Draft]:
    """A metadata record for the last response, where the crash took it."""
    found = list(values.kept(whole))
    for capture in found:
        if isinstance(capture, Capture) and capture.type in ("response", "revisit") and capture.metadata_id is None:
            draft = records.mended_draft(capture, description="the run was cut off before this record was written")
            yield draft.with_header("WARC-Warcinfo-ID", f"<{whole[0].record_id}>")


def _gone(path: Path) -> None:
    path.unlink(missing_ok=True)
    sync_directory(path.parent)
