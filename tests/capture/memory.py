"""A collection in memory: the same interface as the archive's, and everything that it was given, to look at."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from archive.errors import ArchiveError
from archive.model import (
    Capture,
    CrawlFacts,
    Exchange,
    Failure,
    KeptFailure,
    Location,
    RecordId,
    Truncated,
    digest_of,
)
from archive.warc.http import parse_response_head

K = TypeVar("K", Capture, KeptFailure)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An exchange that was appended; `response` are its bytes."""

    uri: str
    method: str
    request: bytes
    response: bytes
    began_at: datetime
    ended_at: datetime
    ip_address: str | None
    protocols: tuple[str, ...]
    cipher_suite: str | None
    chain: tuple[bytes, ...]
    truncated: Truncated | None
    interim: bytes
    surplus: bytes
    facts: CrawlFacts
    capture: Capture


@dataclass
class MemoryCollection:
    """`refusal` is raised by every append after the first `room` ones."""

    run_id: str = "run-1"
    room: int = 1_000_000
    refusal: ArchiveError | None = None
    slow: float = 0.0
    kept: list[Kept] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    sealed: tuple[str, dict[str, int]] | None = None

    def append(self, exchange: Exchange) -> Future[Capture]:
        """Keep an exchange, in another thread as the real one does."""
        data = exchange.response.read()
        exchange.response.close()
        head = parse_response_head(data)
        assert head is not None
        body = data[head.size :]
        capture = Capture(
            record_id=_new_id(),
            type="response",
            uri=exchange.uri,
            date=exchange.began_at,
            run_id=self.run_id,
            location=Location(file="memory", offset=len(self.kept), length=len(data)),
            method=exchange.method,
            status=head.status,
            mime=head.media_type,
            block_digest=digest_of(data),
            payload_digest=digest_of(body),
            body_digest=digest_of(body),
            entity_size=len(body),
            truncated=exchange.truncated,
            facts=exchange.facts,
        )
        fields = {name: getattr(exchange, name) for name in Kept.__dataclass_fields__ if name not in {"response", "capture"}}
        self.kept.append(Kept(response=data, capture=capture, **fields))
        return self._later(capture)

    def append_failure(self, failure: Failure) -> Future[KeptFailure]:
        """Keep a failure."""
        self.failures.append(failure)
        return self._later(
            KeptFailure(
                record_id=_new_id(),
                uri=failure.uri,
                date=failure.at,
                run_id=self.run_id,
                outcome=failure.outcome,
                reason=failure.reason,
                error=failure.error,
                facts=failure.facts,
            )
        )

    def _later(self, value: K) -> Future[K]:
        future: Future[K] = Future()
        self.room -= 1
        settle: Callable[[], None] = lambda: future.set_result(value)  # noqa: E731
        if self.room < 0 and self.refusal is not None:
            refusal = self.refusal
            settle = lambda: future.set_exception(refusal)  # noqa: E731
        threading.Timer(self.slow, settle).start()
        return future

    def seal(self, *, reason: str, counts: Mapping[str, int]) -> None:
        """Remember how the run ended."""
        assert self.sealed is None, "sealed twice"
        self.sealed = (reason, dict(counts))


def _new_id() -> RecordId:
    return RecordId(f"urn:uuid:{uuid.uuid4()}")
