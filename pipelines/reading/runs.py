"""The runs of a page: its words cut at block borders and line breaks, each with the links that stand in it.

A run is what a reader sees as one line of thought, with white space collapsed and characters that are not printed left
out, as the extractor does. Every `<a href>` and `<area href>` of the page comes out exactly once, in document order, with
its offsets in the run in which its words begin. The walk is one pass without recursion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml.etree import _Element, iterwalk
from lxml.html import HtmlElement

from pipelines.reading.places import Place, place_of


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


BLOCKS = _names(
    "address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav noscript ol p pre search "
    "section summary table tbody td tfoot th thead tr ul br"
)
UNREAD = _names("title script style template svg math iframe object embed canvas audio video select textarea button")
SPACE = re.compile(r"\s+")


@dataclass(slots=True, eq=False)
class Run:
    """`text` is set when the run ends. `linked` counts the code points inside links, `cards` the links that go on into
    another run."""

    number: int
    place: Place
    text: str = ""
    linked: int = 0
    pieces: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, words: str) -> None:
        """Put words at the end, white space collapsed across pieces."""
        words = SPACE.sub(" ", words)
        if not words.isprintable():
            words = "".join(c for c in words if c.isprintable())
        if words.startswith(" ") and (not self.length or self.pieces[-1].endswith(" ")):
            words = words[1:]
        if words:
            self.pieces.append(words)
            self.length += len(words)

    @property
    def density(self) -> float:
        """The share of the run that is link, 0 to 1."""
        return self.linked / max(1, len(self.text))


@dataclass(slots=True, eq=False)
class Anchor:
    """One link: `start` and `end` are offsets in `run`. `blocks` counts the runs it reaches over; a card has several."""

    href: str
    element: _Element
    place: Place
    run: Run
    start: int
    end: int = 0
    blocks: int = 1

    @property
    def text(self) -> str:
        """The words of the link in its run."""
        return self.run.text[self.start : self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A page in runs, and all of its links in document order."""

    runs: list[Run]
    anchors: list[Anchor]


def cut(root: HtmlElement) -> Cut:
    """The runs and links of a page."""
    knife = _Knife()
    walk = iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            knife.leave(element)
        elif _is_unread(element):
            walk.skip_subtree()
        else:
            knife.enter(element)
    knife.close_run()
    return Cut(runs=knife.runs, anchors=knife.anchors)


def _is_unread(element: _Element) -> bool:
    """Elements without words of the page; a template that is the element's shadow tree has some."""
    return element.tag in UNREAD and element.get("shadowrootmode") is None


class _Knife:
    """The state of one walk: the open run, the open places, the open links."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.anchors: list[Anchor] = []
        self._places = [Place()]
        self._open: list[Anchor] = []
        self._run = Run(0, self._places[0])

    def enter(self, element: _Element) -> None:
        self._places.append(place_of(element, within=self._places[-1]))
        if element.tag in BLOCKS:
            self.close_run()
        if element.tag in ("a", "area") and element.get("href") is not None:
            self._begin_link(element)
        self._run.add(element.text or "")

    def leave(self, element: _Element) -> None:
        if not _is_unread(element):
            self._end_link(element)
            self._places.pop()
            if element.tag in BLOCKS:
                self.close_run()
        self._run.add(element.tail or "")

    def close_run(self) -> None:
        run = self._run
        run.text = "".join(run.pieces).rstrip()
        run.pieces.clear()
        number = run.number
        if run.text:
            self.runs.append(run)
            number += 1
        self._run = Run(number, self._places[-1])
        for anchor in self._open:
            self._carry_over(anchor, ended=run)

    def _carry_over(self, anchor: Anchor, *, ended: Run) -> None:
        """A link that is open at a border stays with the first run that has words of it."""
        if anchor.run is not ended:
            anchor.blocks += bool(ended.text)
            ended.linked += len(ended.text)
        elif anchor.start < len(ended.text):
            anchor.end = len(ended.text)
            ended.linked += anchor.end - anchor.start
        else:
            anchor.run, anchor.start = self._run, 0

    def _begin_link(self, element: _Element) -> None:
        """A link inside a link ends the outer one, as browsers have it (HTML, 13.2.6.4.7)."""
        while self._open:
            self._close(self._open.pop())
        anchor = Anchor(element.get("href") or "", element, self._places[-1], self._run, self._run.length)
        self.anchors.append(anchor)
        self._open.append(anchor)

    def _end_link(self, element: _Element) -> None:
        if self._open and self._open[-1].element is element:
            self._close(self._open.pop())

    def _close(self, anchor: Anchor) -> None:
        if anchor.run is self._run:
            anchor.end = max(anchor.start, self._run.length)
            self._run.linked += anchor.end - anchor.start
        else:
            anchor.blocks += bool(self._run.length)
            self._run.linked += self._run.length
