"""A text with marked citations: whatever the citations say of their places, the text is the text and none of them is lost."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from archive.model import Citation, Quote
from archive.outputs.report.marks import Marked, marked
from tests.archive import index_samples as a

TEXT = "First he said it.\nThen she said it again, and again.\n\nNobody listened."


def quote(text: str, start: int, end: int) -> Quote:
    return Quote(exact=text[start:end], start=start, end=end)


def cite(ordinal: int, anchor: Quote, sentence: Quote) -> Citation:
    return a.citation(ordinal, anchor=anchor, sentence=sentence)


def at(words: str, *, text: str = TEXT) -> Quote:
    start = text.index(words)
    return quote(text, start, start + len(words))


def whole(found: Marked) -> str:
    """The pieces put together again."""
    return "\n".join("".join(piece.text for piece in line) for line in found.lines)


def shown(found: Marked) -> list[tuple[str, tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """The pieces that something covers or that end something."""
    pieces = [piece for line in found.lines for piece in line]
    return [(p.text, p.sentences, p.anchors, p.ends) for p in pieces if p.sentences or p.anchors or p.ends]


def test_an_anchor_in_its_sentence() -> None:
    """The sentence is cut before and behind the anchor, and the citation's place is behind the anchor."""
    found = marked(TEXT, [cite(1, at("she said"), at("Then she said it again, and again."))])
    assert shown(found) == [
        ("Then ", (1,), (), ()),
        ("she said", (1,), (1,), (1,)),
        (" it again, and again.", (1,), (), ()),
    ]
    assert found.missing == ()


def test_two_citations_in_one_sentence_and_one_within_another() -> None:
    """Each piece knows all that cover it, and each citation has one place."""
    sentence = at("Then she said it again, and again.")
    start = TEXT.index("she said") + len("she ")
    found = marked(TEXT, [cite(1, at("she said it again"), sentence), cite(2, quote(TEXT, start, start + 4), sentence)])
    assert [(text, anchors, ends) for text, _, anchors, ends in shown(found)] == [
        ("Then ", (), ()),
        ("she ", (1,), ()),
        ("said", (1, 2), (2,)),
        (" it again", (1,), (1,)),
        (", and again.", (), ()),
    ]


def test_a_sentence_over_two_lines() -> None:
    """Marks go on in the next line, and the place is where the anchor ends."""
    found = marked(TEXT, [cite(1, quote(TEXT, 9, 27), quote(TEXT, 0, 30))])
    assert whole(found) == TEXT
    assert [ends for *_, ends in shown(found)].count((1,)) == 1


def test_what_does_not_stand_there_is_missing() -> None:
    """No position, a position of other words, one beyond the end, or an empty one: the citation is not in this text."""
    nothing = Quote(exact="")
    found = marked(
        TEXT,
        [
            cite(1, Quote(exact="she said"), Quote(exact="Then she said it")),
            cite(2, Quote(exact="he said", start=0, end=7), Quote(exact="he said", start=0, end=7)),
            cite(3, Quote(exact="x", start=900, end=901), nothing),
            cite(4, Quote(exact="", start=3, end=3), nothing),
        ],
    )
    assert found.missing == (1, 2, 3, 4)
    assert shown(found) == []


def test_a_picture_without_words_has_its_sentence() -> None:
    """An empty anchor is no place: the citation stands behind its sentence then."""
    found = marked(TEXT, [cite(1, Quote(exact="", start=5, end=5), at("Nobody listened."))])
    assert shown(found) == [("Nobody listened.", (1,), (), (1,))]


@st.composite
def texts_with_citations(draw: st.DrawFn) -> tuple[str, list[Citation]]:
    """Any text, and citations whose places are right, wrong or none."""
    text = draw(st.text(alphabet=st.sampled_from("ab c\n\r\u2028\x00<é"), max_size=60))

    def place() -> Quote:
        start, end = (draw(st.integers(-2, len(text) + 2)) for _ in range(2))
        exact = draw(st.sampled_from([text[max(start, 0) : max(end, 0)], "ab"]))
        return draw(st.sampled_from([Quote(exact=exact, start=start, end=end), Quote(exact=exact)]))

    return text, [cite(number, place(), place()) for number in range(1, draw(st.integers(0, 6)) + 1)]


@given(texts_with_citations())
def test_nothing_is_lost_and_nothing_is_said_twice(case: tuple[str, list[Citation]]) -> None:
    """The pieces are the text; each citation ends once in it, or is missing."""
    text, citations = case
    found = marked(text, citations)
    assert whole(found) == text
    places = Counter(ordinal for line in found.lines for piece in line for ordinal in piece.ends)
    assert places + Counter(found.missing) == Counter(citation.ordinal for citation in citations)
