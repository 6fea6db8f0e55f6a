"""Places in the extraction's text: where the words of a page stand in what was extracted from it.

White space is the extractor's to change and tells nothing, so it is left out of the comparison; every other character
must agree. The search goes forward with the page and falls back to the start, and each page is searched in linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from archive.model import Quote
from pipelines.reading.sentences import Span

AROUND = 32
SURE = 25
"""So many code points without white space make a find certain enough to search on from there."""

SPACE = re.compile(r"\s+")
INK = re.compile(r"\S")


def normalised(text: str) -> str:
    """A text with each stretch of white space as one space, and none at its ends."""
    return SPACE.sub(" ", text).strip()


class Place:
    """A run of the page that stands whole in the text: any stretch of the run has its position there."""

    def __init__(self, text: PlacedText, *, run: str, at: int) -> None:
        self._text = text
        self._ink = [match.start() for match in INK.finditer(run)]
        self._at = at

    def quote(self, start: int, end: int) -> Quote | None:
        """A stretch of the run as it stands in the text; None for a stretch without ink."""
        first, last = bisect_left(self._ink, start), bisect_left(self._ink, end)
        return self._text.quote(self._at + first, self._at + last) if first < last else None


class PlacedText:
    """The extracted text, ready to be searched."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._ink = [match.start() for match in INK.finditer(text)]
        self._squeezed = SPACE.sub("", text)
        self._cursor = 0

    def find(self, run: str) -> Place | None:
        """Where a run of the page stands, searched from the last find on, then from the start."""
        needle = SPACE.sub("", run)
        if not needle:
            return None
        at = self._squeezed.find(needle, self._cursor)
        at = at if at >= 0 else self._squeezed.find(needle)
        if at < 0:
            return None
        if len(needle) >= SURE:
            self._cursor = at + len(needle)
        return Place(self, run=run, at=at)

    def quote(self, first: int, last: int) -> Quote:
        """Places among the characters that are not white space -> a quotation with positions; `last` is exclusive."""
        return located(self.text, Span(self._ink[first], self._ink[last - 1] + 1))


def located(text: str, span: Span) -> Quote:
    """A stretch of the extraction's text, with its position in it. White space is quoted as single spaces."""
    return replace(quoted(text, span), start=span.start, end=span.end)


def quoted(text: str, span: Span) -> Quote:
    """A stretch of words that do not stand in the extraction, with what stands around it and no position."""
    return Quote(
        exact=normalised(text[span.start : span.end]),
        prefix=SPACE.sub(" ", text[max(0, span.start - 2 * AROUND) : span.start])[-AROUND:],
        suffix=SPACE.sub(" ", text[span.end : span.end + 2 * AROUND])[:AROUND],
    )
