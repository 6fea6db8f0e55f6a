"""What the bytes of a block are, found in one pass: digests of block, payload and body, and the HTTP head.

WARC 1.1, 6.3.2: the payload of an HTTP message is its entity body, chunking removed, content coding kept. The body is
everything after the head as it came. Of any other block payload, body and block are the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from archive.model import Digest
from archive.warc.http import Chunked, Head, RequestHead, parse_request_head, parse_response_head

HEAD_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """Sizes in bytes. `head` is None where the block is no HTTP message. `problem` says what is wrong with the chunking.

    `others` are digests of the same three by other algorithms (raw bytes): algorithm to (block, payload, body).
    """

    head: Head | RequestHead | None
    size: int
    body_size: int
    entity_size: int
    block: Digest
    payload: Digest
    body: Digest
    problem: str | None = None
    others: tuple[tuple[str, tuple[bytes, bytes, bytes]], ...] = ()

    @property
    def status(self) -> int | None:
        """The status of a response, None for anything else."""
        return self.head.status if isinstance(self.head, Head) else None


class _Tally:
    """Running digests and the number of bytes of one stream."""

    def __init__(self, algorithms: tuple[str, ...]) -> None:
        self._hashes = tuple(hashlib.new(name, usedforsecurity=False) for name in algorithms)
        self.size = 0

    def over(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces, counted as they pass."""
        for piece in pieces:
            self.size += len(piece)
            for running in self._hashes:
                running.update(piece)
            yield piece

    def digests(self) -> tuple[bytes, ...]:
        return tuple(running.digest() for running in self._hashes)


def measure(pieces: Iterable[bytes], *, content_type: str | None, others: tuple[str, ...] = ()) -> Digests:
    """Read all of a block. `content_type` is its record's: `application/http` blocks are parsed, others are taken whole.

    `others` names more algorithms of hashlib, for digests that somebody else declared.
    """
    algorithms = ("sha256", *others)
    block, body, payload = _Tally(algorithms), _Tally(algorithms), _Tally(algorithms)
    stream = block.over(pieces)
    head, start = _head(stream, content_type)
    if head is None:
        _drain(stream)
        return _measured(None, (block, block, block), others, None)
    after = body.over(chain(start, stream))
    if not head.chunked:
        _drain(after)
        return _measured(head, (block, body, body), others, None)
    chunked = Chunked(after)
    _drain(payload.over(chunked))
    _drain(after)
    return _measured(head, (block, body, payload), others, chunked.problem)


def message_head(start: bytes, *, content_type: str | None) -> Head | RequestHead | None:
    """The HTTP head at the start of a block of this type; None where there is none, or not all of it."""
    kind = (content_type or "").lower()
    if not kind.startswith("application/http"):
        return None
    return parse_request_head(start) if "request" in kind else parse_response_head(start)


def _head(stream: Iterator[bytes], content_type: str | None) -> tuple[Head | RequestHead | None, list[bytes]]:
    """The head and the first bytes after it; where there is no head the bytes that were taken are counted, but not given."""
    if not (content_type or "").lower().startswith("application/http"):
        return None, []
    start = b""
    for piece in stream:
        start += piece
        if head := message_head(start, content_type=content_type):
            return head, [start[head.size :]]
        if len(start) > HEAD_LIMIT:
            break
    return None, []


def _drain(pieces: Iterable[bytes]) -> None:
    for _ in pieces:
        pass


def _measured(
    head: Head | RequestHead | None, tallies: tuple[_Tally, _Tally, _Tally], others: tuple[str, ...], problem: str | None
) -> Digests:
    block, body, payload = (tally.digests() for tally in tallies)
    return Digests(
        head=head,
        size=tallies[0].size,
        body_size=tallies[1].size,
        entity_size=tallies[2].size,
        block=_spelled(block[0]),
        payload=_spelled(payload[0]),
        body=_spelled(body[0]),
        problem=problem,
        others=tuple((name, (block[i], payload[i], body[i])) for i, name in enumerate(others, 1)),
    )


def _spelled(digest: bytes) -> Digest:
    return Digest("sha256:" + digest.hex())
