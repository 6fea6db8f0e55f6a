"""SURT keys: a URI as replay tools look it up, host reversed, what rarely matters taken away.

The key of `https://www.Example.org:443/B/?y=2&x=1` is `org,example)/b?x=1&y=2`. The rules are those of the canonical form
that pywb and cdxj-indexer use, so that their look-ups find our lines. Such a key makes some pages one; which page was meant
is answered by the exact URI in the index, never by a key.
"""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

_WEB = re.compile(
    r"(?P<scheme>https?|ftp)://(?P<authority>[^/?]*)(?P<path>[^?]*)(?:\?(?P<query>.*))?", re.IGNORECASE | re.DOTALL
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_KEPT = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in "#%")

_ASP_SESSION = re.compile(r"/(\((?:[a-z]\([0-9a-z]{24}\))+\)|\([0-9a-z]{24}\))(/[^?]+\.aspx.*)", re.IGNORECASE)
_QUERY_SESSIONS = tuple(
    re.compile(rf"^(.*)(?:{pattern})(?:&(.*))?$", re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"jsessionid=[0-9a-z]{32}",
        r"phpsessid=[0-9a-z]{32}",
        r"sid=[0-9a-z]{32}",
        r"aspsessionid[a-z]{8}=[a-z]{24}",
        r"cfid=[^&]+&cftoken=[^&]+",
    )
)


def surt(uri: str) -> str:
    """The key of a URI. One that is not hierarchical (`urn:`, `dns:`) is its own key, in lower case."""
    text = re.sub(r"[\t\r\n]", "", uri.strip())
    match = _WEB.fullmatch(text.partition("#")[0])
    if not match:
        return text.lower()
    scheme = match["scheme"].lower()
    key = _authority(match["authority"], scheme) + ")" + _path(match["path"])
    query = _query(match["query"] or "")
    return (f"{key}?{query}" if query else key).lower()


def _authority(text: str, scheme: str) -> str:
    host, _, port = text.rpartition("@")[2].partition(":")
    if text.rpartition("@")[2].startswith("["):
        inside, _, after = text.rpartition("@")[2].partition("]")
        host, port = inside[1:], after.removeprefix(":")
    name = ",".join(reversed(_host(host).split(".")))
    return name if not port or port == _DEFAULT_PORTS.get(scheme) else f"{name}:{port}"


def _host(text: str) -> str:
    host = unquote_to_bytes(text).decode("utf-8", "replace")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:  # not a name that DNS can have: its escaped bytes are as good a key as any
            host = quote_from_bytes(host.encode())
    host = re.sub(r"\.{2,}", ".", host.lower()).strip(".")
    return re.sub(r"^www\d*\.", "", _ip(host))


def _ip(host: str) -> str:
    """The dotted form of an IPv4 address written in decimal, whole or in parts; any other host as it is."""
    parts = host.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts) or len(parts) > 4:
        return host
    *leading, last = (int(part) for part in parts)
    room = 4 - len(leading)
    if any(n > 255 for n in leading) or last >= 256**room:
        return host
    return ".".join(str(n) for n in (*leading, *last.to_bytes(room, "big")))


def _path(text: str) -> str:
    path = _escape(_without_dots(_unescape(text)))
    path = _ASP_SESSION.sub(r"\2", path, count=1) if _ASP_SESSION.search(path) else path
    return path.rstrip("/") or "/"


def _without_dots(path: bytes) -> bytes:
    kept: list[bytes] = []
    for part in path.removeprefix(b"/").split(b"/"):
        if part == b".." and kept and kept[-1] != b"..":
            kept.pop()
        elif part != b".":
            kept.append(part)
    return b"/" + b"/".join(part for part in kept if part)


def _query(text: str) -> str:
    query = _escape(_unescape(text))
    for pattern in _QUERY_SESSIONS:
        if match := pattern.match(query):
            query = match[1] + (match[2] or "")
    return "&".join(sorted(query.lower().split("&"), key=lambda pair: pair.partition("="))) if query else ""


def _unescape(text: str) -> bytes:
    """Percent escapes undone until none is left."""
    before, after = b"", text.encode("utf-8", "surrogatepass")
    while before != after:
        before, after = after, unquote_to_bytes(after)
    return after


def _escape(data: bytes) -> str:
    return quote_from_bytes(data, safe=_KEPT)
