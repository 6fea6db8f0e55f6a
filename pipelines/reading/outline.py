"""What a page as a whole says: which of its runs are the article's text, which are notes, and which marks are about the page.

A mark on an element that holds much of the article (`<body class="has-sidebar">`) says nothing about a link in it, so it
does not count. Notes are known by a back-link and an id that the text points to, or by a heading such as "Sources".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml.etree import _Element

from pipelines.reading.grams import Grams
from pipelines.reading.places import Mark, Place
from pipelines.reading.runs import Anchor, Cut, Run
from pipelines.reading.uris import trimmed

IN_TEXT = 0.7
MOSTLY_LINK = 0.75
OF_THE_PAGE = 0.3
"""An element with so much of the article's text in it is the page, not a part of it."""

FEW = 2
SENTENCE = re.compile(r"[.!?…。！？:][\"”’»)\]]*\s*$")
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
PARAGRAPHS = frozenset({"p", "li", "blockquote", "dd"})
NOTES_HEADING = re.compile(
    r"\W*(?:foot-?notes?|end-?notes?|notes?|references?|sources?|bibliography|works cited|citations?|quellen(?:angaben)?|"
    r"anmerkungen|fu(?:ß|ss)noten|einzelnachweise|références|notes et références|fuentes|referencias|notas|fonti|riferimenti|"
    r"note|fontes|referências|bronnen|źródła|przypisy)\W*",
    re.I,
)
BACK = re.compile(r"[\[(]?(?:\w{1,3}|[*†‡§¶]{1,3}|[↩↑⤴⬆^↵]+\ufe0e?)[\])]?")


class Outline:
    """The runs of a page against the text that was extracted from it."""

    def __init__(self, cut: Cut, *, text: str) -> None:
        grams = Grams(text)
        self._shares = {run: grams.share(run.text) for run in cut.runs}
        self._anchors: dict[Run, list[Anchor]] = defaultdict(list)
        for anchor in cut.anchors:
            self._anchors[anchor.run].append(anchor)
        self._weights: dict[Place, int] = defaultdict(int)
        self._parents: dict[_Element | None, int] = defaultdict(int)
        self._total = self._weigh(cut.runs)
        self._notes = frozenset((*self._noted(cut), *self._listed(cut)))

    def in_text(self, run: Run) -> bool:
        """Whether the words of a run stand in the extracted text."""
        return self._shares.get(run, 0.0) >= IN_TEXT

    def is_note(self, run: Run) -> bool:
        """Whether a run is a note or an entry in a list of sources."""
        return run in self._notes

    def anchors(self, run: Run) -> list[Anchor]:
        """The links whose words begin in a run."""
        return self._anchors[run]

    def is_among_paragraphs(self, run: Run) -> bool:
        """Whether a run is a paragraph that stands next to several paragraphs of the article."""
        element = run.place.element
        if element is None or element.tag not in PARAGRAPHS:
            return False
        return self._parents[element.getparent()] > max(OF_THE_PAGE * self._total, FEW)

    def marks(self, place: Place) -> Iterator[tuple[int, Mark]]:
        """The marks around a place that are about a part of the page, nearest first, with their distance in elements."""
        for distance, marked in place.marks():
            if marked.mark and self._weights.get(marked, 0) <= OF_THE_PAGE * self._total:
                yield distance, marked.mark

    def _weigh(self, runs: list[Run]) -> int:
        """Count the article's words in every place that has a mark, and in the parents of its paragraphs."""
        total = 0
        for run in runs:
            if run.density > MOSTLY_LINK or not self.in_text(run):
                continue
            total += len(run.text)
            for _, marked in run.place.marks():
                self._weights[marked] += len(run.text)
            if run.place.element is not None:
                self._parents[run.place.element.getparent()] += len(run.text)
        return total

    def _noted(self, cut: Cut) -> Iterator[Run]:
        """Runs with a link back, in an element that a mark in an earlier run points to. A paragraph that ends in such a mark
        is none: what points to it comes later, from the note."""
        pointed: dict[str, int] = {}
        for anchor in cut.anchors:
            if _is_mark(anchor):
                pointed.setdefault(trimmed(anchor.href)[1:], anchor.run.number)
        for run in cut.runs:
            back = any(_is_mark(anchor) and _ends(anchor) for anchor in self._anchors[run])
            if back and any(pointed.get(name, run.number) < run.number for name in _ids(run.place)):
                yield run

    def _listed(self, cut: Cut) -> Iterator[Run]:
        """Runs below a heading that names sources, up to the next heading or part of the page."""
        below = False
        for run in cut.runs:
            if NOTES_HEADING.fullmatch(run.text):
                below = True
            elif below and (_is_heading(run) or next(self.marks(run.place), None)):
                below = False
            elif below:
                yield run


def _is_mark(anchor: Anchor) -> bool:
    """A number, letter or arrow that leads to a place on the page: to a note, or back from it."""
    return trimmed(anchor.href).startswith("#") and bool(BACK.fullmatch(anchor.text.strip()))


def _ends(anchor: Anchor) -> bool:
    return anchor.start == 0 or anchor.end >= len(anchor.run.text)


def _is_heading(run: Run) -> bool:
    return run.place.element is not None and run.place.element.tag in HEADINGS


def _ids(place: Place) -> set[str]:
    """The ids of an element and of the three around it."""
    found: set[str] = set()
    element = place.element
    for _ in range(4):
        if element is None:
            break
        found.add(element.get("id") or "")
        element = element.getparent()
    return found - {""}
