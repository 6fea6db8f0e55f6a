"""A page as a whole: its text, what it says of itself, and its links, from one tree."""

from __future__ import annotations

import json

import pytest
import trafilatura
from lxml import etree

from pipelines.reading.document import Message, read
from pipelines.reading.dom import ParseError, parse
from pipelines.reading.page import NO_TEXT
from pipelines.reading.text import extract, language_of
from tests.reading.pages import ARTICLE, paragraphs


def page(html: str | bytes, *, content_type: str = "text/html; charset=utf-8") -> Message:
    return Message(data=html if isinstance(html, bytes) else html.encode(), content_type=content_type)


def test_text_and_metadata() -> None:
    """Text by trafilatura, with its version and options; title, author, day, site and language as the page says."""
    reading = read(page(ARTICLE))
    assert reading.text is not None
    assert "Three men were named in the report" in reading.text
    assert "Read our newsletter" not in reading.text
    assert (reading.title, reading.authors, reading.published) == ("The Report on the Harbor", ("Ada Brandt",), "2019-03-14")
    assert (reading.site, reading.language, reading.charset) == ("The Border Review", "en-GB", "utf-8 (HTTP)")
    assert (reading.tool, reading.version) == ("trafilatura", trafilatura.__version__)
    assert json.loads(reading.options) == {"include_comments": False, "include_tables": True, "with_metadata": True}


def test_one_tree_serves_text_and_links() -> None:
    """Extracting leaves the tree as it was, so the links are those of the page."""
    root = parse(ARTICLE)
    before = etree.tostring(root)
    assert extract(root).text
    assert etree.tostring(root) == before


def test_a_page_without_text_keeps_its_title_and_links() -> None:
    """No main text is a reason, not an error."""
    reading = read(page("<title>Shell</title><nav><a href='https://a.example/'>A</a></nav><div id=app></div>"))
    assert (reading.text, reading.unreadable, reading.title) == (None, NO_TEXT, "Shell")
    assert [link.target for link in reading.links] == ["https://a.example/"]


def test_one_bad_byte_is_one_bad_character() -> None:
    """A UTF-8 page with a damaged byte stays UTF-8."""
    data = f"<p>{paragraphs(3)} caf\xe9 na\xefve \xfcber \xe4 \xf6 \xfc \xdf \xe7 \xf1 \xf8 \xe5</p>".encode() + b"\xff"
    reading = read(page(data, content_type="text/html"))
    assert "café naïve über" in (reading.text or "")
    assert reading.charset == "utf-8 (nearly valid UTF-8)"


@pytest.mark.parametrize("depth", [300, 1900])
def test_deep_pages_are_read(depth: int) -> None:
    """Nesting far beyond the parser's usual limit costs nothing."""
    reading = read(page("<html><body>" + "<div>" * depth + f"<p>{paragraphs(3)}</p>" + "</div>" * depth))
    assert "The harbor report" in (reading.text or "")


def test_pages_nested_too_deep_are_named() -> None:
    """Where the parser gives up, the page doesn't come out silently empty."""
    assert "2,048 deep" in (read(page("<div>" * 3000 + "x")).unreadable or "")


@pytest.mark.parametrize("html", ["<!-- nothing -->", "<?php ?>"])
def test_nothing_to_parse(html: str) -> None:
    """A page of comments alone holds no elements."""
    with pytest.raises(ParseError, match="holds no elements"):
        parse(html)


def test_what_an_extractor_fails_on_is_mended() -> None:
    """Control characters, as such or as references, and a closed root don't cost the text."""
    reading = read(page(f"<html lang='de' /><body><p>\x01{paragraphs(2)}&#1;\0&#x1f; caf&#233; &#10;&#310;</p>"))
    assert "café" in (reading.text or "")
    assert "Ķ" in (reading.text or "")
    assert reading.language == "de"


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ("<html lang='pt_BR'><p>x", "pt-BR"),
        ("<html><meta property='og:locale' content='de_DE'><p>x", "de-DE"),
        ("<html lang='%%'><p>x", None),
        ("<p>x", None),
    ],
)
def test_language(html: str, language: str | None) -> None:
    """The declared language as a tag, None where there is none."""
    assert language_of(parse(html)) == language
