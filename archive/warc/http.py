"""Bytes of HTTP/1.x messages (RFC 9112): heads, chunking, entity bodies. Pure functions; nothing here fails on odd bytes.

What servers send is accepted as they send it: names and values keep case, order, repeats and every odd byte; bare LF,
folded and colon-less lines, a missing reason phrase, upper-case hexadecimal sizes, chunk extensions and trailers are
normal. Nothing is normalised but the white space around names and values. Content codings are removed by `decode`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from archive.warc.coding import Decoded, decode

__all__ = [
    "Chunked",
    "Decoded",
    "Head",
    "RequestHead",
    "decode",
    "entity",
    "has_blank_line",
    "parse_request_head",
    "parse_response_head",
    "split_interim",
]

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_LINE_LIMIT = 1 << 16
_BLANK = b" \t"
_INTERIM = frozenset(range(100, 200)) - {101}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """The header lines as sent, names and values without surrounding white space, folded lines joined by one space.

    Colon-less lines are left out. `size` is the bytes of the whole head, its empty line included.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    size: int

    def all(self, name: bytes) -> list[bytes]:
        """Every value of a header, in order; the case of `name` does not matter."""
        wanted = name.lower()
        return [value for found, value in self.headers if found.lower() == wanted]

    def get(self, name: bytes) -> bytes | None:
        """The first value of a header, None where there is none."""
        found = self.all(name)
        return found[0] if found else None

    def tokens(self, name: bytes) -> list[bytes]:
        """The members of a comma-separated list header over all of its lines, lower-case."""
        return [token.strip().lower() for value in self.all(name) for token in value.split(b",") if token.strip()]

    @property
    def chunked(self) -> bool:
        """Whether the head says that its body is chunked (the last transfer coding is)."""
        return self.tokens(b"transfer-encoding")[-1:] == [b"chunked"]

    @property
    def codings(self) -> list[bytes]:
        """The content codings in the order in which they were applied, as `decode` takes them."""
        return self.tokens(b"content-encoding")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head(_Message):
    """The head of a response. `status` is None where the first line holds no three-digit number."""

    version: str
    status: int | None
    reason: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters as sent; `unk` where there is none."""
        value = (self.get(b"content-type") or b"").split(b";")[0].strip()
        return _text(value) or "unk"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead(_Message):
    """The head of a request; `target` is as sent (origin, absolute, authority or asterisk form)."""

    method: str
    target: bytes
    version: str


def parse_response_head(data: bytes) -> Head | None:
    """Read the head at the start of `data`; None while its empty line has not come."""
    parts = _split(data)
    if parts is None:
        return None
    first, headers, size = parts
    words = [*first.split(None, 2), b"", b"", b""]
    status = int(words[1]) if len(words[1]) == 3 and words[1].isdigit() else None
    return Head(version=_text(words[0]), status=status, reason=words[2].rstrip(), headers=headers, size=size)


def parse_request_head(data: bytes) -> RequestHead | None:
    """Read the head at the start of `data`; None while its empty line has not come."""
    parts = _split(data)
    if parts is None:
        return None
    first, headers, size = parts
    words = [*first.split(None, 2), b"", b"", b""]
    return RequestHead(method=_text(words[0]), target=words[1], version=_text(words[2].strip()), headers=headers, size=size)


def split_interim(data: bytes) -> int:
    """The bytes of the whole interim messages (1xx but not 101) at the start of `data`."""
    at = 0
    while (head := parse_response_head(data[at:])) and head.status in _INTERIM:
        at += head.size
    return at


def entity(head: Head | RequestHead, body_chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The entity body: chunking removed where the head says chunked, content coding kept (WARC 1.1, 6.3.2: payload).

    Chunk extensions and trailers are dropped. A body that is not chunked though its head says so comes through as it is;
    one that is cut, or breaks the rules later on, ends where it does.
    """
    return iter(Chunked(body_chunks)) if head.chunked else iter(body_chunks)


def has_blank_line(head: bytes) -> bool:
    """Whether a line of white space alone stands in a head before its end: other readers take it for the end."""
    return any(not _text(line).strip() for line in head.split(b"\n")[:-2])


class Chunked:
    """The data of a chunked body, to be iterated once. `problem` then says in words what was wrong with it, or is None."""

    def __init__(self, body_chunks: Iterable[bytes]) -> None:
        self._source = _Source(body_chunks)
        self.problem: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        line = self._source.line()
        if not _CHUNK_SIZE.fullmatch(line):
            yield from self._unchunked(line)
            return
        while match := _CHUNK_SIZE.fullmatch(line):
            size = int(match[1], 16)
            if size == 0:
                return
            yield from self._source.take(size)
            if self._source.line() not in (b"\r\n", b"\n"):
                self.problem = self._source.fault("a chunk is not followed by a line end")
                return
            line = self._source.line()
        self.problem = self._source.fault(f"{line[:20]!r} is no chunk size")

    def _unchunked(self, line: bytes) -> Iterator[bytes]:
        taken = [line] if line.endswith(b"\n") else []
        for piece in chain(taken, self._source.rest()):
            self.problem = "the head says chunked but the body is not"
            yield piece


class _Source:
    """A view of pieces of bytes as lines and runs. After the last byte everything is empty."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._at = 0
        self._ended = False

    def line(self) -> bytes:
        """The next line with its LF; where the bytes end first, or it is too long, what there is, and nothing is taken."""
        while (end := self._held.find(b"\n", self._at)) < 0 and len(self._held) - self._at < _LINE_LIMIT:
            if not self._more():
                return self._held[self._at :]
        if end < 0:
            return self._held[self._at :]
        start, self._at = self._at, end + 1
        return self._held[start : self._at]

    def take(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes, or fewer where they end."""
        while size > 0:
            if self._at == len(self._held) and not self._more():
                return
            piece = self._held[self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        """All that is left."""
        if self._at < len(self._held):
            yield self._held[self._at :]
        self._held, self._at = b"", 0
        yield from self._pieces

    def fault(self, reason: str) -> str:
        """`reason`, unless the bytes simply ended."""
        return "the body ends before its last chunk" if self._ended else reason

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        self._ended = piece is None
        if piece is not None:
            self._held, self._at = self._held[self._at :] + piece, 0
        return piece is not None


def _split(data: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...], int] | None:
    end = _EMPTY_LINE.search(data)
    if end is None:
        return None
    first, *lines = (line.removesuffix(b"\r") for line in data[: end.start()].split(b"\n"))
    return first, tuple(_fields(lines)), end.end()


def _fields(lines: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    held: tuple[bytes, bytes] | None = None
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            held = held and (held[0], (held[1] + b" " + line.strip(_BLANK)).strip(_BLANK))
            continue
        if held:
            yield held
        name, colon, value = line.partition(b":")
        held = (name.strip(_BLANK), value.strip(_BLANK)) if colon else None
    if held:
        yield held


def _text(data: bytes) -> str:
    """UTF-8 where it is, Latin-1 where it is not: every byte string has a spelling."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
