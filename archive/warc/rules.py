"""What WARC 1.1 (ISO 28500:2017) and 1.0 ask of one record, as findings: its header, and what its type needs or forbids.

An `error` breaks the standard, a `warning` is doubtful, against a recommendation, or a habit of older writers. A record
without findings keeps every rule that can be seen in it alone; whether what it refers to exists is seen elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.model import Capture
from archive.proof.finding import Finding
from archive.warc import blockrules, syntax
from archive.warc.blockrules import Fault
from archive.warc.stored import StoredRecord

_ALL = frozenset({"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"})
_WITH_URI = _WITH_PAYLOAD = _ALL - {"warcinfo", "metadata"}
_FETCHED = frozenset({"response", "resource", "request", "metadata", "revisit"})
_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[QqBb]\?(?![^?\s]*\?=)")
_KNOWN_VERSION = re.compile(r"WARC/1\.[01]")
_DRAFT_VERSION = re.compile(r"WARC/0\.1[78]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A named field of the standard: its spelling, the types that may have it, those that must, whether it may be repeated."""

    syntax: syntax.Rule = syntax.anything
    types: frozenset[str] = _ALL
    needed: frozenset[str] = frozenset()
    repeated: bool = False


_FIELDS: dict[str, _Field] = {
    "WARC-Record-ID": _Field(syntax=syntax.bracketed_uri, needed=_ALL),
    "WARC-Type": _Field(needed=_ALL),
    "WARC-Date": _Field(syntax=syntax.date, needed=_ALL),
    "Content-Length": _Field(syntax=syntax.number, needed=_ALL),
    "Content-Type": _Field(syntax=syntax.media_type),
    "WARC-Concurrent-To": _Field(syntax=syntax.bracketed_uri, types=_FETCHED, repeated=True),
    "WARC-Block-Digest": _Field(syntax=syntax.digest),
    "WARC-Payload-Digest": _Field(syntax=syntax.digest, types=_WITH_PAYLOAD),
    "WARC-IP-Address": _Field(syntax=syntax.ip_address, types=_FETCHED),
    "WARC-Refers-To": _Field(syntax=syntax.bracketed_uri, types=frozenset({"revisit", "conversion", "metadata"})),
    "WARC-Refers-To-Target-URI": _Field(syntax=syntax.uri, types=frozenset({"revisit"})),
    "WARC-Refers-To-Date": _Field(syntax=syntax.date, types=frozenset({"revisit"})),
    "WARC-Target-URI": _Field(syntax=syntax.uri, types=_ALL - {"warcinfo"}, needed=_WITH_URI),
    "WARC-Truncated": _Field(syntax=syntax.reason),
    "WARC-Warcinfo-ID": _Field(syntax=syntax.bracketed_uri, types=_ALL - {"warcinfo"}),
    "WARC-Filename": _Field(types=frozenset({"warcinfo"})),
    "WARC-Profile": _Field(syntax=syntax.uri, types=frozenset({"revisit"}), needed=frozenset({"revisit"})),
    "WARC-Identified-Payload-Type": _Field(syntax=syntax.media_type, types=_WITH_PAYLOAD),
    "WARC-Segment-Number": _Field(syntax=syntax.number, needed=frozenset({"continuation"})),
    "WARC-Segment-Origin-ID": _Field(
        syntax=syntax.bracketed_uri, types=frozenset({"continuation"}), needed=frozenset({"continuation"})
    ),
    "WARC-Segment-Total-Length": _Field(syntax=syntax.number, types=frozenset({"continuation"})),
}


def check(record: StoredRecord) -> Iterator[Finding]:
    """Every fault of one record. The bytes of its block are measured for it, once."""
    yield from _findings(record, _faults(record))


def check_capture(capture: Capture, record: StoredRecord) -> Iterator[Finding]:
    """Whether the digests and the size that stand for a capture in the index, from its metadata record, are those of its bytes.

    A revisit's are those of the response that it stands for, and not to be seen in it.
    """
    if capture.type != "revisit":
        yield from _findings(record, blockrules.capture_faults(capture, record))


def _findings(record: StoredRecord, faults: Iterator[Fault]) -> Iterator[Finding]:
    place = record.location
    for severity, name, expected, found, message in faults:
        yield Finding(
            severity=severity,
            check=name,
            file=place.file,
            offset=place.offset,
            expected=expected,
            found=found,
            message=message,
        )


def _faults(record: StoredRecord) -> Iterator[Fault]:
    yield from _version(record)
    yield from _lines(record)
    yield from _type(record)
    for name, field in _FIELDS.items():
        yield from _field(record, name, field)
    yield from _content_type(record)
    yield from _segment(record)
    yield from _revisit(record)
    if record.headers.number("Content-Length") is not None:
        yield from blockrules.faults(record)


def _version(record: StoredRecord) -> Iterator[Fault]:
    line = record.raw_head.split(b"\n", 1)[0].decode("latin-1").strip() if record.raw_head else record.version
    if _DRAFT_VERSION.fullmatch(line.upper()):
        yield "warning", "version", "WARC/1.0 or WARC/1.1", line, f"{line} is a draft of the standard"
    elif not _KNOWN_VERSION.fullmatch(line.upper()):
        yield "error", "version", "WARC/1.0 or WARC/1.1", line, f"{line!r} is no version of the standard"


def _lines(record: StoredRecord) -> Iterator[Fault]:
    """The header's bytes (section 4): lines end in CRLF, are UTF-8, and hold a name, a colon and a value."""
    for line in record.raw_head.split(b"\n")[:-1]:
        shown = line.strip().decode("utf-8", "replace")
        if not line.endswith(b"\r"):
            yield "error", "header-line", "CRLF", "LF", f"the header line {shown!r} does not end in CRLF"
        if b":" not in line and line[:1] not in (b" ", b"\t", b"\r", b"") and line[:5].upper() != b"WARC/":
            yield "error", "header-line", "name: value", shown, f"the header line {shown!r} has no colon"
        if "\ufffd" in shown and "\ufffd".encode() not in line:
            yield "error", "header-encoding", "UTF-8", shown, f"the header line {shown!r} is not UTF-8"
        if not record.version.endswith("1.1") and _ENCODED_WORD.search(shown):
            yield (
                "warning",
                "header-encoding",
                "=?charset?Q?text?=",
                shown,
                "a header line holds half an encoded word (RFC 2047)",
            )


def _type(record: StoredRecord) -> Iterator[Fault]:
    if record.type and record.type not in _ALL:
        yield "warning", "type", ", ".join(sorted(_ALL)), record.type, f"records of type {record.type} are unknown"


def _field(record: StoredRecord, name: str, field: _Field) -> Iterator[Fault]:
    values, kind = record.headers.all(name), record.type
    if not values:
        if kind in field.needed or (field.needed == _ALL and kind not in _ALL):
            yield "error", "field-missing", name, "", f"{name} is missing: a {kind or 'WARC'} record must have it"
        return
    if len(values) > 1 and not field.repeated:
        yield "error", "field-repeated", "once", str(len(values)), f"{name} stands {len(values)} times"
    if kind in _ALL and kind not in field.types:
        yield "error", "field-misplaced", "", values[0], f"{name} has no place in a {kind} record"
    for value in values:
        if not value:
            yield "error", "field-empty", "a value", "", f"{name} is empty"
        elif fault := field.syntax(value):
            yield fault.severity, "field-syntax", fault.expected, value, f"{name} is {value!r} and not {fault.expected}"


def _content_type(record: StoredRecord) -> Iterator[Fault]:
    """Section 5.6: any block that is not empty should have one; section 6.2 wants one type of it for warcinfo."""
    found = record.content_type
    if found is None and record.headers.number("Content-Length") and record.type != "continuation":
        yield "warning", "content-type", "a media type", "", "Content-Type is missing"
    if found and record.type == "warcinfo" and found.split(";")[0].strip().lower() != "application/warc-fields":
        yield (
            "warning",
            "content-type",
            "application/warc-fields",
            found,
            f"a warcinfo record of type {found} is not read by others",
        )


def _segment(record: StoredRecord) -> Iterator[Fault]:
    """Section 5.17: the first segment has number 1 and is no continuation, every other is one and has a higher number."""
    number = record.headers.number("WARC-Segment-Number")
    if number is None:
        return
    if record.type == "continuation" and number < 2:
        yield "error", "segment-number", "2 or more", str(number), f"a continuation can't be segment {number}"
    if record.type != "continuation" and number != 1:
        yield "error", "segment-number", "1", str(number), f"a {record.type} record can't be segment {number}"


def _revisit(record: StoredRecord) -> Iterator[Fault]:
    """Section 6.7.2: the profile of identical payloads needs their digest; without an original no revisit is of use."""
    if record.type != "revisit":
        return
    headers = record.headers
    if "identical-payload-digest" in (headers.get("WARC-Profile") or "") and not headers.get("WARC-Payload-Digest"):
        yield "error", "revisit", "WARC-Payload-Digest", "", "a revisit of this profile must have WARC-Payload-Digest"
    if not headers.get("WARC-Refers-To") and not (
        headers.get("WARC-Refers-To-Target-URI") and headers.get("WARC-Refers-To-Date")
    ):
        yield "warning", "revisit", "WARC-Refers-To", "", "the revisit does not say which record it repeats"
