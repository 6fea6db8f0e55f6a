"""A collection being written: the only writer of its files.

Whatever is handed in is *written* when its future ends and *acknowledged* at most a second later: the files are synced
first, then the index rows are committed, so a committed row always has its bytes on the disk. `seal` ends the run: sync,
commit, CDXJ, and only then the rename that takes `.open` from the names. A collection with an `.open` file and no lock is
one whose run was cut off; it is mended before anything is added, and nothing is ever appended to a file that survived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Self, TypeVar

from archive import repair
from archive.disk import translated
from archive.index.database import Database
from archive.layout import CollectionId, Layout
from archive.line import Line
from archive.lock import Lock
from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    Clock,
    Exchange,
    Extraction,
    Failure,
    KeptFailure,
    Resource,
    utc_now,
)
from archive.scribe import RunFacts, Scribe, WriterOptions

__all__ = ["Collection", "RunFacts", "WriterOptions"]

T = TypeVar("T")


class Collection:
    """Open it with `Collection.open`, hand in what is to be kept from any thread, end with `seal`.

    Every future ends when the record is written; its error is an ArchiveError.
    """

    def __init__(
        self, layout: Layout, facts: RunFacts, *, identity: CollectionId, lock: Lock, clock: Clock, options: WriterOptions
    ) -> None:
        self.layout = layout
        self._lock = lock
        database = Database.create(layout.database)
        self._line = Line(name="archive writer", settle=lambda: self._scribe.acknowledge(), within=options.sync_within)
        self._scribe = Scribe(
            layout, facts, database=database, identity=identity, line=self._line, clock=clock, options=options
        )

    @classmethod
    def open(cls, path: Path, facts: RunFacts, *, clock: Clock = utc_now, options: WriterOptions | None = None) -> Self:
        """The collection at `path`, made when there is none, mended when a run was cut off. Raises CollectionError."""
        layout = Layout(path)
        with translated(path):
            path.mkdir(parents=True, exist_ok=True)
        lock = Lock.take(layout.lock, clock=clock)
        try:
            identity = layout.make(title=facts.title or path.resolve().name)
            repair.mend(layout, clock=clock)
            collection = cls(layout, facts, identity=identity, lock=lock, clock=clock, options=options or WriterOptions())
        except BaseException:  # whatever it was, the next run must not find the collection locked
            lock.release()
            raise
        collection._start()
        return collection

    def _start(self) -> None:
        beginning = self._line.submit(self._scribe.begin)
        try:
            beginning.result()
        except BaseException:  # as above; an interrupt too
            self._leave()
            raise

    @property
    def run_id(self) -> str:
        """Names this run in every record."""
        return self._scribe.run_id

    @property
    def root(self) -> Path:
        """The directory; locations are relative to it."""
        return self.layout.root

    def append(self, exchange: Exchange) -> Future[Capture]:
        """Keep an exchange. The archive closes its spool."""
        return self._line.submit(self._scribe.append, exchange)

    def append_failure(self, failure: Failure) -> Future[KeptFailure]:
        """Keep the evidence that nothing came."""
        return self._line.submit(self._scribe.append_failure, failure)

    def append_resource(self, resource: Resource) -> Future[Capture]:
        """Keep bytes that did not come over HTTP; the same bytes under the same URI are kept once."""
        return self._line.submit(self._scribe.append_resource, resource)

    def keep_extraction(self, extraction: Extraction, text: str | None) -> Future[None]:
        """Keep what was read from a capture; `text` goes into a conversion record where there is one."""
        return self._line.submit(self._scribe.keep_extraction, extraction, text)

    def keep(self, value: Article | Citation | Attempt) -> Future[None]:
        """Keep a conclusion."""
        return self._line.submit(self._scribe.keep, value)

    def ask(self, question: Callable[[Database], T]) -> Future[T]:
        """Ask the index, after everything that was handed in before."""
        return self._line.submit(question, self._scribe.database)

    def seal(self, *, reason: str, counts: Mapping[str, int]) -> None:
        """End the run: everything lasting, the files named as finished. Raises the ArchiveError that kept it from that."""
        ending = self._line.submit(self._scribe.end, reason, dict(counts))
        try:
            ending.result()
        finally:
            self._leave()

    def _leave(self) -> None:
        """Give everything back. What is not sealed stays open in its name, and the next run mends it."""
        try:
            self._line.close()
        finally:
            self._scribe.leave()
            self._lock.release()
