"""Link wrappers: addresses of a service that only lead on to another address, which stands in them in full.

Mail programs, social networks and search engines put their own address around each link that passes through them. What an
author cited is the address inside, and it can be read without asking the service. The rules are one table. An address is taken
out as the service itself would read it: its parameter up to the next `&`, percent-decoded once, a `+` left as it is. What
comes out must be a whole http or https URL, else the link stays what it was. A short address has nothing inside it: only
asking for it shows where it leads, and the redirect is on record then.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from archive.model import Uri
from pipelines.reading.uris import resolve

DEEPEST = 5
"""Wrappers around wrappers that are taken off; a mail that was forwarded has some."""

BYTE = re.compile(r"[\udc80-\udcff]")
"""What `surrogateescape` makes of a byte that is no UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """Where a service's wrappers are: patterns of whole hosts and of whole paths; and how to read what is in one."""

    host: str
    path: str
    inside: Callable[[SplitResult], str | None]

    def read(self, parts: SplitResult, host: str) -> str | None:
        """The address inside; None where this is no wrapper of that service."""
        fits = re.fullmatch(self.host, host) and re.fullmatch(self.path, parts.path)
        return self.inside(parts) if fits else None


def _parameters(parts: SplitResult) -> Iterator[tuple[str, str]]:
    """As they stand in the query, still encoded; `&amp;` is what HTML that was escaped twice leaves of `&`."""
    for one in re.split("&(?:amp;)?", parts.query):
        name, equals, value = one.partition("=")
        if equals:
            yield name, value


def _parameter(*names: str) -> Callable[[SplitResult], str | None]:
    """The reader of the first of these parameters that is there."""

    def read(parts: SplitResult) -> str | None:
        found = _first(parts)
        return next((_decoded(found[name]) for name in names if found.get(name)), None)

    return read


def _first(parts: SplitResult) -> dict[str, str]:
    """The parameters by name; of repeated ones the first."""
    return dict(reversed(list(_parameters(parts))))


def _decoded(text: str) -> str:
    """Percent-decoded once. Bytes that are no UTF-8 keep their escapes: an old address has them in another encoding."""
    return BYTE.sub(lambda met: f"%{ord(met[0]) & 0xFF:02X}", unquote(text, errors="surrogateescape"))


def _whole_query(parts: SplitResult) -> str | None:
    return parts.query or None


def _proofpoint_v2(parts: SplitResult) -> str | None:
    """`-` stands for `%` and `_` for `/`, in an address that was percent-encoded before."""
    found = _first(parts).get("u")
    return _decoded(found.replace("-", "%").replace("_", "/")) if found else None


def _proofpoint_v3(parts: SplitResult) -> str | None:
    """Between two underscores and `__;`. Characters that were taken out (`*`) stand coded behind it: then it stays wrapped."""
    found = re.fullmatch(r"/v3/__(.+?)__;.*", parts.path + (f"?{parts.query}" if parts.query else ""))
    return None if found is None or "*" in found[1] else re.sub(r"^(https?:/)(?!/)", r"\1/", found[1])


def _bing(parts: SplitResult) -> str | None:
    """`a1` and the address in the letters of base64 that URLs take (RFC 4648, 5), without padding."""
    found = _first(parts).get("u", "")
    if not found.startswith("a1"):
        return None
    try:
        data = base64.b64decode(found[2:] + "=" * (-len(found[2:]) % 4), altchars=b"-_", validate=True)
        return data.decode("utf-8")
    except (binascii.Error, ValueError):
        return None


WRAPPERS = (
    Wrapper(
        host=r"(?:www\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})",
        path="/url",
        inside=_parameter("q", "url"),  # search results, documents and mail
    ),
    Wrapper(host=r"[a-z0-9-]+\.safelinks\.protection\.outlook\.com", path="/.*", inside=_parameter("url")),  # Outlook's mail
    Wrapper(host=r"lm?\.facebook\.com", path=r"/l\.php", inside=_parameter("u")),
    Wrapper(host=r"l\.instagram\.com", path="/?", inside=_parameter("u")),
    Wrapper(host=r"l\.threads\.(?:net|com)", path="/?", inside=_parameter("u")),
    Wrapper(host=r"(?:www\.|m\.)?youtube\.com", path="/redirect", inside=_parameter("q")),  # below a video
    Wrapper(host=r"(?:www\.)?linkedin\.com", path="/redir/redirect|/safety/go", inside=_parameter("url")),
    Wrapper(host=r"out\.reddit\.com", path="/.*", inside=_parameter("url")),
    Wrapper(host=r"slack-redir\.net", path="/link", inside=_parameter("url")),
    Wrapper(host=r"(?:html\.|www\.)?duckduckgo\.com", path="/l/", inside=_parameter("uddg")),
    Wrapper(host=r"(?:www\.)?bing\.com", path="/ck/a", inside=_bing),
    Wrapper(host=r"t\.umblr\.com", path="/redirect", inside=_parameter("z")),  # Tumblr
    Wrapper(host=r"(?:m\.)?vk\.com", path=r"/away\.php", inside=_parameter("to")),
    Wrapper(host=r"steamcommunity\.com", path="/linkfilter/?", inside=_parameter("u", "url")),
    Wrapper(host=r"urldefense\.proofpoint\.com", path="/v1/url", inside=_parameter("u")),  # mail of many firms
    Wrapper(host=r"urldefense\.proofpoint\.com", path="/v2/url", inside=_proofpoint_v2),
    Wrapper(host=r"urldefense\.(?:com|us)", path="/v3/.*", inside=_proofpoint_v3),
    Wrapper(host=r"href\.li", path="/?", inside=_whole_query),  # hides who sends a reader
)


def unwrapped(target: Uri) -> Uri | None:
    """The address that a wrapper leads on to, without its fragment; None for an address that is no wrapper."""
    found: Uri | None = None
    for _ in range(DEEPEST):
        inner = _inside(found or target)
        if inner is None:
            break
        found = inner
    return found


def _inside(target: Uri) -> Uri | None:
    try:
        parts = urlsplit(target)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:  # brackets that hold no address
        return None
    read = (wrapper.read(parts, host) for wrapper in WRAPPERS)
    inner = next(filter(None, read), None)
    return None if inner is None else resolve(inner, base=None)
