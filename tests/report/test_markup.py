"""Markup: what is text stays text, and only http and https lead anywhere."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.outputs.report.markup import Markup, described, el, foreign, joined, outward, tag


class Read(HTMLParser):
    """What a browser would make of it: the tags, the attributes, the text."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(), st.text())
def test_any_words_stay_words(words: str, title: str) -> None:
    """Whatever stands in an element or an attribute, there is one element and one attribute, with these words in it."""
    read = Read(el("p", words, title=title))
    assert read.tags == ["p"]
    assert [name for name, _ in read.attributes] == ["title"]
    plain = {code: None for code in (*range(32), *range(0x7F, 0xA0)) if code not in (9, 10)}
    pictures = str.maketrans({**{0x2400 + code: None for code in range(33)}, 0x2421: None, 0xFFFD: None})
    surrogates = dict.fromkeys(range(0xD800, 0xE000))
    assert read.text.translate(pictures) == words.translate(plain | surrogates).translate(pictures)


@given(st.text())
def test_every_document_can_be_written(words: str) -> None:
    """Lone surrogates and control characters are shown as something that UTF-8 has."""
    shown = el("p", words)
    assert "\x00" not in shown
    assert shown.encode("utf-8")


def test_markup_is_not_escaped_twice() -> None:
    """Elements inside of elements stay elements; contents that are None are nothing."""
    assert el("p", "a & ", el("b", "<b>"), None, ["c", Markup("<br>")]) == "<p>a &amp; <b>&lt;b&gt;</b>c<br></p>"
    assert joined(None, "") == ""
    assert described([("A", "1"), ("B", None), ("C", "")]) == "<dl><div><dt>A</dt><dd>1</dd></div></dl>"


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc",
        "//x",
        "#",
    ],
)
def test_only_the_web_is_linked(uri: str) -> None:
    """Any other address is shown and can't be followed."""
    read = Read(outward(uri))
    assert "a" not in read.tags
    assert read.text == uri
    assert "href" not in dict(read.attributes)


def test_a_link_tells_nobody_where_it_stands() -> None:
    """No referrer, no opener, and the address letter by letter."""
    attributes = dict(Read(outward('HTTPS://a.example/?q="><script>', "words")).attributes)
    assert attributes["href"] == 'HTTPS://a.example/?q="><script>'
    assert set(str(attributes["rel"]).split()) == {"noopener", "noreferrer", "nofollow"}


def test_foreign_words_are_isolated() -> None:
    """What turns the direction of writing is seen and not obeyed; letters that run from right to left stay as they are."""
    assert foreign("abc\u202edef\u2069") == "<bdi>abc\\u202edef\\u2069</bdi>"
    assert foreign("\u05d0\u200f<", language="he") == '<bdi lang="he">\u05d0\u200f&lt;</bdi>'


def test_a_language_has_the_shape_of_one() -> None:
    """A page says of itself what it likes; a screen reader is told only what can be a language."""
    assert [tag(said) for said in ("de", "pt-BR", "zh-Hant-TW")] == ["de", "pt-BR", "zh-Hant-TW"]
    assert [tag(said) for said in (None, "", "English please", 'de" onload="', "x", "de_DE\n")] == [None] * 6
