"""The text of an article with its citations: sentences coloured by state, anchors marked, a link to the source behind each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from archive.outputs.report.gather import ArticleFacts, Cited
from archive.outputs.report.marks import Piece, marked
from archive.outputs.report.markup import LINE, Markup, el, foreign, joined, tag, text
from archive.outputs.report.states import CLASSES, SIGNS, gravest

By = Mapping[int, Cited]
Look = Callable[[tuple[int, ...]], str]
"""The class of a stretch of text, by the ordinals of the citations that cover it."""


def article_text(facts: ArticleFacts) -> Markup:
    """The whole text, and below it the citations that have no place in it."""
    by = {one.citation.ordinal: one for one in facts.cited}
    if facts.words.text is None:
        shown = el("p", "The article has no text that could be shown: ", foreign(facts.words.problem), ".", class_="note")
        return joined(shown, _apart(list(by), by))
    found = marked(facts.words.text, [one.citation for one in facts.cited])
    look = _look(by)
    lines = (el("p", *_line(line, by, look), dir="auto") for line in found.lines if line)
    return joined(el("div", *lines, class_="prose", lang=tag(facts.words.language)), _apart(found.missing, by))


def _look(by: By) -> Look:
    @cache  # a sentence of many citations is many pieces
    def look(ordinals: tuple[int, ...]) -> str:
        return CLASSES[gravest(by[ordinal].state for ordinal in ordinals)]

    return look


def _line(line: Sequence[Piece], by: By, look: Look) -> Iterator[Markup]:
    for piece in line:
        yield _piece(piece, look)
        yield from (_number(by[ordinal]) for ordinal in piece.ends)


def _piece(piece: Piece, look: Look) -> Markup:
    words = text(piece.text)
    if piece.anchors:
        words = el("mark", words, class_=look(piece.anchors))
    return el("span", words, class_=f"sentence {look(piece.sentences)}") if piece.sentences else words


def _number(one: Cited) -> Markup:
    """The way from a citation to its source: number and sign to see, state to hear. The words around it may run from right to
    left, or be made to: 12 never becomes 21."""
    ordinal, state = one.citation.ordinal, one.state
    named = {"id": f"cite-{ordinal}", "href": f"#source-{ordinal}", "class": f"cite {CLASSES[state]}"}
    return el("a", f"{ordinal}\u2009{SIGNS[state]}", **named, dir="ltr", aria_label=f"citation {ordinal}: {state}")


def _apart(ordinals: Sequence[int], by: By) -> Markup | None:
    if not ordinals:
        return None
    items = (el("li", *quoted(by[ordinal]), " ", _number(by[ordinal])) for ordinal in ordinals)
    heading = el("h3", "Not in the text shown")
    why = el(
        "p", "These citations stand in captions, notes or other parts of the page that its main text leaves out.", class_="note"
    )
    return el("div", heading, why, el("ul", *items, class_="apart"))


def quoted(one: Cited) -> Iterator[Markup]:
    """The sentence of a citation with its anchor marked in it."""
    sentence, anchor = one.citation.sentence.exact, one.citation.anchor.exact
    mark = el("mark", _beginning(anchor), class_=CLASSES[one.state])
    before, found, after = _around(one) if anchor else (sentence, "", "")
    if found:
        yield el("q", _end(before), mark, _beginning(after), dir="auto", lang=tag(one.language))
        return
    whole = el("q", _beginning(sentence), dir="auto", lang=tag(one.language)) if sentence else None
    yield joined(whole, " " if sentence else None, foreign(anchor, language=one.language))


def _beginning(words: str) -> str:
    return words if len(words) <= LINE else words[:LINE] + "…"


def _end(words: str) -> str:
    return words if len(words) <= LINE else "…" + words[-LINE:]


def _around(one: Cited) -> tuple[str, str, str]:
    """The sentence before its anchor, the anchor, the sentence after; by their positions where both have one."""
    sentence, anchor = one.citation.sentence, one.citation.anchor
    if sentence.start is not None and anchor.start is not None:
        at = anchor.start - sentence.start
        if at >= 0 and sentence.exact[at : at + len(anchor.exact)] == anchor.exact:
            return sentence.exact[:at], anchor.exact, sentence.exact[at + len(anchor.exact) :]
    return sentence.exact.partition(anchor.exact)
