"""A text with its citations marked: cut into pieces, so that any sentences and anchors may overlap, nest or run over lines.

The pieces of all paragraphs, joined by line ends, are the text. Each citation whose words stand where it says has its place
after exactly one piece; any other is not in the text that is shown, and is given back as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.model import Citation, Quote

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of one line. `sentences` and `anchors` are the ordinals of the citations that cover it, `ends` of those whose
    anchor (or else sentence) ends with it."""

    text: str
    sentences: tuple[int, ...] = ()
    anchors: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """`lines` are the lines of the text in pieces, `missing` the ordinals of the citations that have no place in it."""

    lines: tuple[tuple[Piece, ...], ...]
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    ordinal: int
    sentence: Span | None
    anchor: Span | None

    @property
    def end(self) -> int:
        return (self.anchor or self.sentence or (0, 0))[1]


def marked(text: str, citations: Sequence[Citation]) -> Marked:
    """The text with the citations of its article."""
    found = [_placed(text, citation) for citation in citations]
    placed = [one for one in found if one.anchor or one.sentence]
    missing = tuple(one.ordinal for one in found if one not in placed)
    return Marked(lines=tuple(_lines(text, placed)), missing=missing)


def _placed(text: str, citation: Citation) -> _Placed:
    return _Placed(ordinal=citation.ordinal, sentence=_span(text, citation.sentence), anchor=_span(text, citation.anchor))


def _span(text: str, quote: Quote) -> Span | None:
    """Where words stand, if they stand where they say; a line end after them is no part of them."""
    if quote.start is None or quote.end is None or not 0 <= quote.start < quote.end <= len(text):
        return None
    words = text[quote.start : quote.end]
    return (quote.start, quote.start + len(words.rstrip("\n"))) if words == quote.exact and words.strip("\n") else None


def _lines(text: str, placed: Sequence[_Placed]) -> Iterator[tuple[Piece, ...]]:
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        yield tuple(_pieces(text, (start, end), [one for one in placed if _touches(one, (start, end))]))
        start = end + 1


def _touches(one: _Placed, line: Span) -> bool:
    return any(span and span[0] <= line[1] and span[1] >= line[0] for span in (one.sentence, one.anchor))


def _pieces(text: str, line: Span, placed: Sequence[_Placed]) -> Iterator[Piece]:
    cuts = _cuts(line, placed)
    for start, end in pairwise(cuts):
        yield Piece(
            text=text[start:end],
            sentences=tuple(one.ordinal for one in placed if _covers(one.sentence, start, end)),
            anchors=tuple(one.ordinal for one in placed if _covers(one.anchor, start, end)),
            ends=tuple(one.ordinal for one in placed if one.end == end),
        )


def _cuts(line: Span, placed: Iterable[_Placed]) -> list[int]:
    spans = [span for one in placed for span in (one.sentence, one.anchor) if span]
    inside = {at for span in spans for at in span if line[0] < at < line[1]}
    return sorted({*line, *inside})


def _covers(span: Span | None, start: int, end: int) -> bool:
    return span is not None and span[0] <= start and end <= span[1]
