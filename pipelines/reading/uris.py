"""From an href as written to the URI that may be asked for.

An absolute href stays as its author wrote it, but for surrounding white space and the fragment: parameters keep their
order, their blanks and their case of escapes. Only what can't be sent is percent-encoded: spaces, control characters and
what is not ASCII (as UTF-8); a host that is not ASCII becomes IDNA (RFC 3986, 5; RFC 5891).
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import idna

from archive.model import Uri

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
IGNORED = re.compile(r"[\t\r\n]")
AROUND = "".join(map(chr, range(0x21))) + "\xa0\u3000\ufeff"
UNSENDABLE = re.compile(r"[^\x21-\x7e]|[<>\"]")
AUTHORITY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)//([^/?#]*)")
HOST = re.compile(r"((?:[^@]*@)?)(\[[0-9A-Fa-f:.]+\]|[^:@\[\]]*)((?::\d*)?)")
LOST = frozenset({"", "#", "about:blank"})


def trimmed(href: str) -> str:
    """An href as browsers read it: without white space around it, tabs and line ends within (WHATWG URL, 4.4)."""
    return IGNORED.sub("", href.strip(AROUND))


def is_lost(href: str) -> bool:
    """True for a link whose target is gone: nothing, `#` alone, `about:blank`, a script."""
    href = trimmed(href).lower()
    return href in LOST or href.startswith("javascript:")


def scheme_of(href: str) -> str:
    """The scheme of an absolute href, lower-case; empty for a relative one."""
    match = SCHEME.match(trimmed(href))
    return match[1].lower() if match else ""


def target_of(href: str, *, base: str | None) -> Uri | None:
    """What a link asks for: None where its target is lost, or where it names no page that can be fetched."""
    return None if is_lost(href) else resolve(href, base=base)


def resolve(href: str, *, base: str | None) -> Uri | None:
    """The absolute http or https URI that an href means on a page, without fragment; None when it means none."""
    href = trimmed(href)
    if scheme_of(href) and not AUTHORITY.match(href):
        return None if scheme_of(href) not in {"http", "https"} else _joined(href, base=base)
    if AUTHORITY.match(href):
        return _sendable(href)
    return _joined(href, base=base)


def _joined(href: str, *, base: str | None) -> Uri | None:
    try:
        return _sendable(urljoin(base or "", href)) if base else None
    except ValueError:
        return None  # brackets that are no IPv6 literal: the href names no host


def _sendable(uri: str) -> Uri | None:
    uri = uri.partition("#")[0]
    match = AUTHORITY.match(uri)
    if match is None or match[1].lower() not in {"http:", "https:"}:
        return None
    authority = _ascii_authority(match[2])
    if authority is None:
        return None
    rest = UNSENDABLE.sub(_percent, uri[match.end() :])
    return Uri(f"{match[1]}//{authority}{rest}")


def _ascii_authority(authority: str) -> str | None:
    parts = HOST.fullmatch(authority)
    if parts is None or not parts[2]:
        return None
    host = parts[2] if parts[2].isascii() else _idna(parts[2])
    if host is None or UNSENDABLE.search(host) or not _is_port(parts[3]):
        return None
    return UNSENDABLE.sub(_percent, parts[1]) + host + parts[3]


def _is_port(part: str) -> bool:
    return len(part) < 2 or (len(part) < 7 and int(part[1:]) < 65_536)


def _idna(host: str) -> str | None:
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None  # no such name can be registered or looked up


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def base_of(declared: str | None, *, uri: str | None) -> str | None:
    """What relative hrefs resolve against: `<base href>`, itself resolved against the page's URI, else the URI."""
    if declared is None or not declared.strip():
        return uri
    return resolve(declared, base=uri) or uri


def host_of(uri: str | None) -> str:
    """The host of a URI in lower case, empty where it has none."""
    try:
        return (urlsplit(uri or "").hostname or "").lower()
    except ValueError:
        return ""  # a broken IPv6 literal
