"""Content codings of HTTP (RFC 9110, 8.4.1): gzip, deflate, br, zstd, and several in a row.

Whatever arrives, `decode` ends: at most `limit` bytes come out of any coding, damaged or cut data gives what stands
before the damage, and `problem` says in one sentence what was wrong. It never raises on data.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import brotli
from zlib_ng import zlib_ng

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_IN = 1 << 13
_OUT = 1 << 16
_GZIP, _ZLIB, _RAW = 31, 15, -15
_DAMAGE = cast(
    "tuple[type[Exception], ...]", (zlib_ng.error, brotli.error, zstd.ZstdError)
)  # brotli's types call it an instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What came out, and in one sentence why it is not all (None where it is)."""

    data: bytes
    problem: str | None = None


class _UndecodableError(Exception):
    """Says why decoding stops here."""


def decode(codings: Sequence[bytes], entity_chunks: Iterable[bytes], *, limit: int) -> Decoded:
    """Undo content codings, given in the order in which they were applied; at most `limit` bytes come out.

    An unknown coding is a problem and its data is given as it came: what servers call so is often none at all.
    """
    chunks: Iterator[bytes] = iter(entity_chunks)
    problem = None
    for name in reversed([c.strip().lower() for coding in codings for c in coding.split(b",") if c.strip()]):
        if name == b"identity":
            continue
        if name not in _STEPS:
            problem = f"the content coding {name.decode('latin-1')!r} is unknown"
            break
        chunks = _bounded(_named(name.decode(), _STEPS[name](_small(chunks))), limit=limit)
    return _collected(_bounded(chunks, limit=limit), problem)


def _collected(chunks: Iterator[bytes], problem: str | None) -> Decoded:
    out = bytearray()
    try:
        for piece in chunks:
            out += piece
    except _UndecodableError as error:
        problem = problem or str(error)
    return Decoded(data=bytes(out), problem=problem)


def _bounded(chunks: Iterator[bytes], *, limit: int) -> Iterator[bytes]:
    left = limit
    for piece in chunks:
        if len(piece) > left:
            yield piece[:left]
            raise _UndecodableError(f"the decoded content is larger than {limit} bytes")
        left -= len(piece)
        yield piece


def _small(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces so small that damage in one costs little of what stands before it."""
    return (chunk[at : at + _IN] for chunk in chunks for at in range(0, len(chunk), _IN))


def _named(name: str, steps: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from steps
    except _DAMAGE as error:
        raise _UndecodableError(f"the {name} data is damaged: {error}") from error
    except EOFError:
        raise _UndecodableError(f"the {name} data ends before its end") from None


def _zlib(chunks: Iterator[bytes], *, wbits: int) -> Iterator[bytes]:
    """One zlib or raw stream; what follows it is ignored, as browsers do."""
    inflater, some = zlib_ng.decompressobj(wbits), False
    for data in chunks:
        some = True
        yield from _inflated(inflater, data)
        if inflater.eof:
            return
    if some:
        raise EOFError


def _gzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Gzip members in a row (RFC 1952, 2.2); bytes after them that start no member are ignored."""
    inflater, some = zlib_ng.decompressobj(_GZIP), False
    for chunk in chunks:
        data, some = chunk, True
        while data:
            if inflater.eof:
                if data[:1] != b"\x1f":
                    return
                inflater = zlib_ng.decompressobj(_GZIP)
            yield from _inflated(inflater, data)
            data = inflater.unused_data
    if some and not inflater.eof:
        raise EOFError


def _inflated(inflater: zlib_ng._Decompress, data: bytes) -> Iterator[bytes]:
    while True:
        out = inflater.decompress(data, _OUT)
        if out:
            yield out
        data = inflater.unconsumed_tail
        if inflater.eof or (not data and len(out) < _OUT):
            return


def _deflate(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """`deflate` is zlib by the standard (RFC 1950) and raw from servers that read it differently (RFC 1951)."""
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= 2:
            break
    is_zlib = len(start) >= 2 and start[0] & 0x0F == 8 and int.from_bytes(start[:2]) % 31 == 0
    return _zlib(_joined(start, chunks), wbits=_ZLIB if is_zlib else _RAW)


def _joined(start: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if start:
        yield start
    yield from chunks


def _brotli(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder, some = brotli.Decompressor(), False
    for data in chunks:
        some = True
        yield from _drained(decoder, data)
        if decoder.is_finished():
            return
    if some:
        raise EOFError


def _drained(decoder: brotli.Decompressor, data: bytes) -> Iterator[bytes]:
    """All output that this much input gives; the decoder asks for more input while it still holds output."""
    out = decoder.process(data, output_buffer_limit=_OUT)
    while out or not (decoder.is_finished() or decoder.can_accept_more_data()):
        yield out
        out = decoder.process(b"", output_buffer_limit=_OUT) if not decoder.is_finished() else b""


def _zstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Zstandard frames in a row (RFC 8878)."""
    decoder, some = zstd.ZstdDecompressor(), False
    for chunk in chunks:
        data, some = chunk, True
        while data:
            if decoder.eof:
                decoder = zstd.ZstdDecompressor()
            yield decoder.decompress(data, _OUT)
            while not decoder.eof and not decoder.needs_input:
                yield decoder.decompress(b"", _OUT)
            data = decoder.unused_data if decoder.eof else b""
    if some and not decoder.eof:
        raise EOFError


_STEPS: dict[bytes, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    b"gzip": _gzip,
    b"x-gzip": _gzip,
    b"deflate": _deflate,
    b"br": _brotli,
    b"zstd": _zstd,
}
