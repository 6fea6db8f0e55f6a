"""A link in its sentence, and who is quoted behind it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spiders.clauses import clause_of, goes_on, offset_of
from tests.spiders.marked import marked

NAMED = "According to the [head of the Command](#), General Anna Ode, it rained. "


@pytest.mark.parametrize(
    "sentence",
    [
        "Further, she gave credit, [saying](#) “we did.”",
        'He [said](#): "we did."',
        "In a briefing on Oct. 3, she [added](#) that “we did.”",
        "And they [said](#), “we did.”",
        "The general [said](#) «we did.»",
        "Ode [said](#) “we did.”",
        "Gen. Ode [said](#) “we did.”",
    ],
)
def test_the_speaker_goes_on(sentence: str) -> None:
    """A pronoun, an office or the name just given, with a quotation right behind the anchor."""
    before, link = marked(NAMED + sentence)
    assert goes_on(link, before=before)


@pytest.mark.parametrize(
    "sentence",
    [
        "The rebels denied it, [saying](#) “we did not.”",
        "The rebels denied that she had asked, [saying](#) “she did not.”",
        "The spokesman of the rebels [said](#) “we did not.”",
        "Nobody else [said](#) “we did.”",
        "She [said](#) that we did.",
        "She [spoke](#) for an hour about “us.”",
        "Olde [said](#) “we did.”",
        "She spoke, but the rebels denied it, [saying](#) “no.”",
    ],
)
def test_somebody_else_speaks(sentence: str) -> None:
    """Another subject, or no quotation right behind the anchor."""
    before, link = marked(NAMED + sentence)
    assert not goes_on(link, before=before)


@pytest.mark.parametrize("positions", [True, False])
def test_a_sentence_between_ends_it(positions: bool) -> None:
    """Only the sentence before counts, whether positions are known or only the words around."""
    before, link = marked(NAMED + "The rebels were silent. She [said](#) “we did.”", positions=positions)
    assert not goes_on(link, before=before)
    before, link = marked(NAMED + "\n\nShe [said](#) “we did.”", positions=positions)
    assert goes_on(link, before=before)


def test_an_earlier_clause() -> None:
    """The speaker may be named in an earlier clause of the same sentence."""
    before, link = marked("The Command [spoke](#) of rain; it went on, [saying](#) “we did.”")
    assert goes_on(link, before=before)


@pytest.mark.parametrize("positions", [True, False])
def test_the_same_words_twice(positions: bool) -> None:
    """An anchor whose words stand twice in a sentence is found where it is."""
    first, second = marked("They [said](#) what he [said](#) before.", positions=positions)
    assert offset_of(first) == 5
    assert offset_of(second) == 18


def test_words_that_are_not_there() -> None:
    """An anchor that its sentence lacks, as of a picture, has no offset; a wrong position is not believed."""
    (link,) = marked("See [this](#) here.")
    lost = replace(link, sentence=replace(link.sentence, exact="Something else."))
    assert offset_of(lost) is None
    assert not goes_on(lost, before=link)
    assert offset_of(replace(link, anchor=replace(link.anchor, exact="", start=None, end=None))) in (None, 4)


@pytest.mark.parametrize(
    ("sentence", "around", "clause"),
    [
        ("A did, but B [x] did not; C slept.", "[x]", "B [x] did not"),
        ("While A slept, [x] did.", "[x]", "[x] did."),
        ("Although [x] slept, A did.", "[x]", "Although [x] slept"),
        ("A did while B slept [x].", "[x]", "B slept [x]."),
        ("A [x but y] did.", "[x but y]", "A [x but y] did."),
        ("Nothing to but[x]cut.", "[x]", "Nothing to but[x]cut."),
    ],
)
def test_clauses(sentence: str, around: str, clause: str) -> None:
    """A clause ends at a semicolon and at a word of contrast, never inside of the anchor."""
    start = sentence.index(around)
    first, last = clause_of(sentence, around=(start, start + len(around)))
    assert sentence[first:last] == clause
