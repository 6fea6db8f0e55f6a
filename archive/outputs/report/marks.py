"""A text with its citations marked: cut into pieces, so that any sentences and anchors may overlap, nest or run over lines.

The pieces of all paragraphs, joined by line ends, are the text. Each citation whose words stand where it says has its place
after exactly one piece; any other is not in the text that is shown, and is given back as such. The work grows with the text
and its citations, not with their product: whoever writes an article may write a long one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter

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
    missing = tuple(one.ordinal for one in found if not (one.anchor or one.sentence))
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
    sentences = _Cover((one.ordinal, one.sentence) for one in placed)
    anchors = _Cover((one.ordinal, one.anchor) for one in placed)
    cuts = sorted({*sentences.places, *anchors.places})
    ends = defaultdict(list)
    for one in placed:
        ends[one.end].append(one.ordinal)
    for line in _spans_of_lines(text):
        inside = cuts[bisect_right(cuts, line[0]) : bisect_right(cuts, line[1])]
        yield tuple(
            Piece(
                text=text[start:end],
                sentences=sentences.at(start),
                anchors=anchors.at(start),
                ends=tuple(ends.get(end, ())),
            )
            for start, end in pairwise(sorted({*line, *inside}))
        )


def _spans_of_lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


class _Cover:
    """Which citations cover a place of the text. Between two `places` where one begins or ends it is the same tuple."""

    def __init__(self, spans: Iterable[tuple[int, Span | None]]) -> None:
        changes = sorted((at, ordinal) for ordinal, span in spans if span for at in span)
        self.places: list[int] = []
        self._covering: list[tuple[int, ...]] = [()]
        now: set[int] = set()
        for at, changed in groupby(changes, key=itemgetter(0)):
            now ^= {ordinal for _, ordinal in changed}
            self.places.append(at)
            self._covering.append(tuple(sorted(now)))

    def at(self, place: int) -> tuple[int, ...]:
        """The ordinals of those that cover the character at a place."""
        return self._covering[bisect_right(self.places, place)]
