"""Sentences as news writes them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.sentences import LONGEST, Sentences, split


def sentences(text: str, *, language: str | None = None) -> list[str]:
    return [text[span.start : span.end] for span in split(text, language=language)]


@pytest.mark.parametrize(
    "whole",
    [
        ["Gen. Kenneth McKenzie spoke.", "Lt. Col. A. B. Smith Jr. left."],
        ["Sen. John McCain (R., Ariz.) said so.", "Then Rep. Jane Doe (D-N.Y.) came."],
        ["It met U.S. forces.", "The U.S. Army said “no.”"],
        ["He lives in the U.S.", "The rest does not."],
        ["C.I.A. Director William J. Burns met Abdul G. Baradar.", "It is beyond ISIS-K.", "The most notable is that."],
        ["It came on Aug. 14.", "Further, he gave credit, saying “some attacks have been thwarted by them.”", "So be it."],
        ['"To those who did this: We will not forgive.', 'We will not forget."', "For several decades they did."],
        ["“Is it?” he asked.", "“We go,” said Dr. Who.", "She left."],
        ["It was at 5 p.m. Monday.", "See No. 5 and Fig. 3 in Vol. 2.", "Plan B.", "The end."],
        ["Prices rose by 3.5 percent to $1.2 million.", "Naïve 😀 café.", "What?!", "Yes…"],
    ],
)
def test_english_news(whole: list[str]) -> None:
    """Titles, initials, countries and months don't end a sentence; quotation marks stay with theirs."""
    assert sentences(" ".join(whole), language="en") == whole


def test_other_languages() -> None:
    """The declared language decides what an abbreviation is."""
    assert sentences("Am 3. Mai kam z. B. er. Dann ging er.", language="de-AT") == ["Am 3. Mai kam z. B. er.", "Dann ging er."]
    assert sentences("気象庁は発表した。深さは約30キロ。", language="ja") == ["気象庁は発表した。", "深さは約30キロ。"]
    assert sentences("One. Two.", language="x-unknown") == ["One.", "Two."]


def test_around() -> None:
    """A stretch is in the sentence that holds it, or in all that it touches."""
    text = "One is here. Two is there. Three."
    found = Sentences(text)
    assert [text[s.start : s.end] for s in (found.around(4, 6), found.around(4, 16))] == [
        "One is here.",
        "One is here. Two is there.",
    ]


def test_a_sentence_without_end_is_cut() -> None:
    """What has no punctuation is quoted as the words around the stretch, not as a whole page."""
    text = "word " * 5000
    span = Sentences(text).around(10_000, 10_004)
    assert span.start <= 10_000 < 10_004 <= span.end
    assert span.end - span.start <= LONGEST
    assert text[span.start : span.end].startswith("word")


@given(st.text(alphabet='aB. \n"“”’U.S!?…)(é😀', max_size=80))
def test_every_word_is_in_one_sentence(text: str) -> None:
    """Sentences are in order, don't overlap, have no white space at their ends, and leave out nothing else."""
    spans = split(text)
    assert "".join("".join(text[s.start : s.end].split()) for s in spans) == "".join(text.split())
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))
    assert all(text[s.start : s.end] == text[s.start : s.end].strip() != "" for s in spans)
