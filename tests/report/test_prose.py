"""The text of an article as markup: with its tags taken off it is the text, and each citation is in it once or below it."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from archive.model import Citation
from archive.outputs.report.gather import ArticleFacts, Cited, Source, Words
from archive.outputs.report.prose import article_text
from archive.outputs.table import row_of
from tests.archive import index_samples as a
from tests.report.test_marks import at, cite, texts_with_citations
from tests.report.test_markup import Read

NUMBER = re.compile(r'<a id="cite-(\d+)".*?</a>')
NOTHING = Source(capture=None, original=None, failure=None, words=None, sightings=(), earlier=0)


def facts(text: str, citations: list[Citation], *, language: str | None = None) -> ArticleFacts:
    """An article of this text."""
    article = a.article()
    words = Words(text=text, extraction=a.extraction(language=language))
    cited = (
        Cited(
            citation=citation,
            row=row_of(article, citation),
            source=NOTHING,
            same_as=None,
            language=language,
        )
        for citation in citations
    )
    return ArticleFacts(article=article, capture=None, words=words, cited=tuple(cited))


@given(texts_with_citations(), st.sampled_from([None, "de"]))
def test_without_its_tags_it_is_the_text(case: tuple[str, list[Citation]], language: str | None) -> None:
    """Of any text and any citations: every line that is not empty is one paragraph with these words, and every citation has
    one number, in the text or below it."""
    text, citations = case
    page = article_text(facts(text, citations, language=language))
    prose = re.search(r'<div class="prose"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert prose
    paragraphs = re.findall(r'<p dir="auto">(.*?)</p>', NUMBER.sub("", prose[1]), re.DOTALL)
    shown = text.translate({0x00: "\u2400", 0x0D: "\u240d"})
    assert [Read(one).text for one in paragraphs] == [line for line in shown.split("\n") if line]
    assert "".join(paragraphs) == re.sub(r'<p dir="auto">|</p>', "", NUMBER.sub("", prose[1]))
    assert Counter(map(int, NUMBER.findall(page))) == Counter(citation.ordinal for citation in citations)


def test_what_has_no_place_is_listed_below() -> None:
    """A citation whose words do not stand where it says is quoted under the text, with its number."""
    text = "One says so. Another does not."
    page = article_text(facts(text, [cite(1, at("says", text=text), at("One says so.", text=text)), a.citation(2)]))
    prose, _, apart = page.partition("Not in the text shown")
    assert NUMBER.findall(prose) == ["1"]
    assert NUMBER.findall(apart) == ["2"]
    assert a.citation(2).anchor.exact in Read(apart).text
