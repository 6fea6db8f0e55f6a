"""SURT keys: a URI as replay tools look it up, host reversed, what rarely matters taken away.

The key of `https://www.Example.org:443/B/?y=2&x=1` is `org,example)/b?x=1&y=2`. The rules are those that pywb and
cdxj-indexer use, found out by asking them, so that their look-ups find our lines. Such a key makes some pages one; which
page was meant is answered by the exact URI in the index, never by a key.

In this order: white space around and tabs and line ends within are taken away, then the fragment; escapes are undone until
none is left; the host becomes ASCII (IDNA 2003), lower case, without dots at its ends, dotted where it is an IPv4 address,
without `www.`; the path loses `.`, `..`, repeated slashes and the last one; session ids go; the parameters are sorted; what
can't stand in a line is escaped again. A URI without a host (`urn:`, `dns:`) keeps its scheme and the shape of its path.
A key holds neither white space nor control characters.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_KEPT = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in "#%")
_LINE_ENDS = dict.fromkeys(map(ord, "\t\r\n"))
_WWW = re.compile(r"www[0-9]*\.")
_DECIMAL = re.compile(r"[0-9]+")
_OCTAL = re.compile(r"0[0-7]*")

_PATH_SESSIONS = tuple(
    re.compile(rf"(.*/){session}/([^?]+\.aspx.*)") for session in (r"\((?:[a-z]\([0-9a-z]{24}\))+\)", r"\([0-9a-z]{24}\)")
)
_QUERY_SESSIONS = tuple(
    re.compile(rf"(.*){session}(?:&(.*))?")
    for session in (
        r"jsessionid=[0-9a-z]{32}",
        r"phpsessid=[0-9a-z]{32}",
        r"sid=[0-9a-z]{32}",
        r"aspsessionid[a-z]{8}=[a-z]{24}",
        r"cfid=[^&]+&cftoken=[^&]+",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A URI cut at its delimiters; escapes are not yet undone. `port` is None where it is the scheme's own."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str


def surt(uri: str) -> str:
    """The key of any string. One whose port is no number from 0 to 65535 has no canonical key: it is escaped as it stands."""
    text = uri.strip(" \t\r\n\v\f").translate(_LINE_ENDS).partition("#")[0]
    try:
        parts = _split(text)
    except ValueError:
        return _escape(text.encode("utf-8", "surrogatepass")).lower()
    query, host = _query(parts.query), _host(parts.host)
    if not host:
        path = _shown(_unescape(parts.path)) or ("/" if query else "")
        return f"{parts.scheme}:{path}{query}"
    path = _shown(_without_dots(_unescape(parts.path)))
    port = f":{parts.port}" if parts.port else ""
    return f"{','.join(reversed(host.split('.')))}{port}){path}{query}"


def _split(text: str) -> _Parts:
    """Cut a text into its parts. Raises ValueError for an impossible port."""
    match = _SCHEME.match(text)
    scheme, rest = (match[1], match[2]) if match else ("http", text)
    rest, _, query = rest.partition("?")
    host, port = "", None
    if match is None and not rest.startswith("//"):  # `example.org/a`
        rest = f"//{rest}"
    if rest.startswith("//") and not text.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        host, port = _authority(authority, scheme.lower())
        rest = slash + path
    if not host and rest and scheme.startswith("http"):  # `http:a/b`, `http:///a/b`: the first word is the host
        host, _, path = rest.lstrip("/").partition("/")
        rest = f"/{path}"
    return _Parts(scheme=scheme, host=host, port=port, path=rest, query=query)


def _authority(text: str, scheme: str) -> tuple[str, int | None]:
    """Host and port (RFC 3986, 3.2) without user information."""
    text = text.rpartition("@")[2].rstrip(":")
    _, bracket, inside = text.partition("[")
    if bracket:
        host, _, after = inside.partition("]")
        digits = after.partition(":")[2]
    else:
        host, _, digits = text.partition(":")
    if not digits:
        return host, None
    if not _DECIMAL.fullmatch(digits) or int(digits) > 0xFFFF:
        raise ValueError(f"{digits} is no port")
    return host, None if int(digits) == _DEFAULT_PORTS.get(scheme) else int(digits)


@lru_cache(maxsize=4096)
def _host(text: str) -> str:
    data = _unescape(text)
    with suppress(UnicodeError):  # no name that DNS can have: its own bytes are as good a key as any
        data = data.decode("utf-8", "ignore").encode("idna")
    host = _escape(data).lower().strip(".").replace("..", ".")
    return _WWW.sub("", _ipv4(host), count=1) if _WWW.match(host) else _ipv4(host)


def _ipv4(host: str) -> str:
    """The dotted form of an IPv4 address written as one number, or in up to four parts, decimal or octal; else the host."""
    if not _DECIMAL.match(host):
        return host
    if _DECIMAL.fullmatch(host):
        return _dotted((int(host) & 0xFFFFFFFF).to_bytes(4, "big"))
    parts = host.split(".")
    numbers = [_number(part) for part in parts]
    room = 5 - len(parts)
    if room < 1 or None in numbers:
        return host
    *leading, last = (number for number in numbers if number is not None)
    if any(number > 255 for number in leading) or last >= 256**room:
        return host
    return _dotted(bytes(leading) + last.to_bytes(room, "big"))


def _number(text: str) -> int | None:
    if _OCTAL.fullmatch(text):
        return int(text, 8)
    return int(text) if _DECIMAL.fullmatch(text) and not text.startswith("0") else None


def _dotted(data: bytes) -> str:
    return ".".join(map(str, data))


def _without_dots(path: bytes) -> bytes:
    """Dot segments resolved, empty ones counting; then empty ones taken away. `..` above the root stays once."""
    kept: list[bytes] = []
    for segment in path.removeprefix(b"/").split(b"/"):
        if segment == b".." and kept:
            kept.pop()
        elif segment != b".":
            kept.append(segment)
    trailing = b"/" if kept and not kept[-1] else b""
    return b"/" + b"/".join(segment for segment in kept if segment) + trailing


def _without_session(path: str) -> str:
    for pattern in _PATH_SESSIONS if ".aspx" in path else ():
        if match := pattern.fullmatch(path):
            path = match[1] + match[2]
    return path


def _shown(path: bytes) -> str:
    """A path as it stands in a key: without the last slash, unless it is the only one."""
    text = _without_session(_escape(path).lower())
    return text[:-1] if len(text) > 1 and text.endswith("/") else text


def _query(text: str) -> str:
    """The query with its question mark, or nothing."""
    query = _escape(_unescape(text)).lower()
    for pattern in _QUERY_SESSIONS if "id" in query else ():
        if match := pattern.fullmatch(query):
            query = match[1] + (match[2] or "")
    if "&" in query:
        query = "&".join(sorted(query.split("&"), key=lambda pair: pair.partition("=")))
    return f"?{query}" if query else ""


def _unescape(text: str) -> bytes:
    """Percent escapes undone until none is left."""
    data = text.encode("utf-8", "surrogatepass")
    while b"%" in data and (undone := unquote_to_bytes(data)) != data:
        data = undone
    return data


def _escape(data: bytes) -> str:
    return quote_from_bytes(data, safe=_KEPT)
