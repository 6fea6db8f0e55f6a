"""Bytes on their way out of a file: a gzip member inflated and checked, or a plain run, as a stream that can be read once.

A member that is cut, damaged or has a wrong checksum ends in a RecordError at its offset, at the latest when the byte
after its last one is asked for.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from zlib_ng import zlib_ng

from archive.errors import MalformedRecordError, TruncatedRecordError
from archive.layout import OPEN_SUFFIX

MAGIC = b"\x1f\x8b\x08"
LINE_LIMIT = 1 << 20
_IN = 1 << 15
_PLAIN = 1 << 18
_GZIP = 31
_DAMAGE = cast("type[Exception]", zlib_ng.error)  # its types call it an instance

_VERSION_LINE = re.compile(rb"(?i)(?:\A|(?<=\n))WARC/\d+\.\d+[ \t]*\r?\n")

Source = mmap.mmap | bytes


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The bytes of a file, without reading them all. Raises OSError."""
    with path.open("rb") as stream:
        if not stream.seek(0, 2):
            yield b""
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as source:
            yield source


def present(path: Path) -> Path:
    """The file under its final name or with `.open` after it, whichever is there."""
    if path.exists():
        return path
    other = path.with_suffix("") if path.name.endswith(OPEN_SUFFIX) else path.with_name(path.name + OPEN_SUFFIX)
    return other if other.exists() else path


class Member:
    """One gzip member (RFC 1952): iterate over what it holds; then `end` is the offset of the byte after it."""

    def __init__(self, source: Source, *, path: Path, offset: int) -> None:
        self._source = source
        self._path = path
        self._offset = offset
        self.end: int | None = None

    def __iter__(self) -> Iterator[bytes]:
        inflater, at = zlib_ng.decompressobj(_GZIP), self._offset
        while not inflater.eof:
            data = self._source[at : at + _IN]
            if not data:
                raise TruncatedRecordError(self._path, self._offset, "the file ends inside this gzip member")
            try:
                out = inflater.decompress(data)
            except _DAMAGE as error:
                raise MalformedRecordError(self._path, self._offset, f"the gzip member is damaged ({error})") from error
            at += len(data)
            if out:
                yield out
        self.end = at - len(inflater.unused_data)


def plain(source: Source, offset: int) -> Iterator[bytes]:
    """The bytes of a file that is not compressed, from an offset to its end."""
    for at in range(offset, len(source), _PLAIN):
        yield source[at : at + _PLAIN]


def next_member(source: Source, offset: int) -> int:
    """Where at or after an offset a gzip member starts that holds a record; the end of the file where none does."""
    at = source.find(MAGIC, offset)
    while at >= 0 and not _holds_a_record(source, at):
        at = source.find(MAGIC, at + 1)
    return at if at >= 0 else len(source)


def next_version(source: Source, offset: int) -> int:
    """Where at or after an offset a line starts that says WARC/ and a number; the end of the file where none does."""
    found = _VERSION_LINE.search(source, offset)
    return found.start() if found else len(source)


def _holds_a_record(source: Source, offset: int) -> bool:
    try:
        start = zlib_ng.decompressobj(_GZIP).decompress(source[offset : offset + _IN], 64)
    except _DAMAGE:
        return False
    return start.lstrip(b"\r\n")[:5].upper() == b"WARC/"


class Inflow:
    """A stream over pieces, as warcio reads from. `taken` counts the bytes that were read; `lines` are those read by line."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._at = 0
        self.taken = 0
        self.lines: list[bytes] = []

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only where there are no more."""
        parts: list[bytes] = []
        while size > 0 and (self._at < len(self._held) or self._more()):
            part = self._held[self._at : self._at + size]
            self._at += len(part)
            self.taken += len(part)
            size -= len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readline(self) -> bytes:
        """The next line with its LF; without one at the end of the bytes, or after LINE_LIMIT bytes."""
        while (end := self._held.find(b"\n", self._at)) < 0 and len(self._held) - self._at < LINE_LIMIT:
            if not self._extend():
                break
        stop = end + 1 if end >= 0 else len(self._held)
        line, self._at = self._held[self._at : stop], stop
        self.taken += len(line)
        self.lines.append(line)
        return line

    def drain(self) -> int:
        """Read to the end; gives the number of bytes that were left."""
        before = self.taken
        while self.read(_PLAIN):
            pass
        return self.taken - before

    def _more(self) -> bool:
        self._held, self._at = next(self._pieces, b""), 0
        return bool(self._held)

    def _extend(self) -> bool:
        piece = next(self._pieces, b"")
        self._held, self._at = self._held[self._at :] + piece, 0
        return bool(piece)
