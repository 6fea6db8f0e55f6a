"""Hrefs become URIs that say what their author wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.uris import base_of, is_lost, resolve, scheme_of

BASE = "https://m.example/news/a.html?x=1"


@pytest.mark.parametrize(
    "href",
    [
        "https://a.example/?b=2&a=%7e",
        "https://a.example/?x=&&y",
        "https://a.example",
        "http://a.example/a/../b//c",
        "https://A.Example:443/%E4%b8",
        "https://user:pa%40ss@a.example:8080/",
        "http://[2001:db8::1]:8080/x",
        "HTTP://a.example/",
        "https://a.example/|^{}`\\",
    ],
)
def test_absolute_hrefs_stay_verbatim(href: str) -> None:
    """Order, blanks, case and escapes of an absolute href are its author's."""
    assert resolve(href, base=BASE) == href
    assert resolve(href, base=None) == href


@pytest.mark.parametrize(
    ("href", "uri"),
    [
        ("  https://a.example/x \n", "https://a.example/x"),
        ("https://a.exa\nmple/\tx", "https://a.example/x"),
        ("https://a.example/x#:~:text=word", "https://a.example/x"),
        ("https://a.example/a b", "https://a.example/a%20b"),
        ("https://a.example/ü?q=ñ", "https://a.example/%C3%BC?q=%C3%B1"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ('https://a.example/<x>"', "https://a.example/%3Cx%3E%22"),
        ("https://a.example/\x7f\x01x", "https://a.example/%7F%01x"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("/root?b=&a", "https://m.example/root?b=&a"),
        ("b.html", "https://m.example/news/b.html"),
        ("../c", "https://m.example/c"),
        ("?y=2", "https://m.example/news/a.html?y=2"),
        ("#part", "https://m.example/news/a.html?x=1"),
    ],
)
def test_what_is_changed(href: str, uri: str) -> None:
    """White space around, the fragment, and what can't be sent; relative hrefs resolve."""
    assert resolve(href, base=BASE) == uri


@pytest.mark.parametrize(
    "href",
    [
        "mailto:a@b.example",
        "tel:+1",
        "data:,x",
        "ftp://f.example/",
        "https://",
        "https://:80/",
        "http://a b/",
        "http://[bad/",
        "https://a.example:99999/",
        "https://xn--\udcff.example/",
    ],
)
def test_what_can_not_be_fetched_has_no_target(href: str) -> None:
    """Only http and https with a host are targets."""
    assert resolve(href, base=BASE) is None


@pytest.mark.parametrize("href", ["", "  ", "#", " # ", "about:blank", "javascript:void(0)", "JavaScript: x", "java\nscript:x"])
def test_lost(href: str) -> None:
    """Nothing, `#` alone, scripts and `about:blank` have lost their target."""
    assert is_lost(href)


def test_not_lost() -> None:
    """A place on the page, a page and a relative path have one."""
    assert not any(is_lost(href) for href in ("#part", "https://a.example/#", "x", "about"))


@pytest.mark.parametrize(
    ("declared", "base"),
    [
        (None, BASE),
        (" ", BASE),
        ("/b/", "https://m.example/b/"),
        ("https://c.example/", "https://c.example/"),
        ("data:x", BASE),
    ],
)
def test_base(declared: str | None, base: str) -> None:
    """`<base href>` counts where it names a page, itself resolved against the page's URI."""
    assert base_of(declared, uri=BASE) == base


@given(st.text(max_size=40), st.sampled_from([BASE, None, "https://m.example/"]))
def test_any_href_gives_a_sendable_uri_or_none(href: str, base: str | None) -> None:
    """Nothing is raised, and what comes out is ASCII without spaces, controls and fragment."""
    for written in (href, "https://" + href, "https://a.example/" + href):
        uri = resolve(written, base=base)
        assert uri is None or (uri.isascii() and uri.isprintable() and " " not in uri and "#" not in uri)
        scheme_of(written)
