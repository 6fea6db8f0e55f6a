"""What is done in the writer's thread: values become records in files, and at once rows of the index.

One run writes to two shelves, `archive/` and `derived/`. Every row says what a reader of the file would find. Rows are
committed after the files were synced; index.cdxj is written before a file of `archive/` gets its final name.

An error of one value is that value's alone as long as nothing of it is in the files. Whatever else goes wrong, a sync that
fails or an index that takes no row, breaks the line of jobs: what is then unsynced may be lost without a word later.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from archive.errors import ArchiveError, CollectionError, CollectionFullError
from archive.index.build import write_cdxj
from archive.index.database import Database
from archive.layout import CollectionId, Layout
from archive.line import Line
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
)
from archive.warc import records, values
from archive.warc.measure import Digests
from archive.warc.stored import StoredRecord
from archive.warc.writer import Shelf, create

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


class Scribe:
    """The jobs of one run. Each is called by the line's thread; its error is an ArchiveError."""

    def __init__(
        self,
        layout: Layout,
        facts: RunFacts,
        *,
        database: Database,
        identity: CollectionId,
        line: Line,
        clock: Clock,
        options: WriterOptions,
    ) -> None:
        self.run_id = f"{clock():%Y%m%d%H%M%S}{secrets.token_hex(3)}"
        self._layout = layout
        self._facts = facts
        self._identity = identity
        self._line = line
        self._clock = clock
        self.database = database
        self._archive = self._shelf(layout.archive, options, before_seal=self._publish)
        self._derived = self._shelf(layout.derived, options, before_seal=self.acknowledge)

    def begin(self) -> None:
        """Write the first record of the run, and its configuration."""
        configuration = self._facts.configuration
        kept = None
        if configuration:
            uri = Uri(f"urn:{digest_of(configuration)}")
            resource = Resource(uri=uri, content_type="application/yaml", content=configuration, at=self._clock())
            kept = self.append_resource(resource)
        self.keep(
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

    def append(self, exchange: Exchange) -> Capture:
        """Write an exchange, or a revisit where its body is kept already; closes its spool."""
        with exchange.response:
            digests = _digests(exchange)
            chain_id = self._keep_chain(exchange.chain)
            original = self._original(exchange, digests)
            drafts = records.exchange_drafts(exchange, digests=digests, chain_id=chain_id, original=original)
            return self._only(Capture, self._write(self._archive, drafts))

    def append_failure(self, failure: Failure) -> KeptFailure:
        """Write the evidence that nothing came."""
        drafts = records.failure_drafts(failure, chain_id=self._keep_chain(failure.chain))
        return self._only(KeptFailure, self._write(self._archive, drafts))

    def append_resource(self, resource: Resource) -> Capture:
        """Write bytes that did not come over HTTP, once."""
        digest = digest_of(resource.content)
        for capture in self.database.captures(resource.uri):
            if capture.type == "resource" and capture.block_digest == digest:
                return capture
        return self._only(Capture, self._write(self._archive, [records.resource_draft(resource)]))

    def keep_extraction(self, extraction: Extraction, text: str | None) -> None:
        """Write what was read from a capture, and the text where there is one."""
        drafts = [records.note_draft(extraction)]
        if text is not None:
            drafts.insert(0, records.conversion_draft(extraction, text))
        self._write(self._derived, drafts)

    def keep(self, value: Article | Citation | Attempt | RunStart | RunEnd) -> None:
        """Write a conclusion."""
        self._write(self._derived, [records.note_draft(value)])

    def acknowledge(self) -> None:
        """Make lasting what was written: the files first, then the rows."""
        with self._line.or_fail():
            self._archive.sync()
            self._derived.sync()
            self.database.commit()

    def end(self, reason: str, counts: Mapping[str, int]) -> None:
        """Write the last record of the run, and give the files their final names."""
        try:
            self.keep(
                RunEnd(run_id=self.run_id, record_id=records.new_record_id(), date=self._clock(), reason=reason, counts=counts)
            )
        finally:  # a full disk takes no last record, but the files are whole
            self._publish()
            self._archive.seal()
            self._derived.seal()

    def leave(self) -> None:
        """Give files and index back. What is not sealed stays open in its name."""
        self._archive.leave()
        self._derived.leave()
        self.database.close()

    def _original(self, exchange: Exchange, digests: Digests) -> Capture | None:
        if exchange.truncated is not None or not digests.body_size:
            return None
        return self.database.original(uri=exchange.uri, status=digests.status, body_digest=digests.body, method=exchange.method)

    def _keep_chain(self, chain: tuple[bytes, ...]) -> RecordId | None:
        if not chain:
            return None
        return self.append_resource(records.chain_resource(chain, at=self._clock())).record_id

    def _write(self, shelf: Shelf, drafts: Sequence[records.Draft]) -> list[Kept]:
        """Write records together, and index what they say: the very values that a reader of the file would find."""
        written = self._put_down(shelf, drafts)
        with self._line.or_fail():
            kept = list(values.kept(written))
            self.database.add_all(kept)
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
            raise CollectionError(
                f"{self._layout.root}: {len(found)} {kind.__name__} values were read back from one that was written"
            )
        return found[0]

    def _publish(self) -> None:
        """Acknowledge, and list for replay tools what is going to have its final name."""
        self.acknowledge()
        write_cdxj(self._layout, self.database)

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


def _digests(exchange: Exchange) -> Digests:
    try:
        return records.digests_of(exchange)
    except OSError as error:
        raise ArchiveError(f"{exchange.uri}: what came can't be read back from its spool: {error.strerror or error}") from error
