"""The text of an article with its citations: sentences coloured by state, anchors marked, a link to the source behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archive.outputs.report.gather import ArticleFacts, Cited
from archive.outputs.report.marks import Piece, marked
from archive.outputs.report.markup import Markup, el, foreign, joined, text
from archive.outputs.report.states import CLASSES, SIGNS, gravest, state_of

By = Mapping[int, Cited]


def article_text(facts: ArticleFacts) -> Markup:
    """The whole text, and below it the citations that have no place in it."""
    by = {one.citation.ordinal: one for one in facts.cited}
    if facts.words.text is None:
        shown = el("p", f"The article has no text that could be shown: {facts.words.problem}.", class_="note")
        return joined(shown, _apart(list(by), by))
    found = marked(facts.words.text, [one.citation for one in facts.cited])
    language = facts.words.extraction.language if facts.words.extraction else None
    lines = (el("p", *_line(line, by), dir="auto") for line in found.lines if line)
    return joined(el("div", *lines, class_="prose", lang=language), _apart(found.missing, by))


def _line(line: Sequence[Piece], by: By) -> Iterator[Markup]:
    for piece in line:
        yield _piece(piece, by)
        yield from (_number(by[ordinal]) for ordinal in piece.ends)


def _piece(piece: Piece, by: By) -> Markup:
    words = text(piece.text)
    if piece.anchors:
        words = el("mark", words, class_=_class(piece.anchors, by))
    return el("span", words, class_=f"sentence {_class(piece.sentences, by)}") if piece.sentences else words


def _class(ordinals: Sequence[int], by: By) -> str:
    return CLASSES[gravest(state_of(by[ordinal].row) for ordinal in ordinals)]


def _number(one: Cited) -> Markup:
    """The way from a citation to its source: number and sign to see, state to hear."""
    ordinal, state = one.citation.ordinal, state_of(one.row)
    label = f"citation {ordinal}: {state}"
    shown = f"{ordinal}\u2009{SIGNS[state]}"
    return el("a", shown, id=f"cite-{ordinal}", href=f"#source-{ordinal}", class_=f"cite {CLASSES[state]}", aria_label=label)


def _apart(ordinals: Sequence[int], by: By) -> Markup | None:
    if not ordinals:
        return None
    items = (el("li", *quoted(by[ordinal]), " ", _number(by[ordinal])) for ordinal in ordinals)
    heading = el("h3", "Citations that are not in the text above")
    why = el("p", "They stand in captions, notes or other parts of the page that its main text leaves out.", class_="note")
    return el("div", heading, why, el("ul", *items, class_="apart"))


def quoted(one: Cited) -> Iterator[Markup]:
    """The sentence of a citation with its anchor marked in it."""
    sentence, anchor = one.citation.sentence.exact, one.citation.anchor.exact
    mark = el("mark", anchor, class_=CLASSES[state_of(one.row)])
    before, found, after = _around(one) if anchor else (sentence, "", "")
    if found:
        yield el("q", text(before), mark, text(after), dir="auto")
    else:
        yield joined(el("q", sentence, dir="auto") if sentence else None, " " if sentence else None, foreign(anchor))


def _around(one: Cited) -> tuple[str, str, str]:
    """The sentence before its anchor, the anchor, the sentence after; by their positions where both have one."""
    sentence, anchor = one.citation.sentence, one.citation.anchor
    if sentence.start is not None and anchor.start is not None:
        at = anchor.start - sentence.start
        if at >= 0 and sentence.exact[at : at + len(anchor.exact)] == anchor.exact:
            return sentence.exact[:at], anchor.exact, sentence.exact[at + len(anchor.exact) :]
    return sentence.exact.partition(anchor.exact)
