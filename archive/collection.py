"""A collection being written: the only writer of its files.

Whatever is handed in is *written* when its future ends and *acknowledged* at most a second later: the files are synced
first, then the index rows are committed, so a committed row always has its bytes on the disk. `seal` ends the run: sync,
commit, CDXJ, and only then the rename that takes `.open` from the names. A collection with an `.open` file and no lock is
one whose run was cut off; it is mended before anything is added, and nothing is ever appended to a file that survived.

An error of one value is that value's alone as long as nothing of it is in the files. Whatever else goes wrong, a sync that
fails or an index that takes no row, fails everything after it: what is then unsynced may be lost without a word later.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from archive import repair
from archive.disk import translated
from archive.errors import ArchiveError, CollectionError, CollectionFullError
from archive.index.build import write_cdxj
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
    Kept,
    KeptFailure,
    RecordId,
    Resource,
    RunEnd,
    RunStart,
    Uri,
    digest_of,
    utc_now,
)
from archive.warc import records, values
from archive.warc.measure import Digests
from archive.warc.stored import StoredRecord
from archive.warc.writer import Shelf, create

T = TypeVar("T")
K = TypeVar("K", bound=Kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterOptions:
    """How the files are written: the start of their names, the size in bytes at which the next one is begun, the longest
    time in seconds between writing a record and acknowledging it, and what opens a new file, unbuffered."""

    prefix: str = "footnotary"
    size_limit: int = 1_000_000_000
    sync_within: float = 1.0
    opener: Callable[[Path], io.RawIOBase] = create


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is said of a run in its first record and in the warcinfo of its files. `configuration` is already redacted."""

    operator: str
    user_agent: str
    robots: str
    software: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    configuration: bytes | None = None
    title: str | None = None


class Collection:
    """Open it with `Collection.open`, hand in what is to be kept from any thread, end with `seal`.

    Every future ends when the record is written; its error is an ArchiveError.
    """

    def __init__(
        self, layout: Layout, facts: RunFacts, *, identity: CollectionId, lock: Lock, clock: Clock, options: WriterOptions
    ) -> None:
        self.layout = layout
        self.run_id = f"{clock():%Y%m%d%H%M%S}{secrets.token_hex(3)}"
        self._facts = facts
        self._identity = identity
        self._lock = lock
        self._clock = clock
        self._database = Database.create(layout.database)
        self._archive = self._shelf(layout.archive, options, before_seal=self._publish)
        self._derived = self._shelf(layout.derived, options, before_seal=self._acknowledge)
        self._line = Line(name="archive writer", settle=self._acknowledge, within=options.sync_within)

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
        beginning = self._line.submit(self._begin)
        try:
            beginning.result()
        except BaseException:  # as above; an interrupt too
            self._leave()
            raise

    @property
    def root(self) -> Path:
        """The directory; locations are relative to it."""
        return self.layout.root

    def append(self, exchange: Exchange) -> Future[Capture]:
        """Keep an exchange. The archive closes its spool."""
        return self._line.submit(self._append, exchange)

    def append_failure(self, failure: Failure) -> Future[KeptFailure]:
        """Keep the evidence that nothing came."""
        return self._line.submit(self._append_failure, failure)

    def append_resource(self, resource: Resource) -> Future[Capture]:
        """Keep bytes that did not come over HTTP; the same bytes under the same URI are kept once."""
        return self._line.submit(self._append_resource, resource)

    def keep_extraction(self, extraction: Extraction, text: str | None) -> Future[None]:
        """Keep what was read from a capture; `text` goes into a conversion record where there is one."""
        return self._line.submit(self._keep_extraction, extraction, text)

    def keep(self, value: Article | Citation | Attempt) -> Future[None]:
        """Keep a conclusion."""
        return self._line.submit(self._keep, value)

    def ask(self, question: Callable[[Database], T]) -> Future[T]:
        """Ask the index, after everything that was handed in before."""
        return self._line.submit(question, self._database)

    def seal(self, *, reason: str, counts: Mapping[str, int]) -> None:
        """End the run: everything lasting, the files named as finished. Raises the ArchiveError that kept it from that."""
        ending = self._line.submit(self._end, reason, dict(counts))
        try:
            ending.result()
        finally:
            self._leave()

    def _leave(self) -> None:
        """Give everything back. What is not sealed stays open in its name, and the next run mends it."""
        try:
            self._line.close()
        finally:
            self._archive.leave()
            self._derived.leave()
            self._database.close()
            self._lock.release()

    # In the writer's thread

    def _shelf(self, directory: Path, options: WriterOptions, *, before_seal: Callable[[], None]) -> Shelf:
        return Shelf(
            directory,
            prefix=options.prefix,
            run_id=self.run_id,
            size_limit=options.size_limit,
            clock=self._clock,
            warcinfo=self._warcinfo,
            before_seal=before_seal,
            opener=options.opener,
        )

    def _warcinfo(self, file_name: str) -> records.Draft:
        configuration = self._facts.configuration
        return records.warcinfo_draft(
            file_name=file_name,
            date=self._clock(),
            run_id=self.run_id,
            software=self._facts.software,
            operator=self._facts.operator,
            robots=self._facts.robots,
            user_agent=self._facts.user_agent,
            collection_id=self._identity.id,
            configuration_digest=digest_of(configuration) if configuration else None,
        )

    def _begin(self) -> None:
        configuration = self._facts.configuration
        kept = None
        if configuration:
            uri = Uri(f"urn:{digest_of(configuration)}")
            resource = Resource(uri=uri, content_type="application/yaml", content=configuration, at=self._clock())
            kept = self._append_resource(resource)
        self._write_note(
            RunStart(
                run_id=self.run_id,
                record_id=records.new_record_id(),
                date=self._clock(),
                operator=self._facts.operator,
                user_agent=self._facts.user_agent,
                robots=self._facts.robots,
                arguments=self._facts.arguments,
                software=self._facts.software,
                configuration_id=kept.record_id if kept else None,
                configuration_digest=digest_of(configuration) if configuration else None,
            )
        )

    def _append(self, exchange: Exchange) -> Capture:
        with exchange.response:
            digests = _digests(exchange)
            chain_id = self._keep_chain(exchange.chain)
            original = self._original(exchange, digests)
            drafts = records.exchange_drafts(exchange, digests=digests, chain_id=chain_id, original=original)
            return self._only(Capture, self._write(self._archive, drafts))

    def _original(self, exchange: Exchange, digests: Digests) -> Capture | None:
        if exchange.truncated is not None or not digests.body_size:
            return None
        return self._database.original(
            uri=exchange.uri, status=digests.status, body_digest=digests.body, method=exchange.method
        )

    def _append_failure(self, failure: Failure) -> KeptFailure:
        drafts = records.failure_drafts(failure, chain_id=self._keep_chain(failure.chain))
        return self._only(KeptFailure, self._write(self._archive, drafts))

    def _append_resource(self, resource: Resource) -> Capture:
        digest = digest_of(resource.content)
        for capture in self._database.captures(resource.uri):
            if capture.type == "resource" and capture.block_digest == digest:
                return capture
        return self._only(Capture, self._write(self._archive, [records.resource_draft(resource)]))

    def _keep_chain(self, chain: tuple[bytes, ...]) -> RecordId | None:
        if not chain:
            return None
        return self._append_resource(records.chain_resource(chain, at=self._clock())).record_id

    def _keep_extraction(self, extraction: Extraction, text: str | None) -> None:
        drafts = [records.note_draft(extraction)]
        if text is not None:
            drafts.insert(0, records.conversion_draft(extraction, text))
        self._write(self._derived, drafts)

    def _keep(self, value: Article | Citation | Attempt) -> None:
        self._write_note(value)

    def _write_note(self, value: Article | Citation | Attempt | RunStart | RunEnd) -> None:
        self._write(self._derived, [records.note_draft(value)])

    def _write(self, shelf: Shelf, drafts: Sequence[records.Draft]) -> list[Kept]:
        """Write records together, and index what they say: the very values that a reader of the file would find."""
        written = self._put_down(shelf, drafts)
        with self._line.or_fail():
            kept = list(values.kept(written))
            self._database.add_all(kept)
        return kept

    def _put_down(self, shelf: Shelf, drafts: Sequence[records.Draft]) -> list[StoredRecord]:
        try:
            return shelf.write(drafts)
        except CollectionError as error:
            if not isinstance(error, CollectionFullError):  # nothing of it is in the file, and what is smaller may fit
                self._line.fail(error)
            raise

    def _only(self, kind: type[K], kept: Sequence[Kept]) -> K:
        found = [value for value in kept if isinstance(value, kind)]
        if len(found) != 1:
            raise CollectionError(f"{self.root}: {len(found)} {kind.__name__} values were read back from one that was written")
        return found[0]

    def _acknowledge(self) -> None:
        with self._line.or_fail():
            self._archive.sync()
            self._derived.sync()
            self._database.commit()

    def _publish(self) -> None:
        """Acknowledge, and list for replay tools what is going to have its final name."""
        self._acknowledge()
        write_cdxj(self.layout, self._database)

    def _end(self, reason: str, counts: Mapping[str, int]) -> None:
        try:
            self._write_note(
                RunEnd(run_id=self.run_id, record_id=records.new_record_id(), date=self._clock(), reason=reason, counts=counts)
            )
        finally:  # a full disk takes no last record, but the files are whole
            self._publish()
            self._archive.seal()
            self._derived.seal()


def _digests(exchange: Exchange) -> Digests:
    try:
        return records.digests_of(exchange)
    except OSError as error:
        raise ArchiveError(f"{exchange.uri}: what came can't be read back from its spool: {error.strerror or error}") from error
