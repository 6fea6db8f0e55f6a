"""SURT keys: literal keys as pywb computes them, and what holds for any string.

The expected values are answers of pywb 2.10.0; `test_surt_against_pywb.py` asks it about thousands more.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.surt import surt

CASES = {
    "scheme, host and port": (
        ("http://example.org/", "org,example)/"),
        ("https://www.Example.ORG:443/", "org,example)/"),
        ("http://example.org:80/", "org,example)/"),
        ("http://example.org:443/", "org,example:443)/"),
        ("https://example.org:80/", "org,example:80)/"),
        ("http://example.org:8080/a", "org,example:8080)/a"),
        ("http://example.org:/", "org,example)/"),
        ("http://example.org:080/", "org,example)/"),
        ("http://example.org:0/", "org,example)/"),
        ("ftp://ftp.example.org/a", "org,example,ftp)/a"),
        ("http://user:pw@example.org/", "org,example)/"),
        ("http://a@b@example.org:81/", "org,example:81)/"),
        ("example.org/a", "org,example)/a"),
        ("//example.org/a", "org,example)/a"),
        ("http:example.org/a", "org,example)/a"),
        ("http:///example.org/a", "org,example)/a"),
        ("https:/example.org/a", "org,example)/a"),
        ("HTTP://EXAMPLE.ORG/A", "org,example)/a"),
    ),
    "www": (
        ("http://www.example.org/", "org,example)/"),
        ("http://www2.example.org/", "org,example)/"),
        ("http://www123.example.org/", "org,example)/"),
        ("http://www1a.example.org/", "org,example,www1a)/"),
        ("http://www.www.example.org/", "org,example,www)/"),
        ("http://www/", "www)/"),
        ("http://www.org/", "org)/"),
        ("http://wwwexample.org/", "org,wwwexample)/"),
        ("http://a.www.example.org/", "org,example,www,a)/"),
        ("http://%77ww.example.org/", "org,example)/"),
    ),
    "names": (
        ("http://bücher.example/", "example,xn--bcher-kva)/"),
        ("http://BÜCHER.example/", "example,xn--bcher-kva)/"),
        ("http://xn--bcher-kva.example/", "example,xn--bcher-kva)/"),
        ("http://b%C3%BCcher.example/", "example,xn--bcher-kva)/"),
        ("http://straße.example/", "example,strasse)/"),
        ("http://中文.example/", "example,xn--fiq228c)/"),
        ("http://e\u0301.example/", "example,xn--9ca)/"),
        ("http://a\u3002example/", "example,a)/"),
        ("http://example.org./", "org,example)/"),
        ("http://.example.org/", "org,example)/"),
        ("http://a..example.org/", "org,example,a)/"),
        ("http://a_b.example/", "example,a_b)/"),
        ("http://a%20b.example/", "example,a%20b)/"),
        ("http://b%FCcher.example/", "example,bcher)/"),
        (
            "http://üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.example/",
            "example,%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc%c3%bc)/",
        ),
        ("http://a.%C3%BC..example/", "example,%c3%bc,a)/"),
    ),
    "addresses": (
        ("http://1.2.3.4/", "4,3,2,1)/"),
        ("http://16909060/", "4,3,2,1)/"),
        ("http://010.1.1.1/", "1,1,1,8)/"),
        ("http://1.2/", "2,0,0,1)/"),
        ("http://0x7f.1/", "1,0x7f)/"),
        ("http://256.1.1.1/", "1,1,1,256)/"),
        ("http://08.1.1.1/", "1,1,1,08)/"),
        ("http://1.2.3.4.5/", "5,4,3,2,1)/"),
        ("http://4294967297/", "1,0,0,0)/"),
        ("http://www.1.2.3.4/", "4,3,2,1)/"),
        ("http://[::1]/", "::1)/"),
        ("http://[2001:DB8::1]:8080/a", "2001:db8::1:8080)/a"),
    ),
    "path": (
        ("http://example.org", "org,example)/"),
        ("http://example.org/a/", "org,example)/a"),
        ("http://example.org/a//", "org,example)/a"),
        ("http://example.org//a//b", "org,example)/a/b"),
        ("http://example.org/a/./b/../c", "org,example)/a/c"),
        ("http://example.org/../a", "org,example)/../a"),
        ("http://example.org/../../a", "org,example)/a"),
        ("http://example.org/..", "org,example)/.."),
        ("http://example.org/a//../b", "org,example)/a/b"),
        ("http://example.org/%2e%2e/a", "org,example)/../a"),
        ("http://example.org/A/B.HTML", "org,example)/a/b.html"),
        ("http://example.org/a;b=c/d", "org,example)/a;b=c/d"),
        ("http://example.org/a%2Fb", "org,example)/a/b"),
        ("http://example.org/a%3Fb", "org,example)/a?b"),
    ),
    "escapes": (
        ("http://example.org/%7Ea%41", "org,example)/~aa"),
        ("http://example.org/%252541", "org,example)/a"),
        ("http://example.org/%zz%", "org,example)/%25zz%25"),
        ("http://example.org/%E9", "org,example)/%e9"),
        ("http://example.org/é", "org,example)/%c3%a9"),
        ("http://example.org/a b%20c+d", "org,example)/a%20b%20c+d"),
        ("http://example.org/%00%0A", "org,example)/%00%0a"),
        ("http://example.org/\x01\x7f", "org,example)/%01%7f"),
        ("http://example.org/%23x", "org,example)/%23x"),
        ('http://example.org/"<>^`{|}\\', 'org,example)/"<>^`{|}\\'),
        ("http://example.org/😀", "org,example)/%f0%9f%98%80"),
        ("http://example.org/\u2028", "org,example)/%e2%80%a8"),
    ),
    "query": (
        ("http://example.org?", "org,example)/"),
        ("http://example.org/?", "org,example)/"),
        ("http://example.org/a?", "org,example)/a"),
        ("http://example.org?b&a", "org,example)/?a&b"),
        ("http://example.org/?b=2&a=1", "org,example)/?a=1&b=2"),
        ("http://example.org/?a=2&a=1&a", "org,example)/?a&a=1&a=2"),
        ("http://example.org/?x=&&y", "org,example)/?&x=&y"),
        ("http://example.org/?&", "org,example)/?&"),
        ("http://example.org/?a-b=1&a=2", "org,example)/?a=2&a-b=1"),
        ("http://example.org/?B=%41&b=a", "org,example)/?b=a&b=a"),
        ("http://example.org/?a=b&amp;c=d", "org,example)/?a=b&amp;c=d"),
        ("http://example.org/?a%26b=%3D", "org,example)/?a&b=="),
        ("http://example.org/??x", "org,example)/??x"),
        ("http://example.org/a/?b/", "org,example)/a?b/"),
    ),
    "fragment and white space": (
        ("http://example.org/a#b", "org,example)/a"),
        ("http://example.org/?a#b?c", "org,example)/?a"),
        ("  http://example.org/a\r\n", "org,example)/a"),
        ("http://exam\tple.org/a\nb", "org,example)/ab"),
        ("\xa0http://example.org/", "%20http)/example.org"),
    ),
    "session ids": (
        ("http://example.org/?jsessionid=0123456789abcdef0123456789abcdef", "org,example)/"),
        ("http://example.org/?a&JSESSIONID=0123456789ABCDEF0123456789ABCDEF&b", "org,example)/?a&b"),
        (
            "http://example.org/?jsessionid=0123456789abcdef0123456789abcdef0&a",
            "org,example)/?a&jsessionid=0123456789abcdef0123456789abcdef0",
        ),
        ("http://example.org/?phpsessid=0123456789abcdef0123456789abcdef&a", "org,example)/?a"),
        ("http://example.org/?a&sid=0123456789abcdef0123456789abcdef", "org,example)/?&a"),
        ("http://example.org/?xsid=0123456789abcdef0123456789abcdef&a", "org,example)/?xa"),
        ("http://example.org/?sid=1&a", "org,example)/?a&sid=1"),
        (
            "http://example.org/?sid=0123456789abcdef0123456789abcdef&sid=0123456789abcdef0123456789abcdef",
            "org,example)/?&sid=0123456789abcdef0123456789abcdef",
        ),
        ("http://example.org/?ASPSESSIONIDABCDEFGH=AAAAAAAAAAAAAAAAAAAAAAAA&x", "org,example)/?x"),
        ("http://example.org/?cfid=1&CFTOKEN=2&x", "org,example)/?x"),
        ("http://example.org/?cfid=1&x", "org,example)/?cfid=1&x"),
        ("http://example.org/(S(0123456789abcdef01234567))/a.aspx", "org,example)/a.aspx"),
        ("http://example.org/(0123456789abcdef01234567)/b/a.ASPX?x", "org,example)/b/a.aspx?x"),
        ("http://example.org/(s(0123456789abcdef01234567))/a.html", "org,example)/(s(0123456789abcdef01234567))/a.html"),
        (
            "http://example.org/a;jsessionid=0123456789abcdef0123456789abcdef",
            "org,example)/a;jsessionid=0123456789abcdef0123456789abcdef",
        ),
    ),
    "without a host": (
        ("urn:uuid:8F6C0A3E-1B5A-4C43-9E0E-0B6B0B6B0B6B", "urn:uuid:8f6c0a3e-1b5a-4c43-9e0e-0b6b0b6b0b6b"),
        ("urn:sha256:ABCdef", "urn:sha256:abcdef"),
        ("urn:a//b/../c/", "urn:a//b/../c"),
        ("urn:x?b&a", "urn:x?a&b"),
        ("urn:a%20b#c", "urn:a%20b"),
        ("dns:www.Example.org", "dns:www.example.org"),
        ("mailto:A@example.org", "mailto:a@example.org"),
        ("data:text/plain,A%20b", "data:text/plain,a%20b"),
        ("file:///A/b", "file:/a/b"),
        ("about:blank", "about:blank"),
        ("example.org:8080/a", "example.org:8080/a"),
        ("-", "-)/"),
    ),
}


WORDS = "http:// https: urn: // / .. . www. example org : 80 99999 @ ? & = a B %2e %25 % %E9 # [ ] é 😀 sid= ( ) .aspx"
PIECES = st.sampled_from([*WORDS.split(), "0123456789abcdef", " ", "\t", "\n", "\x00", "\ud800"])
ANYTHING = st.text(max_size=30) | st.lists(PIECES, max_size=20).map("".join)


@pytest.mark.parametrize(
    ("uri", "key"), [pytest.param(*case, id=f"{rule} {case[0]!a}") for rule in CASES for case in CASES[rule]]
)
def test_the_key_is_the_one_that_pywb_computes(uri: str, key: str) -> None:
    """Each URI has the key under which replay tools look for it."""
    assert surt(uri) == key


@given(uri=ANYTHING)
def test_any_string_has_a_key_that_fits_in_a_line(uri: str) -> None:
    """A key is one word of printable ASCII, whatever the string: never an error, a space or a line end."""
    key = surt(uri)
    assert key.isascii()
    assert key.isprintable()
    assert " " not in key


@pytest.mark.parametrize(
    "uri", ["http://example.org:99999/a b", "http://example.org:abc/", "http://example.org:-1/", "http://example.org:８０/"]
)
def test_a_port_that_is_none_leaves_the_uri_as_it_stands(uri: str) -> None:
    """A URI that nobody can fetch, and that pywb refuses, still has a key of its own."""
    assert surt(uri).startswith("http://example.org:")
    assert " " not in surt(uri)


@given(parameters=st.lists(st.text("abc=-.%41", max_size=5), max_size=5), order=st.randoms(use_true_random=False))
def test_the_order_of_parameters_does_not_count(parameters: list[str], order: object) -> None:
    """The same parameters in any order have one key."""
    shuffled = sorted(parameters, key=lambda _: order.random())  # type: ignore[attr-defined]  # a Random
    assert surt("http://e.example/?" + "&".join(shuffled)) == surt("http://e.example/?" + "&".join(parameters))


@given(
    host=st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){1,3}", fullmatch=True),
    path=st.from_regex(r"(/[a-z0-9]{1,5}){0,3}", fullmatch=True),
)
def test_scheme_case_www_and_last_slash_do_not_count(host: str, path: str) -> None:
    """What replay tools take for one page has one key."""
    same = [
        f"http://{host}{path}",
        f"https://{host}:443{path}/",
        f"HTTP://{host.upper()}{path.upper()}",
        f"http://u:p@{host}.{path}#x",
    ]
    assert len({surt(uri) for uri in same}) == 1
    if not host.startswith("www"):
        assert surt(f"http://www12.{host}{path}") == surt(same[0])


@given(path=st.text(st.characters(codec="utf-8", exclude_characters="?#%/\\.\t\r\n"), min_size=1, max_size=20))
def test_escapes_of_a_path_make_no_other_key(path: str) -> None:
    """A path has one key, whether its characters are escaped or not."""
    assert surt(f"http://example.org/x{quote(path)}x") == surt(f"http://example.org/x{path}x")
