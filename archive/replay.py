"""A collection opened to be read again: answers come from it, conclusions go to a copy of its index in memory.

Nothing is written under the collection, which may lie on a read-only medium; no record is made. Where index.sqlite is
missing or of another version, the copy is built from the WARC files.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from archive.errors import CollectionError, NotArchivedError
from archive.index.build import fill
from archive.index.database import Database
from archive.layout import Layout
from archive.memento import Memento, latest, mementos
from archive.model import Article, Attempt, Capture, Citation, CrawlFacts, Extraction, Resource, Role, Uri, digest_of

T = TypeVar("T")

RUN_ID = "replay"


class Replay:
    """Takes the same conclusions as a Collection that is being written. `at` is None for the latest captures."""

    run_id = RUN_ID

    def __init__(self, layout: Layout, database: Database, *, at: datetime | None) -> None:
        self._layout = layout
        self._database = database
        self._at = at

    @classmethod
    def open(cls, path: Path, *, at: datetime | None = None) -> Self:
        """Raises CollectionError."""
        layout = Layout(path)
        layout.read_identity()
        return cls(layout, _index(layout), at=at)

    @property
    def root(self) -> Path:
        """The directory; locations are relative to it."""
        return self._layout.root

    def answer(self, uri: Uri, *, way: CrawlFacts) -> Memento:
        """What was met at a URI, last or last until `at`. Where the run that met it came there on several ways (two sources
        redirect to one page), it is what that run met on the same way. Raises NotArchivedError."""
        met = mementos(self._database, uri)
        found = latest(met, at=self._at)
        if found is None:
            raise NotArchivedError(uri, self._at)
        same_way = [m for m in met if m.run_id == found.run_id and _way(m.facts) == _way(way)]
        return latest(same_way, at=self._at) or found

    def append_resource(self, resource: Resource) -> Future[Capture]:
        """The kept resource with the same bytes. Its error is NotArchivedError where there is none."""
        digest = digest_of(resource.content)
        captures = [c for c in self._database.captures(resource.uri) if self._at is None or c.date <= self._at]
        kept = [c for c in captures if c.block_digest == digest]
        future: Future[Capture] = Future()
        if kept:
            future.set_result(kept[-1])
        else:
            future.set_exception(NotArchivedError(resource.uri, self._at))
        return future

    def keep_extraction(self, extraction: Extraction, text: str | None) -> Future[None]:
        """Put the extraction into the copy; its text is not kept."""
        del text
        return self._keep(extraction)

    def keep(self, value: Article | Citation | Attempt) -> Future[None]:
        """Put a conclusion into the copy."""
        return self._keep(value)

    def ask(self, question: Callable[[Database], T]) -> Future[T]:
        """Ask the copy."""
        future: Future[T] = Future()
        future.set_result(question(self._database))
        return future

    def close(self) -> None:
        """Forget the copy."""
        self._database.close()

    def _keep(self, value: Extraction | Article | Citation | Attempt) -> Future[None]:
        self._database.add(value)
        future: Future[None] = Future()
        future.set_result(None)
        return future


def _way(facts: CrawlFacts) -> tuple[Role, Uri | None, str]:
    return facts.role, facts.via, facts.hops


def _index(layout: Layout) -> Database:
    try:
        return Database.copy_in_memory(layout.database)
    except CollectionError:  # a cache that is missing or does not fit; the files say the same
        database = Database.create()
        fill(database, layout)
        return database
