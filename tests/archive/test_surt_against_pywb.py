"""SURT keys against pywb itself: thousands of odd URLs in one call.

Runs where `tests.replay.tools` finds an environment in which pywb is installed, and says so where it finds none; pywb is GPL
and its `surt` package AGPL, so they live in an environment of their own and are only asked.
"""

from __future__ import annotations

import json
import random

from archive.index.surt import surt
from tests.replay import tools

COUNT = 8000

ORACLE = """
import json, sys
from pywb.utils.canonicalize import canonicalize
for uri in json.load(sys.stdin):
    try:
        print(json.dumps(canonicalize(uri)))
    except Exception:
        print("null")
"""

# fmt: off
SCHEMES = [
    "http://", "https://", "HTTP://", "HtTpS://", "http:/", "http:", "http:///", "//", "", " http://", "ftp://", "urn:",
    "dns:", "mailto:", "data:", "x-y.z+1:",
]
USERS = [
    "", "user@", "user:pw@", "a:b@c:d@", "@", "us%40er@",
]
HOSTS = [
    "example.com", "www.Example.com", "a.b.example.co.uk", "WWW2.example.org", "[::1]", "[2001:DB8::1]", "16909060",
    "010.1.1.1", "1.256",
]
LABELS = [
    "www", "WWW", "www12", "www1234", "example", "Example", "com", "a", "1", "2", "010", "255", "256", "0x7f", "0", "08",
    "bücher", "BÜCHER", "xn--bcher-kva", "中文", "ß", "e\u0301", "a_b", "-a", "", "%77ww", "%2e", "%C3%BC", "%FC", "a%20b",
    "a b", "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü", "😀",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "İ",
]
PORTS = [
    "", ":80", ":443", ":8080", ":", ":0", ":080", ":65535",
]
SEGMENTS = [
    "", "a", "b", "A", "Index.HTML", ".", "..", "...", "%2e", "%2E%2e", "a;b", ";", "%7e", "%2f", "%25", "%252f", "%",
    "%zz", "%E4", "é", "中", " ", "+", "%20", "%00", "\x01", "\t", "\n", "|", "\\", "\"", "(s(0123456789abcdef01234567))",
    "(0123456789abcdef01234567)", "b.aspx", "B.ASPX", ";jsessionid=0123456789abcdef0123456789abcdef", "%3f", "%23", "&",
    "=", ":", "@", "~u", "\xa0", "\u2028", "\x7f", "😀", "a,b", "%u0041", "..;", "'", "!", "*",
]
PARAMETERS = [
    "", "a", "b", "A", "a=1", "a=2", "b=1", "A=0", "z=", "=", "=1", "a=b=c", "a;b", "%61=1", "%3d", "%26", "é=1", "%e9",
    "a b=c", "+", "a-b=1", "a.b", "a1=1", "a[0]=1", "?", "%23", "/", "//", "%2f", "\x00", " ", "%00", "%", "%zz", "|",
    "<", "%25%32%35", "sid=1", "jsessionid=0123456789abcdef0123456789abcdef",
    "JSESSIONID=0123456789abcdef0123456789abcdef", "phpsessid=0123456789abcdef0123456789abcdef",
    "sid=0123456789abcdef0123456789abcdef", "SID=0123456789abcdef0123456789abcdef",
    "xsid=0123456789abcdef0123456789abcdef", "ASPSESSIONIDABCDEFGH=bbbbbbbbbbbbbbbbbbbbbbbb", "cfid=1&cftoken=2",
    "CFID=a-1&CFTOKEN=b-2", "cfid=1", "cftoken=2", "jsessionid=0123456789abcdef0123456789abcdef.w",
]
# fmt: on


def odd_url(luck: random.Random) -> str:
    """A URL of odd parts, some with a character changed."""
    host = luck.choice(HOSTS) if luck.random() < 0.4 else ".".join(luck.choices(LABELS, k=luck.randint(1, 4)))
    url = luck.choice(SCHEMES) if luck.random() < 0.3 else luck.choice(SCHEMES[:2])
    url += luck.choice(USERS) if luck.random() < 0.3 else ""
    url += host
    url += luck.choice(PORTS) if luck.random() < 0.4 else ""
    url += "".join("/" + "".join(luck.choices(SEGMENTS, k=luck.choice([1, 1, 2]))) for _ in range(luck.randint(0, 5)))
    if luck.random() < 0.5:
        url += "?" + "&".join(luck.choices(PARAMETERS, k=luck.randint(0, 6)))
    if luck.random() < 0.1:
        url += "#" + luck.choice(PARAMETERS)
    if luck.random() < 0.1:
        at = luck.randrange(len(url) + 1)
        url = url[:at] + luck.choice("aZ0%/?&=:.@é \x00;(") + url[at + luck.randint(0, 1) :]
    return url


def test_thousands_of_odd_urls_have_the_keys_of_pywb() -> None:
    """Every URL that pywb accepts has the same key here."""
    environment = tools.find()
    luck = random.Random(20210827)
    urls = [odd_url(luck) for _ in range(COUNT)]
    answers = environment.run(environment.python.name, "-W", "ignore", "-c", ORACLE, text=json.dumps(urls))
    keys = [json.loads(line) for line in answers.splitlines()]
    known = [(url, key) for url, key in zip(urls, keys, strict=True) if key is not None]
    assert len(known) > COUNT * 0.9
    assert [(url, surt(url), key) for url, key in known if surt(url) != key] == []
