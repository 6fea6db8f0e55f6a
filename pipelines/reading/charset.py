"""Which characters the bytes mean: five kinds of evidence, asked in one order, and the one that decided is named.

A byte order mark, the Content-Type header, the document's own `<meta>`, being UTF-8, detection. Bytes are decoded here
and handed on as text: an extractor that is given bytes decides again, and turns a page with one bad byte into mojibake.
A byte that the decided encoding doesn't know becomes U+FFFD; decoding never fails.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes
from w3lib.encoding import resolve_encoding

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
META = re.compile(
    rb"<meta[^>]{1,500}?charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})|<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([\w.:+-]{2,40})", re.I
)
COMMENT = re.compile(rb"<!--.*?-->", re.S)
META_WITHIN = 16_384
DETECT_WITHIN = 262_144
NOTATIONS = frozenset({"punycode", "unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape", "utf-7"})
GOOD_FOR_EACH_BAD = 10
"""So many whole UTF-8 sequences for each bad byte still make a text UTF-8: one bad byte is a slip, not an encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """A decision: a codec of Python's and the evidence for it. `str()` is how it is recorded: `utf-8 (HTTP)`."""

    name: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.name} ({self.evidence})"


def decode(data: bytes, *, declared: str | None = None) -> tuple[str, Charset]:
    """The text of some bytes and how it was decided. `declared` is the charset parameter of the Content-Type."""
    charset = decide(data, declared=declared)
    return data.decode(charset.name, errors="replace").removeprefix("\ufeff"), charset


def decide(data: bytes, *, declared: str | None = None) -> Charset:
    """The first evidence that names an encoding we know."""
    return _mark(data) or _header(declared) or _meta(data) or _utf8(data) or _detected(data) or _last_resort()


def _mark(data: bytes) -> Charset | None:
    return next((Charset(name=name, evidence="byte order mark") for mark, name in MARKS if data.startswith(mark)), None)


def _header(declared: str | None) -> Charset | None:
    return _known(declared, evidence="HTTP")


def _meta(data: bytes) -> Charset | None:
    match = META.search(COMMENT.sub(b"", data[:META_WITHIN]))
    if match is None:
        return None
    found = _known((match[1] or match[2]).decode("ascii", "replace"), evidence="meta")
    if found and found.name.startswith("utf-16"):  # it was read as ASCII, so it can't be (HTML, 13.2.3.2)
        return Charset(name="utf-8", evidence="meta")
    return found


def _utf8(data: bytes) -> Charset | None:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data)
    bad = text.count("\ufffd")
    if bad and GOOD_FOR_EACH_BAD * bad > sum(1 for c in text if c > "\x7f") - bad:
        return None
    return Charset(name="utf-8", evidence="valid UTF-8" if not bad else "nearly valid UTF-8")


def _detected(data: bytes) -> Charset | None:
    best = from_bytes(data[:DETECT_WITHIN]).best()
    return None if best is None else _known(best.encoding, evidence="detection")


def _last_resort() -> Charset:
    return Charset(name="cp1252", evidence="no evidence")


def _known(label: str | None, *, evidence: str) -> Charset | None:
    """A label as browsers take it (WHATWG Encoding: `iso-8859-1` is windows-1252), None when no codec reads it."""
    name = resolve_encoding(label.strip("\"' \t")) if label else None
    if name is None:
        return None
    return Charset(name=name, evidence=evidence) if _is_of_pages(name) else None


def _is_of_pages(name: str) -> bool:
    """Whether a codec is for text on pages: not of bytes to bytes (`hex`), and none of Python's own notations."""
    try:
        b"a".decode(name, "replace")
    except (LookupError, ValueError):
        return False
    return codecs.lookup(name).name not in NOTATIONS
