"""Markdown and plain text: exact text, exact positions, links as their writer meant them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Context, Link, Uri
from pipelines.reading.document import Message, Reading, read
from pipelines.reading.locate import normalised

TWIN = Path(__file__).parent / "data" / "twin.txt"
SEED = Path(__file__).parents[2].parent / "shared" / "seed" / "article.txt"

TWIN_ANCHORS = [
    "promised that the bombers would be found",
    "The Council accused the Federation",
    "Army of the Salt Coast",
    "three commanders",
    "One tally says",
    "quiet arrangements",
    "weakened, not beaten",
    "hundreds",
    "web of friendships",
    "disappointed Council men",
    "intelligence estimates from last winter held",
    "recruit and grow",
    "“river clerks,”",
    "Highland Assembly",
    "According to the head of Federation Southern Command",
    "saying",
    "a list that was handed over",
    "death roll",
    "the Lantern Society",
]
SEED_ANCHORS = [
    "said America would hunt down the perpetrators",
    "The Taliban blamed the United States",
    "Islamic State - Khorasan",
    "four emirs",
    "Reports estimate",
    "tacit cooperation",
    "degraded but not defeated",
    "thousands",
    "network of alliances",
    "disaffected members of the Taliban",
    "intelligence estimates earlier this year suggested",
    "recruit and expand",
    "“filthy nationalists,”",
    "National Resistance Front",
    "According to the head of U.S. Central Command",
    "saying",
    "the reported provision",
    "kill list",
    "al-Qaeda",
]


PIECES = ["[a](#)", "[", "](", ")", "*", "`", "<b>", "\n", "\n\n", "w. ", "Ünï", "# ", "- ", "http://x.y/z", "\\"]


def markdown(text: str, *, uri: str | None = None) -> Reading:
    return read(Message(data=text.encode(), content_type="text/markdown", uri=Uri(uri) if uri else None))


def plain(text: str) -> Reading:
    return read(Message(data=text.encode(), content_type="text/plain"))


def cited(reading: Reading) -> list[Link]:
    return [link for link in reading.links if link.context is Context.BODY]


def check_positions(reading: Reading) -> None:
    for quote in (quote for link in reading.links for quote in (link.anchor, link.sentence) if quote.start is not None):
        assert normalised((reading.text or "")[quote.start : quote.end]) == quote.exact


@pytest.mark.parametrize("content_type", ["text/plain", "text/markdown"])
def test_twin_has_nineteen_citations_and_sixteen_footer_links(content_type: str) -> None:
    """Of 35 links to `#`, the 19 in running text cite, in order and without a target; the 16 lines at the end do not."""
    reading = read(Message(data=TWIN.read_bytes(), content_type=content_type))
    assert [link.anchor.exact for link in cited(reading)] == TWIN_ANCHORS
    assert [link.context for link in reading.links[19:]] == [Context.FOOTER] * 16
    assert {(link.href, link.target) for link in reading.links} == {("#", None)}
    check_positions(reading)


def test_twin_sentences_are_whole() -> None:
    """Each citation has its sentence: across a page break, after initials and titles, with the closing quotation mark."""
    sentences = {link.anchor.exact: link.sentence.exact for link in cited(read(Message(data=TWIN.read_bytes())))}
    assert sentences["hundreds"].startswith("Today most estimates give it a thousand men")
    assert sentences["hundreds"].endswith(
        "of hundreds of Brigade prisoners walking out of the southern jails when the Council came."
    )
    assert sentences["“river clerks,”"].endswith(
        "to take the Council's young followers away from its founder, Père Anselm Corvé."
    )
    assert sentences["saying"] == (
        "Beyond that, she credited the Council with having used them, saying “we think that two attacks were stopped by their "
        "people at the gates.”"
    )
    assert sentences["According to the head of Federation Southern Command"].endswith("in Port Maren since Feb. 20.")
    assert sentences["One tally says"] == (
        "One tally says that by 2032, 8,450 of its fighters had been killed, 912 had been captured and 301 had given up."
    )
    assert all(sentence.endswith((".", ".”")) for sentence in sentences.values())


def test_twin_title() -> None:
    """Without headings the title is the first line above the text that does not shout."""
    assert read(Message(data=TWIN.read_bytes())).title == "Essay | What the Salt Brigade Wants From Veldania"


@pytest.mark.skipif(not SEED.is_file(), reason="the seed lies beside the project")
def test_seed_article() -> None:
    """The worked case: 19 citations in order, each with its sentence, and 16 footer links."""
    reading = read(Message(data=SEED.read_bytes(), content_type="text/plain"))
    citations = cited(reading)
    assert [link.anchor.exact for link in citations] == SEED_ANCHORS
    assert [link.context for link in reading.links[19:]] == [Context.FOOTER] * 16
    assert all(link.target is None for link in reading.links)
    assert all(link.sentence.exact.endswith((".", ".”")) for link in citations)
    assert "thousands of ISIS-K prisoners having escaped" in citations[7].sentence.exact
    assert citations[18].sentence.exact.startswith("The most notable of these from a U.S. perspective is al-Qaeda")
    check_positions(reading)


def test_link_markup_is_replaced_by_its_anchor() -> None:
    """The text is the document without the markup of links; positions point into it."""
    reading = plain("The [report](https://a.example/r?b=2&a=%7e#part) says so.\nAnd [more](https://b.example/).")
    assert reading.text == "The report says so.\nAnd more."
    assert [(link.anchor.start, link.anchor.end) for link in reading.links] == [(4, 10), (24, 28)]
    assert [link.target for link in reading.links] == ["https://a.example/r?b=2&a=%7e", "https://b.example/"]
    assert reading.links[0].href == "https://a.example/r?b=2&a=%7e#part"
    assert (reading.links[0].anchor.prefix, reading.links[0].anchor.suffix) == ("The ", " says so. And more.")


def test_plain_text_stands_as_it_is() -> None:
    """Stars, dashes, hashes and indents mean nothing in plain text, and none of its words are lost."""
    text = "* All fields\n\n    four spaces [a](https://a.example/) in.\n\n# 1 of 2\n\nsnake_case_name and *stars* &amp; <b>."
    assert plain(text).text == "* All fields\n\nfour spaces a in.\n\n# 1 of 2\n\nsnake_case_name and *stars* &amp; <b>."


@pytest.mark.parametrize(
    ("written", "text", "hrefs"),
    [
        ("See [the *long* `name`][r].\n\n[r]: https://r.example/ 'title'", "See the long name.", ["https://r.example/"]),
        ("See [r] and [R][].\n\n[r]: https://r.example/", "See r and R.", ["https://r.example/", "https://r.example/"]),
        ("See <https://auto.example/x> there.", "See https://auto.example/x there.", ["https://auto.example/x"]),
        (
            "See https://bare.example/x_(y), then go.",
            "See https://bare.example/x_(y), then go.",
            ["https://bare.example/x_(y)"],
        ),
        ("See (https://bare.example/).", "See (https://bare.example/).", ["https://bare.example/"]),
        ("See [a](https://a.example/x_(y_(z))) so.", "See a so.", ["https://a.example/x_(y_(z))"]),
        ("See [a [b] c](https://a.example/) so.", "See a [b] c so.", ["https://a.example/"]),
        ("See [a](<https://a.example/with space>) so.", "See a so.", ["https://a.example/with space"]),
        ("Not \\[a\\](https://a.example/) so.", "Not [a](https://a.example/) so.", ["https://a.example/"]),
        ("Code `[a](https://a.example/)` so.", "Code [a](https://a.example/) so.", []),
        ("    [a](https://a.example/)", "[a](https://a.example/)", []),
        ("```\n[a](https://a.example/)\n```", "[a](https://a.example/)", []),
        ("Text ![alt](https://a.example/i.png) goes on.", "Text  goes on.", []),
        ("So <a href='https://a.example/'>that</a> is.", "So that is.", ["https://a.example/"]),
        ("A [script](javascript:void(0)) here.", "A script here.", ["javascript:void(0)"]),
        ("An [empty]() one.", "An empty one.", [""]),
    ],
)
def test_what_a_link_is(written: str, text: str, hrefs: list[str]) -> None:
    """Reference links, bare addresses and nested brackets are links; images, code and escapes are none."""
    reading = markdown(written)
    assert reading.text == text
    assert [link.href for link in reading.links] == hrefs
    check_positions(reading)


def test_lost_targets_cite() -> None:
    """`#`, an empty href, a script and `about:blank` in running text are citations without a target."""
    reading = markdown("He [a](#), [b](), [c](javascript:x) and [d](about:blank) said it.")
    assert [(link.context, link.target) for link in reading.links] == [(Context.BODY, None)] * 4


def test_what_does_not_cite() -> None:
    """A place on the page, an e-mail, and a line that is nothing but links are no citations."""
    reading = markdown(
        "[Home](https://m.example/)\n\nThe [part](#part) and [mail](mailto:a@b.example) are in a paragraph.\n\n"
        "[One](https://m.example/1) | [Two](https://m.example/2)\n"
    )
    assert [link.context for link in reading.links] == [
        Context.NAVIGATION,
        Context.SAME_PAGE,
        Context.SHARE,
        Context.FOOTER,
        Context.FOOTER,
    ]
    assert [link.target for link in reading.links[1:3]] == [None, None]


def test_notes_cite() -> None:
    """A footnote's text, and what stands below a heading that names sources, are notes; a bare definition is a link."""
    reading = markdown(
        "It fell.[^1] It rose.[^2]\n\n[^1]: See [the count](https://c.example/).\n\n[^2]: https://d.example/\n\n"
        "## Sources\n\n- [The list](https://l.example/)\n\n## Menu\n\n- [Home](https://m.example/)\n"
    )
    assert [(link.href, link.context) for link in reading.links] == [
        ("https://d.example/", Context.BODY),
        ("https://c.example/", Context.NOTE),
        ("https://l.example/", Context.NOTE),
        ("https://m.example/", Context.FOOTER),
    ]


def test_headings_lists_and_front_matter() -> None:
    """Marks of headings go, bullets stay; title, author, date and language come from a block at the top."""
    reading = markdown(
        "---\ntitle: 'On Salt'\nauthor: A. Writer\ndate: 2034-03-14\nlang: en\n---\n# Salt\n\n- one\n- two\n\n1. x\n"
    )
    assert (reading.title, reading.authors, reading.published, reading.language) == (
        "On Salt",
        ("A. Writer",),
        "2034-03-14",
        "en",
    )
    assert reading.text == "Salt\n\n- one\n\n- two\n\n1. x"
    assert markdown("# Salt\n\nText.").title == "Salt"


def test_relative_links_resolve_against_the_address_of_publication() -> None:
    """A relative href has a target only where the document says where it was published."""
    assert markdown("A [b](../c) d.", uri="https://m.example/x/y").links[0].target == "https://m.example/c"
    assert markdown("A [b](../c) d.").links[0].target is None


def test_a_caption_is_not_half_a_sentence() -> None:
    """Paragraphs that end with a name, and headings, do not run into what follows."""
    reading = plain(
        "He came. | Photo/Jan Kowal\n\nThe [man](#) left. He was old.\n\nHe saw the sea. Then he went to\n\n[Rome](#) by ship."
    )
    assert [link.sentence.exact for link in reading.links] == ["The man left.", "Then he went to Rome by ship."]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["[a](#)", "[", "](", ")", "*", "`", "<b>", "\n", "\n\n", "w. ", "Ünï", "# ", "- ", "http://x.y/z", "\\"]
        )
    )
)
def test_positions_hold_for_any_document(pieces: list[str]) -> None:
    """Whatever is written, nothing is raised and every position points at its quotation."""
    for reading in (markdown("".join(pieces)), plain("".join(pieces))):
        check_positions(reading)
        assert [link.ordinal for link in reading.links] == list(range(1, len(reading.links) + 1))
