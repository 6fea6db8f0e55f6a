"""Every link of a page, in order, with its context, its reason and its place in the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Context
from pipelines.reading.dom import parse
from pipelines.reading.links import PageLinks
from pipelines.reading.locate import normalised
from tests.reading.pages import ARTICLE, URI, around, links_of, paragraphs, reading_of

EXPECTED = [
    ("/", "https://review.example/", Context.NAVIGATION),
    ("/world", "https://review.example/world", Context.NAVIGATION),
    ("/war", "https://review.example/war", Context.NAVIGATION),
    ("/authors/brandt", "https://review.example/authors/brandt", Context.AUTHOR),
    ("https://social.example/share?u=1", "https://social.example/share?u=1", Context.SHARE),
    ("mailto:?subject=x", None, Context.SHARE),
    ("https://council.example/report#p=4", "https://council.example/report", Context.BODY),
    ("people/okafor.html", "https://review.example/2034/people/okafor.html", Context.BODY),
    ("https://press.example/quay", "https://press.example/quay", Context.CAPTION),
    ("#", None, Context.BODY),
    ("#fn1", "https://review.example/2034/", Context.SAME_PAGE),
    ("/2033/older.html", "https://review.example/2033/older.html", Context.RELATED),
    ("https://letters.example/9", "https://letters.example/9", Context.BODY),
    ("/letter", "https://review.example/letter", Context.NEWSLETTER),
    ("https://archive.example/warning.pdf", "https://archive.example/warning.pdf", Context.NOTE),
    ("#r1", "https://review.example/2034/", Context.SAME_PAGE),
    ("/tag/harbor", "https://review.example/tag/harbor", Context.TAG),
    ("/2034/other.html", "https://review.example/2034/other.html", Context.RELATED),
    ("/imprint", "https://review.example/imprint", Context.FOOTER),
    ("/privacy", "https://review.example/privacy", Context.FOOTER),
]


def check_positions(html: str) -> None:
    reading = reading_of(html)
    for quote in (quote for link in reading.links for quote in (link.anchor, link.sentence) if quote.start is not None):
        assert normalised((reading.text or "")[quote.start : quote.end]) == quote.exact


def test_every_link_has_its_context() -> None:
    """All links of a page come in document order, resolved against `<base>`, each where it stands."""
    links = reading_of(ARTICLE).links
    assert [(link.href, link.target, link.context) for link in links] == EXPECTED
    assert [link.ordinal for link in links] == list(range(1, len(EXPECTED) + 1))
    assert all(link.reason for link in links)


def test_citations_have_sentence_and_place() -> None:
    """A citation is quoted with its sentence, and both stand at their positions in the text."""
    reading = reading_of(ARTICLE)
    link = next(link for link in reading.links if link.href == "people/okafor.html")
    assert link.anchor.exact == "Gen. Ruth Okafor"
    assert link.sentence.exact == (
        "Three men were named in the report, according to the Council's own summary, "
        "which was read out by Gen. Ruth Okafor on Tuesday."
    )
    assert link.anchor.prefix == " summary, which was read out by "
    assert link.anchor.suffix.startswith(" on Tuesday.")
    assert reading.text is not None
    assert link.anchor.start is not None
    assert reading.text[link.anchor.start : link.anchor.end] == "Gen. Ruth Okafor"
    check_positions(ARTICLE)


def test_reasons_are_sentences() -> None:
    """A person can see why."""
    reasons = {link.href: link.reason for link in reading_of(ARTICLE).links}
    assert reasons["https://council.example/report#p=4"] == "stands in a paragraph of the article's text"
    assert reasons["/imprint"] == "inside <footer>"
    assert reasons["#fn1"] == "points at #fn1 on this page"
    assert reasons["/2033/older.html"] == 'inside an element whose class says "related"'
    assert reasons["/tag/harbor"] == 'the link says rel="tag"'


@pytest.mark.parametrize("href", ["#", "", "javascript:void(0)", "about:blank", " # "])
def test_lost_targets_cite(href: str) -> None:
    """A link that has lost its target cites in running text, and does not in a menu."""
    link = f"<a href='{href}'>said so</a>"
    found = reading_of(
        around(f"The chancellor {link} in a long speech to the whole nation.", before=f"<nav>{link}</nav>")
    ).links
    assert [(one.context, one.target, one.href) for one in found] == [
        (Context.NAVIGATION, None, href),
        (Context.BODY, None, href),
    ]


def test_fragments_are_evidence() -> None:
    """The href keeps its fragment, the target has none; a place on this very page is no citation."""
    links = links_of(
        around(f"It is <a href='https://a.example/x#:~:text=y'>there</a> and <a href='{URI}#top'>above</a> in the text.")
    )
    assert links["https://a.example/x#:~:text=y"].target == "https://a.example/x"
    assert links[f"{URI}#top"].context is Context.SAME_PAGE


def test_a_paragraph_that_ends_in_a_footnote_mark_is_no_note() -> None:
    """A mark leads on to a note and the note leads back: only the later of the two is the note, skip links aside."""
    noted = "They <a href='https://a.example/'>wrote</a> it down in the winter.<sup><a id=r1 href='#n1'>1</a></sup>"
    note = "<section><ol><li id=n1>See <a href='https://b.example/'>the list</a>. <a href='#r1'>↩</a></li></ol></section>"
    page = around(noted, before="<a href='#main'>Skip to content</a>", after=note).replace("<main>", "<main id=main>")
    assert links_of(page)["https://a.example/"].context is Context.BODY
    assert links_of(page)["https://b.example/"].context is Context.NOTE


def test_a_caption_in_the_header_of_the_article_is_a_caption() -> None:
    """The header of the site is navigation; that of the article holds its title and its first picture."""
    figure = "<header><figure><img src=x.jpg><figcaption>The quay. <a href='https://p.example/'>Agency</a></figcaption></figure></header>"
    page = around("They wrote it down in the winter before.")
    assert links_of(page.replace("<h1>", figure + "<h1>"))["https://p.example/"].context is Context.CAPTION
    assert links_of(page.replace("<main>", figure + "<main>"))["https://p.example/"].context is Context.NAVIGATION


def test_marks_on_the_whole_page_do_not_count() -> None:
    """A class that speaks of sharing or sidebars on an element around the article says nothing about its links."""
    page = around("They <a href='https://a.example/'>wrote</a> it down in the winter before.")
    inside = page.replace("<main>", "<main><div class='social nav-open' id=related>").replace("</main>", "</div></main>")
    assert links_of(inside)["https://a.example/"].context is Context.BODY


@pytest.mark.parametrize(
    ("html", "context"),
    [
        ("<div class=breadcrumb><a href='/x'>Home</a> / News</div>", Context.NAVIGATION),
        ("<div class='newsletter-box'><a href='/x'>Get it</a></div>", Context.NEWSLETTER),
        ("<div class=advert><a href='/x'>Buy this</a></div>", Context.ADVERTISEMENT),
        ("<div id=most-popular><a href='/x'>Story</a></div>", Context.RELATED),
        ("<div role=contentinfo><a href='/x'>Imprint</a></div>", Context.FOOTER),
        ("<div><a href='/x' rel='nofollow sponsored'>Offer</a></div>", Context.ADVERTISEMENT),
        ("<div><a href='/x'>Somewhere</a></div>", Context.NAVIGATION),
        ("<div class=headerAuthorBox><a href='/x'>Jo</a></div>", Context.AUTHOR),
        ("<h2>Sources</h2><ul><li><a href='/x'>The list</a></li></ul>", Context.NOTE),
        ("<ol class=references><li>The <a href='/x'>list</a>, 2030.</li></ol>", Context.NOTE),
        ("<div class=menu><span class=caption><a href='/x'>Entry</a></span></div>", Context.NAVIGATION),
        ("<a href='/x'><img src=i></a>", Context.NAVIGATION),
    ],
)
def test_markup_around_the_article(html: str, context: Context) -> None:
    """Outside of the text the markup decides, and its English class names are enough."""
    assert links_of(around(after=html))["/x"].context is context


@pytest.mark.parametrize(
    ("paragraph", "context"),
    [
        ("Read more: <a href='/x'>What the guards on the quay said about it</a>", Context.RELATED),
        ("Story | <a href='/x'>One of the stories</a>, <a href='/y'>another of them</a>", Context.RELATED),
        ("In its letter the Council wrote to <a href='/x'>the whole Assembly</a>:", Context.BODY),
        ("Follow us on <a href='/x'>Facebook</a> and on Twitter for the news.", Context.SHARE),
        ("Follow the money, as <a href='/x'>they</a> say on the quay of this town.", Context.BODY),
        ("<a href='/x'>https://posts.example/9</a>", Context.NAVIGATION),
    ],
)
def test_what_stands_in_the_text_and_cites_nothing(paragraph: str, context: Context) -> None:
    """Headlines behind a label and invitations are no citations; an attribution is."""
    assert links_of(around(paragraph))["/x"].context is context


def test_a_paragraph_that_the_extractor_dropped() -> None:
    """A paragraph among the article's paragraphs cites, quoted without a position."""
    html = around("It <a href='https://a.example/'>fell</a> on a Monday.")
    root = parse(html)
    (link,) = PageLinks(root, text=f"{paragraphs(2)}\n{paragraphs(3)}", uri=URI, language="en").all()
    assert (link.context, link.reason) == (Context.BODY, "stands in a paragraph among those of the article's text")
    assert (link.sentence.exact, link.sentence.start) == ("It fell on a Monday.", None)


@pytest.mark.parametrize(
    "piece",
    [
        "<a href='https://x.example/{}'>word</a> text ",
        "<a href='https://x.example/{}'>Word</a> text of it. ",
        "</p><p>Number {} is <a href='https://x.example/'>here</a> in it.",
        "<a href='{}'><div>",
        "</p><div class=caption><a href='{}'>x</a> y</div><p>",
    ],
)
def test_many_links_take_linear_time(piece: str) -> None:
    """20,000 links, in one paragraph or in as many, are read in seconds."""
    count = 900 if "<div>" in piece and "</div>" not in piece else 20_000
    root = parse("<p>" + "".join(piece.format(number) for number in range(count)) + "</p>")
    text = root.text_content()
    started = time.perf_counter()
    links = PageLinks(root, text=text, uri=URI, language="en").all()
    assert time.perf_counter() - started < 8
    assert len(links) == count
    assert max(len(link.sentence.exact) for link in links) <= 2_000


PIECES = [
    "<p>",
    "</p>",
    "<a href=/x>",
    "</a>",
    "<br>",
    "w. ",
    "Ünï ",
    "<div class=nav>",
    "</div>",
    "<li>",
    "<b>",
    "</b>",
    "<a href='#'>",
]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from([*PIECES, "\u200c", "\u00a0", "“Yes.” ", "&#1;", "<h2>Sources</h2>", "<area href=/y>"]), max_size=30
    )
)
def test_positions_hold_for_any_page(pieces: list[str]) -> None:
    """Whatever the markup, nothing is raised, no link is lost, and every position points at its quotation."""
    html = around("".join(pieces))
    check_positions(html)
    assert len(reading_of(html).links) == sum(piece.startswith(("<a", "<area")) for piece in pieces)
