"""The links of a page: every one, in document order, each with its context, its reason and the words around it.

The anchor and its sentence are quoted from the run in which they stand. Where the run stands in the extracted text, they
are quoted from there and have positions, so that `text[start:end]` is the quotation up to white space.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from archive.model import Link, Quote
from pipelines.reading.contexts import Judge
from pipelines.reading.locate import Place, PlacedText, quoted
from pipelines.reading.outline import Outline
from pipelines.reading.runs import Anchor, Run, cut
from pipelines.reading.sentences import LONGEST, Sentences, Span
from pipelines.reading.uris import base_of, target_of


class PageLinks:
    """The links of one page, against the text that was extracted from it."""

    def __init__(self, root: HtmlElement, *, text: str, uri: str | None, language: str | None) -> None:
        self._cut = cut(root)
        self._uri = uri
        self._base = base_of(next(iter(root.xpath("//base[@href][1]/@href")), None), uri=uri)
        self._outline = Outline(self._cut, text=text)
        self._judge = Judge(self._outline)
        self._text = PlacedText(text)
        self._language = language
        self._words: dict[int, _Words] = {}

    def all(self) -> tuple[Link, ...]:
        """Every link of the page."""
        return tuple(self._link(anchor, ordinal=number) for number, anchor in enumerate(self._cut.anchors, start=1))

    def _link(self, anchor: Anchor, *, ordinal: int) -> Link:
        target = target_of(anchor.href, base=self._base)
        decision = self._judge.decide(anchor, target=target, page=self._uri)
        words = self._words_of(anchor.run)
        return Link(
            ordinal=ordinal,
            href=anchor.href,
            target=target,
            anchor=words.quote(Span(anchor.start, anchor.end)),
            sentence=words.sentence(anchor),
            context=decision.context,
            reason=decision.reason,
        )

    def _words_of(self, run: Run) -> _Words:
        key = id(run)
        if key not in self._words:
            place = self._text.find(run.text) if self._outline.in_text(run) else None
            self._words[key] = _Words(run.text, place=place, language=self._language)
        return self._words[key]


class _Words:
    """One run, ready to be quoted."""

    def __init__(self, text: str, *, place: Place | None, language: str | None) -> None:
        self._text = text
        self._place = place
        self._language = language
        self._split: Sentences | None = None
        self._quotes: dict[tuple[int, int], Quote] = {}

    def quote(self, span: Span) -> Quote:
        """A stretch of the run; equal stretches are one object, so that a page of many links stays small."""
        key = (span.start, span.end)
        if key not in self._quotes:
            end = min(span.end, span.start + LONGEST)
            found = self._place.quote(span.start, end) if self._place else None
            self._quotes[key] = found or quoted(self._text, Span(span.start, end))
        return self._quotes[key]

    def sentence(self, anchor: Anchor) -> Quote:
        """The sentence in which a link stands."""
        if self._split is None:
            self._split = Sentences(self._text, language=self._language)
        return self.quote(self._split.around(anchor.start, anchor.end))
