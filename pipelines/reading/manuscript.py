"""A document in blocks of words with links in them: its text, its title, and the context and sentence of each link.

A link that is a block by itself is not running text: such lines are menus and footers. A sentence that a page break cut in
two (a blank line in mid-sentence) is quoted whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.model import Context, Link, Quote
from pipelines.reading.contexts import Decision, place_apart
from pipelines.reading.locate import located, normalised, quoted
from pipelines.reading.outline import MOSTLY_LINK, NOTES_HEADING
from pipelines.reading.sentences import Sentences, Span
from pipelines.reading.uris import target_of

BETWEEN = "\n\n"
SENTENCE_END = re.compile(r"[.!?…。！？][\"”’»)\]]*(?=\s|$)")
ENDED = re.compile(r"[.!?…:;。！？|][\"”’»)\]*_]*$")
BROKEN_OFF = re.compile(r"(?:(?:^|[\s(“\"])[a-zß-öø-ÿ][\w’'-]*|[,–—-])$")
GOES_ON = re.compile(r"[a-zß-öø-ÿ]")
INK = re.compile(r"\w")


@dataclass(slots=True, eq=False)
class Written:
    """One link as it was written: positions in the text, end exclusive."""

    href: str
    start: int
    end: int = 0


@dataclass(slots=True, eq=False)
class Block:
    """One block of words. `kind` is paragraph, heading, note or code."""

    kind: str
    start: int
    mark: str = ""
    text: str = ""
    density: float = 0.0
    links: list[Written] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_prose(self) -> bool:
        """True for a paragraph that holds an ended sentence and is not mostly link."""
        return self.kind == "paragraph" and self.density <= MOSTLY_LINK and bool(SENTENCE_END.search(self.text))

    def finish(self, text: str) -> None:
        """Set the words; `density` is the share of them that is link, 0 to 1."""
        self.text = text
        linked = sum(_ink(text[link.start - self.start : link.end - self.start]) for link in self.links)
        self.density = linked / max(1, _ink(text))


def _ink(words: str) -> int:
    return len(INK.findall(words))


class Writer:
    """Writes blocks one below the other; positions are those of the finished text."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._pieces: list[str] = []
        self._length = 0
        self._link: Written | None = None
        self.mark = ""

    @property
    def in_link(self) -> bool:
        return self._link is not None

    def begin(self, *, kind: str) -> None:
        """Start a block; `mark` (a list item's bullet) is written before it."""
        self.close_link()
        self._finish()
        self._length += len(BETWEEN) if self._blocks else 0
        self._blocks.append(Block(kind=kind, start=self._length))
        self._blocks[-1].mark, self.mark = self.mark, ""
        self.add(self._blocks[-1].mark)

    def add(self, words: str) -> None:
        self._pieces.append(words)
        self._length += len(words)

    def open_link(self, href: str) -> None:
        self.close_link()
        self._link = Written(href, self._length)
        self._blocks[-1].links.append(self._link)

    def close_link(self) -> None:
        if self._link is not None:
            self._link.end = self._length
            self._link = None

    def end(self) -> list[Block]:
        """The blocks. Nothing can be written afterwards."""
        self.close_link()
        self._finish()
        return self._blocks

    def _finish(self) -> None:
        if self._blocks:
            self._blocks[-1].finish("".join(self._pieces))
        self._pieces.clear()


class Manuscript:
    """The finished document."""

    def __init__(self, blocks: list[Block], *, uri: str | None, language: str | None) -> None:
        self._blocks = blocks
        self._uri = uri
        self._language = language
        self.text = BETWEEN.join(block.text for block in blocks) if any(block.text.strip() for block in blocks) else ""
        self._last_prose = max((number for number, block in enumerate(blocks) if block.is_prose), default=-1)

    @property
    def title(self) -> str | None:
        """The first heading; without one, the first line before the first paragraph that is not all capitals."""
        headings = [block for block in self._blocks if block.kind == "heading"]
        above = [block for block in self._above_prose() if not block.text.isupper()]
        return next((normalised(block.text) for block in (*headings, *above) if block.text.strip()), None)

    def links(self) -> tuple[Link, ...]:
        """Every link in order."""
        return tuple(self._link(*found, ordinal=number) for number, found in enumerate(self._written(), start=1))

    def _above_prose(self) -> list[Block]:
        first = next((number for number, block in enumerate(self._blocks) if block.is_prose), len(self._blocks))
        return self._blocks[:first]

    def _written(self) -> Iterator[tuple[Written, Decision, Sentences, int]]:
        in_notes = False
        for first, last in self._passages():
            start = self._blocks[first].start
            sentences = Sentences(re.sub(r"\s", " ", self.text[start : self._blocks[last].end]), language=self._language)
            for number in range(first, last + 1):
                block = self._blocks[number]
                in_notes = bool(NOTES_HEADING.fullmatch(block.text)) or (in_notes and block.kind != "heading")
                for link in block.links:
                    yield link, self._decide(link, block, number=number, in_notes=in_notes), sentences, start

    def _passages(self) -> Iterator[tuple[int, int]]:
        """First and last block of each stretch that reads on without a border of sentences."""
        first = 0
        for number in range(1, len(self._blocks) + 1):
            if number == len(self._blocks) or not _reads_on(self._blocks[number - 1], self._blocks[number]):
                yield first, number - 1
                first = number

    def _decide(self, link: Written, block: Block, *, number: int, in_notes: bool) -> Decision:
        target = target_of(link.href, base=self._uri)
        apart = place_apart(link.href, target=target, page=self._uri)
        if apart:
            return apart
        if block.kind == "note" or in_notes:
            return Decision(Context.NOTE, "stands in a note or a list of sources")
        if block.density <= MOSTLY_LINK:
            return Decision(Context.BODY, "stands in running text")
        if number > self._last_prose:
            return Decision(Context.FOOTER, "is a line by itself after the last paragraph")
        return Decision(Context.NAVIGATION, "is a line by itself, not running text")

    def _link(self, link: Written, decision: Decision, sentences: Sentences, passage: int, *, ordinal: int) -> Link:
        here = Span(link.start, link.end)
        around = sentences.around(link.start - passage, link.end - passage)
        there = Span(around.start + passage, around.end + passage)
        return Link(
            ordinal=ordinal,
            href=link.href,
            target=target_of(link.href, base=self._uri),
            anchor=self._quote(here),
            sentence=self._quote(there),
            context=decision.context,
            reason=decision.reason,
        )

    def _quote(self, span: Span) -> Quote:
        return located(self.text, span) if span.start < span.end else quoted(self.text, span)


def _reads_on(block: Block, following: Block) -> bool:
    """Whether a blank line cuts a sentence: the first ends in mid-sentence, the second goes on."""
    if block.kind != "paragraph" or following.kind != "paragraph" or following.mark:
        return False
    before, after = block.text.rstrip(), following.text.lstrip()
    if not before or not after or ENDED.search(before) or max(block.density, following.density) > MOSTLY_LINK:
        return False
    return block.is_prose and following.is_prose and bool(GOES_ON.match(after) or BROKEN_OFF.search(before))
