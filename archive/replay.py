"""A collection opened to be read again: answers come from it, conclusions go to a copy of its index in memory.

Nothing is written under the collection, which may lie on a read-only medium; no record is made. Where index.sqlite is
missing or of another version, the copy is built from the WARC files.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from archive.errors import CollectionError, MalformedRecordError, NotArchivedError
from archive.index.build import fill
from archive.index.database import Database
from archive.layout import Layout
from archive.memento import Memento, mementos
from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    CrawlFacts,
    Extraction,
    KeptFailure,
    RecordId,
    Resource,
    Role,
    Uri,
    digest_of,
)
from archive.warc.http import RequestHead, entity
from archive.warc.reader import read_at

T = TypeVar("T")

RUN_ID = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks of a URI: its method, and the body that it carries."""

    method: str = "GET"
    body: bytes = b""


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

    def answer(self, uri: Uri, *, way: CrawlFacts, asked: Asked = Asked()) -> Memento:
        """What was met at a URI, last or last until `at`, by a request with this method and these bytes as its body. Where the
        run that met it came there on several ways (two sources redirect to one page), it is what that run met on the same
        way. Raises NotArchivedError."""
        met = [m for m in reversed(mementos(self._database, uri)) if self._at is None or m.date <= self._at]
        found = next((m for m in met if self._answers(m, asked)), None)
        if found is None:
            raise NotArchivedError(uri, self._at)
        same_way = (m for m in met if m.run_id == found.run_id and _way(m.facts) == _way(way) and self._answers(m, asked))
        return next(same_way, found)

    def _answers(self, met: Memento, asked: Asked) -> bool:
        """Whether something was met by a request like this one. Where no request is kept there is no more to go by than the
        method of a capture; a failure of which nothing was sent would have met every request."""
        if isinstance(met, Capture) and met.method != asked.method:
            return False
        if met.request_id is None:
            return isinstance(met, KeptFailure) or not asked.body
        kept = self._asked(met.request_id)
        return kept.body == asked.body and (isinstance(met, Capture) or kept.method == asked.method)

    def _asked(self, request_id: RecordId) -> Asked:
        """What a request that is kept has asked. Raises CollectionError or RecordError."""
        entry = self._database.record(request_id)
        if entry is None:
            raise CollectionError(f"{self.root}: the index lacks the request {request_id}: run `footnotary reindex`")
        record = read_at(self.root, entry.location)
        head = record.head()
        if not isinstance(head, RequestHead):
            place = entry.location
            raise MalformedRecordError(self.root / place.file, place.offset, "the record holds no HTTP request")
        return Asked(method=head.method, body=b"".join(entity(head, record.block.chunks(head.size))))

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
