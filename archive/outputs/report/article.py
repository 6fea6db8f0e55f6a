"""The page of one article: what needs a person, the text with its citations, and each source with its evidence."""

from __future__ import annotations

from archive.model import Article
from archive.outputs.report.frame import page, section
from archive.outputs.report.gather import ArticleFacts, titles
from archive.outputs.report.markup import Markup, described, el, foreign, joined, outward
from archive.outputs.report.prose import article_text
from archive.outputs.report.sources import source_section
from archive.outputs.report.states import legend
from archive.outputs.report.work import waiting, work_list
from archive.outputs.table import summary

UNTITLED = "An article without a title"


def title_of(article: Article) -> str:
    """The title for people."""
    return article.title or UNTITLED


def article_page(facts: ArticleFacts, *, collection: str, front: str) -> str:
    """The whole page; `front` is the name of the front page beside it."""
    named = titles(facts.cited)
    parts = [
        section("What was kept", el("p", summary(facts.rows), class_="summary"), legend(facts.rows), name="kept"),
        _work(facts),
        section("The article", article_text(facts), name="article"),
    ]
    if facts.cited:
        sources = (source_section(one, title=named[one.citation.ordinal]) for one in facts.cited)
        parts.append(section("The sources", *sources, name="sources"))
    title = title_of(facts.article)
    return page(f"{title} — what it cites", *parts, header=_header(facts, collection, front), footer=_footer())


def _header(facts: ArticleFacts, collection: str, front: str) -> Markup:
    article = facts.article
    back = el("nav", el("a", "All articles of ", foreign(collection), href=front), aria_label="Collection")
    known = described(
        (
            ("Article", outward(article.uri)),
            ("Published", article.published),
            ("Read", el("time", f"{article.date:%Y-%m-%d %H:%M} UTC", datetime=f"{article.date:%Y-%m-%dT%H:%M:%SZ}")),
            ("Its bytes", el("code", facts.capture.payload_digest) if facts.capture else None),
        ),
        class_="facts",
    )
    return joined(back, el("h1", foreign(title_of(article), language=facts.words.language if article.title else None)), known)


def _work(facts: ArticleFacts) -> Markup | None:
    found = waiting(facts.rows)
    return section("What needs a person", work_list(found, language=facts.words.language), name="work") if found else None


def _footer() -> Markup:
    return joined(
        el("p", "Every byte of the collection is checked by ", el("code", "footnotary verify"), ", without a network."),
        el(
            "p",
            "This page says what came from where and when. It does not say that a claim is true; TLS proved the servers to the "
            "crawl at that moment, and to nobody later.",
        ),
    )
