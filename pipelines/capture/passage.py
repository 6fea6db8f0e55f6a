"""Passages: the bytes of one request and of its answer, split into what the archive keeps.

What passes goes from the first byte of the final answer to its last into a spool. Interim answers before it and bytes after
its end are set apart, an answer that stops before its end says why, and one whose head never became whole stays raw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from twisted.internet.interfaces import ISSLTransport

from archive.model import Clock, CrawlFacts, Exchange, Truncated, Uri
from archive.spool import Spool
from archive.warc.http import Head, parse_response_head
from pipelines.capture.intake import Intake
from pipelines.capture.tls import TlsFacts, TlsNotes

HEAD_LIMIT = 1 << 20  # bytes of interim answers and head; no server needs more

_EMPTY_LINE = re.compile(rb"\n\r?\n")


class Passage:
    """One request and its answer on one connection, while their bytes pass.

    Nothing is taken after `finish` or `cut`. `problem` is set when the bytes could not be put down; they are incomplete then.
    """

    def __init__(self, *, clock: Clock, directory: Path | None, transport: Any) -> None:
        self._clock = clock
        self._directory = directory
        self._transport = transport
        self._before: bytearray | None = bytearray()  # until the head is whole
        self._latest = b""  # the last piece waits, because only its end can lie past the message
        self._spool: Spool | None = None
        self.request = b""
        self.head: Head | None = None
        self.interim = b""
        self.surplus = b""
        self.began_at = clock()
        self.ended_at: datetime | None = None
        self.truncated: Truncated | None = None
        self.problem: OSError | None = None
        self.ip_address: str = transport.getPeer().host
        self.tls: TlsFacts | None = None
        self.notes = TlsNotes()
        self.addresses: tuple[str, ...] = ()

    @property
    def sent(self) -> bytes:
        """What of the request has left: nothing, as long as the TLS handshake is not over."""
        return b"" if self.tls is None and ISSLTransport.providedBy(self._transport) else self.request

    @property
    def done(self) -> bool:
        """Whether the end was reached or made."""
        return self.ended_at is not None

    def send(self, data: bytes) -> None:
        """Bytes of the request went out."""
        self.request += data

    def take(self, data: bytes) -> None:
        """Bytes of the answer came in."""
        if self.done or self.problem:
            return
        try:
            self._take(data)
        except OSError as error:
            self.problem = error

    def _take(self, data: bytes) -> None:
        if self._before is None:
            self._put(self._latest)
            self._latest = data
            return
        start = 0
        searched = max(len(self._before) - 3, 0)  # an empty line may lie across two pieces
        self._before += data
        while (end := _EMPTY_LINE.search(self._before, searched)) is not None:
            head = parse_response_head(bytes(self._before[start : end.end()]))
            if head is None or not _is_interim(head):
                break
            start = searched = end.end()
        self.interim += bytes(self._before[:start])
        del self._before[:start]
        if end is not None:
            self.head, self._latest, self._before = head, bytes(self._before), None

    def _put(self, data: bytes) -> None:
        if self._spool is None:
            self._spool = Spool(directory=self._directory)
        if data:
            self._spool.write(data)

    @property
    def endless(self) -> bool:
        """Whether so much came without a whole head that waiting for it makes no sense."""
        return self._before is not None and len(self.interim) + len(self._before) > HEAD_LIMIT

    def finish(self, surplus: int) -> None:
        """The answer is whole; the last `surplus` bytes that came are not part of it."""
        end = len(self._latest) - surplus
        self._latest, self.surplus = self._latest[:end], self._latest[end:]
        self._close(None)

    def cut(self, why: Truncated) -> None:
        """The answer ends here, before its end."""
        self._close(why)

    def _close(self, why: Truncated | None) -> None:
        if self.done:
            return
        self.ended_at = self._clock()
        self.truncated = why
        try:
            if self._before is None:
                self._put(self._latest)
        except OSError as error:
            self.problem = error

    @property
    def received(self) -> bytes:
        """What came of an answer whose head never became whole."""
        if self._before is not None:
            return bytes(self._before)
        return b"" if self.answered or self._spool is None else self._spool.read()

    @property
    def answered(self) -> bool:
        """Whether there is an HTTP answer, whole or cut."""
        return self.head is not None and self.head.status is not None and self.head.version.startswith("HTTP/")

    def exchange(self, *, uri: Uri, method: str, facts: CrawlFacts) -> Exchange:
        """The exchange that passed. Only after its end, and only when there is an answer."""
        if self._spool is None or self.head is None or self.ended_at is None:
            raise ValueError(f"{uri}: no answer has passed")
        return Exchange(
            uri=uri,
            method=method,
            request=self.request,
            response=self._spool,
            began_at=self.began_at,
            ended_at=self.ended_at,
            ip_address=None if facts.proxied else self.ip_address,
            protocols=(self.head.version.lower(), self.tls.version) if self.tls else (self.head.version.lower(),),
            cipher_suite=self.tls.cipher_suite if self.tls else None,
            chain=self.tls.chain if self.tls else (),
            truncated=self.truncated,
            interim=self.interim,
            surplus=self.surplus,
            facts=facts,
        )

    def discard(self) -> None:
        """Give the spool back; of no effect when the archive has done so."""
        if self._spool is not None:
            self._spool.close()

    def pause(self) -> None:
        """Stop reading from the connection."""
        if not self.done:
            self._transport.pauseProducing()

    def resume(self) -> None:
        """Read from the connection again."""
        if not self.done:
            self._transport.resumeProducing()


def _is_interim(head: Head) -> bool:
    """RFC 9110, 15.2; after 101 the connection speaks another protocol, so that is a final answer."""
    return head.status is not None and 100 <= head.status < 200 and head.status != 101


class Tie:
    """What belongs to one download: its passages in order, and what its new connections showed."""

    def __init__(self, *, clock: Clock, intake: Intake, directory: Path | None) -> None:
        self._clock = clock
        self._directory = directory
        self.intake = intake
        self.passages: list[Passage] = []
        self.notes = TlsNotes()
        self.addresses: tuple[str, ...] = ()
        self.cut = False  # the run was stopped while it was in flight
        self.connecting = True  # until a request goes out; again when Twisted asks for a fresh connection

    def saw(self, addresses: Iterable[object]) -> None:
        """All addresses that the host's name resolved to."""
        self.addresses = tuple(str(address) for address in addresses)

    def begin(self, transport: Any, *, notes: TlsNotes, addresses: tuple[str, ...]) -> Passage:
        """A request is about to go out on a connection."""
        passage = Passage(clock=self._clock, directory=self._directory, transport=transport)
        passage.notes, passage.addresses = notes, addresses
        self.connecting = False
        self.passages.append(passage)
        return passage

    def freeze(self, why: Truncated) -> None:
        """The download is over for the crawler: what has not ended ends here."""
        for passage in self.passages:
            passage.cut(why)
            self.intake.end(passage)

    def release(self) -> None:
        """All of it is written, or will never be."""
        for passage in self.passages:
            self.intake.release(passage)
            passage.discard()
