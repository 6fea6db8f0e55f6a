"""Writing WARC files: one gzip member a record, one unbuffered write an exchange, nothing torn left behind.

The files of a shelf are named `PREFIX-YYYYMMDDhhmmssSSS-SERIAL-RUN.warc.gz`. While one is written its name ends in
`.open`; locations name the final file. A write that fails is undone: the file ends after the last whole record again.
Memory stays small, because a large block is compressed from its spool in pieces.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from archive.disk import translated
from archive.errors import CollectionError
from archive.layout import OPEN_SUFFIX, sync_directory
from archive.model import Clock, Location
from archive.warc.draft import Draft, bracketed, stored
from archive.warc.member import AT_ONCE, Gathered, add_member
from archive.warc.stored import StoredRecord


def create(path: Path) -> io.RawIOBase:
    """A new file, unbuffered. One of that name must not be there."""
    return path.open("xb", buffering=0)


class WarcFile:
    """One open file. Whoever opens it writes to it alone."""

    def __init__(self, path: Path, *, opener: Callable[[Path], io.RawIOBase] = create) -> None:
        self.path = path
        self.size = 0
        self._torn = False
        self._named = False
        with translated(path):
            self._raw = opener(path)

    def write(self, drafts: Sequence[Draft]) -> list[tuple[int, int]]:
        """Add records; gives offset and length of each. After an error the file is as it was before."""
        with self._all_or_nothing():
            places = self._members(drafts)
        self.size = sum(places[-1]) if places else self.size
        return places

    def sync(self) -> None:
        """Make what was written last through a power cut."""
        with translated(self.path):
            os.fsync(self._raw.fileno())
            if not self._named:
                sync_directory(self.path.parent)
                self._named = True

    def copy(self, source: Path, length: int) -> None:
        """Add the first `length` bytes of another file, which are whole members."""
        with self._all_or_nothing(), source.open("rb") as stream:
            left = length
            while left > 0 and (piece := stream.read(min(AT_ONCE, left))):
                self._put(piece)
                left -= len(piece)
        self.size += length - left

    def seal(self) -> Path:
        """Sync, close, take `.open` (or what else is after `.gz`) from the name."""
        sealed = self.path.with_suffix("")
        self.sync()
        with translated(self.path):
            self._raw.close()
            self.path.rename(sealed)
            sync_directory(sealed.parent)
        return sealed

    def leave(self) -> None:
        """Close the file under the name that it has: somebody else will mend it."""
        with translated(self.path):
            self._raw.close()

    def discard(self) -> None:
        """Close the file and take it away, as if it had never been begun."""
        with translated(self.path):
            self._raw.close()
            self.path.unlink(missing_ok=True)

    def _members(self, drafts: Sequence[Draft]) -> list[tuple[int, int]]:
        out = Gathered(self._put)
        places: list[tuple[int, int]] = []
        at = self.size
        for draft in drafts:
            places.append((at, add_member(draft, out)))
            at = sum(places[-1])
        out.finish()
        return places

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._raw.write(view) or 0 :]

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        self._mend()
        self._torn = True
        try:
            with translated(self.path):
                yield
        except BaseException:  # an interrupt must not leave half a member either
            self._mend()
            raise
        self._torn = False

    def _mend(self) -> None:
        """Take away what a failed write has left; where that fails too, it is tried again before the next write."""
        if self._torn:
            with translated(self.path):
                self._raw.truncate(self.size)
                self._raw.seek(self.size)
            self._torn = False


class Shelf:
    """The files of one directory and one run. A file is begun when the first record comes; `size_limit` is in bytes as stored.

    `warcinfo` makes the first record of a file from its name. `before_seal` is called before a full file gets its final name.
    """

    def __init__(
        self,
        directory: Path,
        *,
        prefix: str,
        run_id: str,
        size_limit: int,
        clock: Clock,
        warcinfo: Callable[[str], Draft],
        before_seal: Callable[[], None] = lambda: None,
        opener: Callable[[Path], io.RawIOBase] = create,
    ) -> None:
        self._directory = directory
        self._prefix = prefix
        self._run_id = run_id
        self._size_limit = size_limit
        self._clock = clock
        self._warcinfo = warcinfo
        self._before_seal = before_seal
        self._opener = opener
        self._serial = 0
        self._file: WarcFile | None = None
        self._warcinfo_id = ""
        self._unreported: list[StoredRecord] = []

    def write(self, drafts: Sequence[Draft]) -> list[StoredRecord]:
        """Write records that belong together into one file; gives them as a reader would find them.

        The warcinfo of a file that is begun for them comes first. Raises CollectionFullError where the disk is full,
        CollectionError for any other failure; nothing of the records is in the file then.
        """
        file = self._ready()
        written = self._written(file, [draft.with_header("WARC-Warcinfo-ID", self._warcinfo_id) for draft in drafts])
        begun, self._unreported = self._unreported, []
        return begun + written

    def sync(self) -> None:
        """Make everything that was written last through a power cut."""
        if self._file is not None:
            self._file.sync()

    def seal(self) -> None:
        """Give the open file its final name, once all of it lasts. Without an open file nothing happens."""
        if self._file is not None:
            self._file.seal()
            self._file = None

    def leave(self) -> None:
        """Close the open file as it is, `.open` in its name."""
        if self._file is not None:
            self._file.leave()
            self._file = None

    def _ready(self) -> WarcFile:
        if self._file is not None and self._file.size >= self._size_limit:
            self._before_seal()
            self.seal()
        if self._file is None:
            self._file = self._begin()
        return self._file

    def _begin(self) -> WarcFile:
        at = self._clock()
        name = f"{self._prefix}-{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03}-{self._serial:05}-{self._run_id}.warc.gz"
        warcinfo = self._warcinfo(name)
        file = WarcFile(self._directory / (name + OPEN_SUFFIX), opener=self._opener)
        try:
            self._unreported += self._written(file, [warcinfo])
        except CollectionError:
            file.discard()
            raise
        self._serial += 1
        self._warcinfo_id = bracketed(warcinfo.record_id)
        return file

    def _written(self, file: WarcFile, drafts: Sequence[Draft]) -> list[StoredRecord]:
        name = f"{self._directory.name}/{file.path.name.removesuffix(OPEN_SUFFIX)}"
        return [
            stored(draft, location=Location(file=name, offset=offset, length=length), run_id=self._run_id)
            for draft, (offset, length) in zip(drafts, file.write(drafts), strict=True)
        ]
