"""Named fields as WARC spells them: header values, and blocks of type `application/warc-fields` (WARC 1.1, section 4).

One field is one line, in UTF-8. A value that one line can't hold (line breaks, control characters, white space at its
ends) is spelled `name*: UTF-8''…` with percent-encoding, as RFC 8187 does for HTTP; every other value stands as it is, so
that URIs stay what they are. What was written is read back equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from archive.model import Digest

CONTENT_TYPE = "application/warc-fields"
_EXTENDED = "UTF-8''"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^\s|\s$|^UTF-8''")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^\s+|\s+$")
_DATE = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:(?<=-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z))?", re.ASCII)
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one block or one record's header, in order; names are compared without case."""

    pairs: tuple[tuple[str, str], ...]
    _values: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.pairs:
            key = name.lower()
            self._values[key] = (*self._values.get(key, ()), value)

    def get(self, name: str) -> str | None:
        """The first value of a field, None where there is none."""
        values = self._values.get(name.lower())
        return values[0] if values else None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in order."""
        return self._values.get(name.lower(), ())

    def number(self, name: str) -> int | None:
        """A field as a whole number that is not negative; None where it is none."""
        value = self.get(name)
        return int(value) if value and value.isascii() and value.isdigit() else None

    def digest(self, name: str) -> Digest | None:
        """A field as a digest of ours; None where it is none, or of another kind or spelling."""
        value = self.get(name)
        return Digest(value) if value and _SHA256.fullmatch(value) else None


def dump(pairs: Iterable[tuple[str, str | None]]) -> bytes:
    """The fields as a block; those that are None are left out."""
    return "".join(f"{line}\r\n" for name, value in pairs if value is not None for line in [_line(name, value)]).encode()


def parse(block: bytes) -> Fields:
    """Read a block. Folded lines are joined by a space, lines that are no fields are left out; bad UTF-8 is replaced."""
    found: list[tuple[str, str]] = []
    for line in re.split(r"\r?\n", block.decode("utf-8", "replace")):
        if line[:1] in (" ", "\t") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}".strip())
        elif ":" in line:
            name, _, value = line.partition(":")
            found.append((name.strip(), value.strip()))
    return Fields(tuple(_plain(name, value) for name, value in found))


def one_line(value: str) -> str:
    """`value` for a record's header: what a line can't hold is percent-encoded, the rest is left as it is."""
    return _CONTROLS.sub(lambda found: quote(found[0], safe="", errors="surrogatepass"), value)


def date_text(at: datetime) -> str:
    """An instant as WARC-Date: UTC, microseconds, `Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_date(text: str) -> datetime | None:
    """An instant from a WARC-Date of any precision that WARC 1.1 allows (5.5); None where it is none."""
    match = _DATE.fullmatch(text.strip().upper())
    if not match:
        return None
    try:
        return datetime.fromisoformat((match[1] + "-01-01"[len(match[1]) - 4 :]) + (match[2] or "T00:00Z"))
    except ValueError:
        return None


def _line(name: str, value: str) -> str:
    if _UNSAFE.search(value):
        return f"{name}*: {_EXTENDED}{quote(value, safe=':/?&=', errors='surrogatepass')}"
    return f"{name}: {value}"


def _plain(name: str, value: str) -> tuple[str, str]:
    if name.endswith("*") and value.startswith(_EXTENDED):
        return name[:-1], unquote(value.removeprefix(_EXTENDED), errors="surrogatepass")
    return name, value
