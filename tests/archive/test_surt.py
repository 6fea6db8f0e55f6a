"""SURT keys: those of the literal table, those that pywb's own library computes, and what holds for any string."""

from __future__ import annotations

import json
import random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.index.surt import surt
from tests.replay import tools
from tests.replay.tools import Tools

KEYS = [
    # the host: reversed, lower case, ASCII, without www and dots at its ends
    ("http://www.Example.COM/", "com,example)/"),
    ("http://www2.example.com", "com,example)/"),
    ("http://wwwx.example.com/", "com,example,wwwx)/"),
    ("http://www.www.com/", "com,www)/"),
    ("http://a.b.c.example.co.uk/x", "uk,co,example,c,b,a)/x"),
    ("http://.example..com./", "com,example)/"),
    ("http://exämple.de/", "de,xn--exmple-cua)/"),
    ("http://xn--exmple-cua.de/", "de,xn--exmple-cua)/"),
    ("http://2130706433/", "1,0,0,127)/"),
    ("http://127.1/", "1,0,0,127)/"),
    ("http://300.1.1.1/", "1,1,1,300)/"),
    ("http://user:pass@example.com/", "com,example)/"),
    # the port: only where it is not the scheme's own
    ("http://example.com:80/", "com,example)/"),
    ("https://example.com:443/", "com,example)/"),
    ("https://example.com:80/", "com,example:80)/"),
    ("http://example.com:8080/x", "com,example:8080)/x"),
    ("http://example.com:/", "com,example)/"),
    # the path: escapes undone, dots and double slashes gone, without its last slash
    ("http://example.com/A/b/", "com,example)/a/b"),
    ("http://example.com/a//b", "com,example)/a/b"),
    ("http://example.com/a/./b/../c", "com,example)/a/c"),
    ("http://example.com/a%2Fb%252F", "com,example)/a/b"),
    ("http://example.com/%C3%BC", "com,example)/%c3%bc"),
    ("http://example.com/ü", "com,example)/%c3%bc"),
    ("http://example.com/a b", "com,example)/a%20b"),
    ("http://example.com/%", "com,example)/%25"),
    ("http://example.com/x#fragment", "com,example)/x"),
    ("http://example.com/(S(4hqa0555fwsecu455xqckv45))/page.aspx", "com,example)/page.aspx"),
    # the query: sorted, blank parameters kept, session ids gone
    ("http://example.com/?", "com,example)/"),
    ("http://example.com/?b=2&a=%7e", "com,example)/?a=~&b=2"),
    ("http://example.com/?x=&&y", "com,example)/?&x=&y"),
    ("http://example.com/?a=1&A=0", "com,example)/?a=0&a=1"),
    ("http://example.com/x?a=1&sid=0123456789abcdef0123456789abcdef", "com,example)/x?&a=1"),
    ("http://example.com/x?PHPSESSID=0123456789abcdef0123456789abcdef&q=1", "com,example)/x?q=1"),
    ("http://example.com/x?cfid=1&cftoken=2&z=1", "com,example)/x?z=1"),
    ("http://example.com/a?b?c", "com,example)/a?b?c"),
    # no host: scheme and path stay
    ("urn:sha256:ABCdef", "urn:sha256:abcdef"),
    ("urn:uuid:00000000-0000-4000-8000-00000000000A", "urn:uuid:00000000-0000-4000-8000-00000000000a"),
    ("dns:Example.com", "dns:example.com"),
    # white space that was pasted along
    (" http://example.com/a\tb\n", "com,example)/ab"),
]

HOSTS = (
    "example.com www.example.com WWW3.Example.org a.b.co.uk exämple.de 127.0.0.1 2130706433 1.2.3 example.com. ex..ample.com"
    " www.1.2.3.4 xn--exmple-cua.de example.com:80 example.com:443 example.com:8080 u:p@example.com www.com ww.example.com"
    " 300.1.1.1 中文.example EXAMPLE.com"
).split()
PIECES = (
    "a B %7e %20 %2F %2f .. . / // & = a=1 b=2 A=3 a-b=1 ; jsessionid=0123456789abcdef0123456789abcdef"
    " phpsessid=0123456789abcdef0123456789abcdef sid=0123456789abcdef0123456789abcdef cfid=1&cftoken=2"
    " ASPSESSIONIDABCDEFGH=ABCDEFGHIJKLMNOPQRSTUVWX ü %C3%BC %E4 %25 % %zz | ' \" < + ~ x.aspx (S(4hqa0555fwsecu455xqckv45))"
    " (0123456789abcdefghijklmn) _ - ! * @ : \\ [ ] { } ^ ` %23 %3F %26 中 utm_source=x 0 9"
).split()
GENERATED = 4000


def urls(number: int) -> list[str]:
    """Odd URLs, the same at each call: what a crawler meets, and combinations that it hardly will."""
    choice = random.Random(20210827)
    found = []
    for _ in range(number):
        url = f"{choice.choice(['http', 'https'])}://{choice.choice(HOSTS)}"
        if choice.random() < 0.9:
            url += "/" + "".join(choice.choices(PIECES, k=choice.randint(0, 5)))
        if choice.random() < 0.6:
            url += "?" + "".join(choice.choice(PIECES) + choice.choice(["", "&", "="]) for _ in range(choice.randint(0, 5)))
        found.append(url)
    return found


@pytest.mark.parametrize(("uri", "key"), KEYS)
def test_the_key_of_a_uri(uri: str, key: str) -> None:
    """Each rule of the key, by an example."""
    assert surt(uri) == key


@pytest.fixture(scope="module")
def environment() -> Tools:
    return tools.find()


def test_pywb_computes_the_same_keys(environment: Tools) -> None:
    """The library that pywb and cdxj-indexer use gives the same key for every URL of the table and for generated ones."""
    program = "import json, surt, sys; json.dump([surt.surt(url) for url in json.load(sys.stdin)], sys.stdout)"
    asked = [uri for uri, _ in KEYS] + urls(GENERATED)
    theirs = json.loads(environment.run(environment.python.name, "-c", program, text=json.dumps(asked)))
    assert [(uri, surt(uri)) for uri in asked] == list(zip(asked, theirs, strict=True))


@given(uri=st.one_of(st.text(st.characters()), st.from_regex(r"https?://[^\x00-\x1f]{0,40}", fullmatch=True)))
def test_a_key_stands_in_a_line(uri: str) -> None:
    """Whatever the string, its key is printable ASCII without white space, and it is found without an error."""
    key = surt(uri)
    assert key.isascii()
    assert all(character.isprintable() and character != " " for character in key)


@given(path=st.text(st.characters(codec="utf-8", exclude_characters="?#%/\\.\t\r\n"), min_size=1, max_size=20))
def test_case_and_escapes_of_a_path_make_no_other_key(path: str) -> None:
    """A path has one key, whether its characters are escaped or not, and whatever a `www.` or its own port add."""
    plain = surt(f"http://example.org/x{path}x")
    assert surt(f"HTTPS://www.EXAMPLE.org:443/x{quote(path)}x") == plain


@pytest.mark.parametrize("uri", ["http://example.com:abc/", "http://example.com:99999/X", "http://[::1]:x/", "http://a:-1/"])
def test_an_impossible_port_leaves_the_text_as_its_own_key(uri: str) -> None:
    """A URL that names no port there can be is its own key in lower case: it can be listed, and nobody looks it up."""
    assert surt(uri) == uri.lower()
