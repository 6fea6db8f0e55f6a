"""The rules of the standard: each fault of a record has its finding, and what we write has none."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.errors import MalformedRecordError
from archive.model import Capture, Location, Resource, RunEnd, Uri, digest_of
from archive.proof.finding import Finding, of_error
from archive.warc import records, rules, syntax, values
from archive.warc.draft import new_record_id
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from tests.archive.samples import (
    AT,
    CHUNKED,
    ODD,
    PLAIN,
    RUN,
    capture_of,
    drafts_of,
    exchange,
    failure,
    sound,
    write,
)

HEADER = {
    "WARC-Type": "response",
    "WARC-Record-ID": "<urn:uuid:00000000-0000-4000-8000-000000000001>",
    "WARC-Date": "2027-01-15T09:30:00Z",
    "WARC-Target-URI": "http://a.example/",
    "Content-Type": "application/http; msgtype=response",
}


def record(
    tmp_path: Path, block: bytes = PLAIN, *, version: str = "WARC/1.1", more: str = "", **changes: str | None
) -> StoredRecord:
    """A record as it is read from a plain file; names are spelled with `_`, None takes a field away."""
    return fielded(
        tmp_path, {name.replace("_", "-"): value for name, value in changes.items()}, block, version=version, more=more
    )


def fielded(
    tmp_path: Path, changes: Mapping[str, str | None], block: bytes = PLAIN, *, version: str = "WARC/1.1", more: str = ""
) -> StoredRecord:
    """The same with the names as they are."""
    fields = {**HEADER, "Content-Length": str(len(block)), **changes}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    path = tmp_path / "x.warc"
    path.write_bytes(f"{version}\r\n{lines}{more}\r\n".encode("latin-1") + block + b"\r\n\r\n")
    found = next(read_records(path, name="x.warc"))
    assert isinstance(found, StoredRecord)
    return found


def checks(one: StoredRecord) -> list[tuple[str, str]]:
    return [(finding.severity, finding.check) for finding in rules.check(one)]


def test_a_sound_record_has_no_finding(tmp_path: Path) -> None:
    """The record that the other tests break is sound."""
    assert checks(record(tmp_path)) == []


def test_what_we_write_has_no_finding(tmp_path: Path) -> None:
    """Every kind of record that is written keeps every rule; only a server's wrong chunking is remarked."""
    original = capture_of(tmp_path / "o", exchange(CHUNKED))
    path, _ = write(
        tmp_path,
        *(drafts_of(exchange(response)) for response in ODD.values()),
        drafts_of(exchange(CHUNKED, began_at=AT + timedelta(1)), original=original),
        records.failure_drafts(failure(request=b"GET / HTTP/1.1\r\n\r\n"), chain_id=None),
        [records.resource_draft(Resource(uri=Uri("urn:x:1"), content_type="text/plain", content=b"", at=AT))],
        [records.note_draft(RunEnd(run_id=RUN, record_id=new_record_id(), date=AT, reason="finished", counts={}))],
    )
    found = [finding for one in sound(path) for finding in rules.check(one)]
    assert {finding.check for finding in found} == {"chunking"}
    assert len(found) == 2
    assert all(finding.severity == "warning" for finding in found)


def test_a_finding_has_its_place(tmp_path: Path) -> None:
    """File, offset, both sides and a sentence stand in a finding."""
    (finding,) = rules.check(record(tmp_path, WARC_Date="blue monday"))
    assert finding == Finding(
        severity="error",
        check="field-syntax",
        file="x.warc",
        offset=0,
        expected="a date like 2016-01-11T23:24:25.412030Z",
        found="blue monday",
        message="WARC-Date is 'blue monday' and not a date like 2016-01-11T23:24:25.412030Z",
    )


def test_an_unreadable_place_is_a_finding(tmp_path: Path) -> None:
    """An error of the reader becomes a finding with the same place."""
    finding = of_error(MalformedRecordError(tmp_path, 7, "it is broken"), file="archive/x.warc.gz")
    assert (finding.severity, finding.file, finding.offset, finding.message) == (
        "error",
        "archive/x.warc.gz",
        7,
        "it is broken",
    )


@pytest.mark.parametrize("name", ["WARC-Record-ID", "WARC-Type", "WARC-Date", "Content-Length", "WARC-Target-URI"])
def test_missing_fields(tmp_path: Path, name: str) -> None:
    """A field that a record must have is missed; without a type nobody knows what else it must have."""
    found = [finding for finding in rules.check(fielded(tmp_path, {name: None})) if finding.check == "field-missing"]
    assert [finding.expected for finding in found] == [name]


@pytest.mark.parametrize("name", [*HEADER, "WARC-IP-Address", "WARC-Block-Digest", "WARC-Truncated"])
def test_empty_fields(tmp_path: Path, name: str) -> None:
    """A field without a value is an error."""
    assert ("error", "field-empty") in checks(fielded(tmp_path, {name: ""}))


@pytest.mark.parametrize("name", [*HEADER, "WARC-IP-Address"])
def test_repeated_fields(tmp_path: Path, name: str) -> None:
    """A field that stands once by the standard may not stand twice."""
    value = HEADER.get(name, "192.0.2.1")
    assert checks(fielded(tmp_path, {name: value}, more=f"{name}: {value}\r\n")) == [("error", "field-repeated")]


def test_fields_that_may_be_repeated(tmp_path: Path) -> None:
    """WARC-Concurrent-To and fields that the standard does not define may stand often."""
    twice = [
        "WARC-Concurrent-To: <urn:x:1>",
        "WARC-Concurrent-To: <urn:x:2>",
        "WARC-Protocol: a",
        "WARC-Protocol: b",
        "X: 1",
        "x: 2",
    ]
    assert checks(record(tmp_path, more="".join(f"{line}\r\n" for line in twice))) == []


@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("WARC-Record-ID", "urn:uuid:1", "warning"),
        ("WARC-Record-ID", "<zaphod>", "error"),
        ("WARC-Concurrent-To", "<a b:c>", "error"),
        ("WARC-Warcinfo-ID", "x", "error"),
        ("WARC-Date", "20270115093000", "error"),
        ("WARC-Target-URI", "bad_uri", "error"),
        ("WARC-Target-URI", "<http://a.example/>", "warning"),
        ("WARC-Target-URI", "http://a.example/a b", "warning"),
        ("WARC-IP-Address", "a.b.c.d", "error"),
        ("WARC-IP-Address", "300.1.1.1", "error"),
        ("WARC-Block-Digest", "sharif-1; omar", "error"),
        ("WARC-Block-Digest", "monkeypowah!", "error"),
        ("Content-Type", "gif\\image", "error"),
        ("WARC-Identified-Payload-Type", "html", "error"),
        ("WARC-Segment-Number", "one", "error"),
        ("WARC-Truncated", "bored", "warning"),
    ],
)
def test_wrong_spellings(tmp_path: Path, name: str, value: str, severity: str) -> None:
    """A value that is not spelled as its field asks is a finding."""
    assert (severity, "field-syntax") in checks(fielded(tmp_path, {name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WARC-IP-Address", "2001:db8::1"),
        ("WARC-Date", "2027-01-15t09:30:00z"),
        ("WARC-Date", "2027"),
        ("WARC-Target-URI", "dns:a.example"),
        ("WARC-Target-URI", "http://a.example/?q={x}|^`"),
        ("WARC-Truncated", "length"),
        ("WARC-Concurrent-To", "<URN:UUID:1>"),
        ("WARC-Segment-Number", "1"),
        ("WARC-Identified-Payload-Type", "text/html; charset=x"),
    ],
)
def test_right_spellings(tmp_path: Path, name: str, value: str) -> None:
    """What the standard allows has no finding."""
    assert checks(fielded(tmp_path, {name: value})) == []


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("warcinfo", "WARC-Target-URI", "http://a.example/"),
        ("warcinfo", "WARC-Concurrent-To", "<urn:x:1>"),
        ("warcinfo", "WARC-Warcinfo-ID", "<urn:x:1>"),
        ("response", "WARC-Refers-To", "<urn:x:1>"),
        ("response", "WARC-Filename", "x"),
        ("response", "WARC-Profile", "urn:x:1"),
        ("response", "WARC-Segment-Origin-ID", "<urn:x:1>"),
        ("request", "WARC-Refers-To", "<urn:x:1>"),
        ("conversion", "WARC-IP-Address", "192.0.2.1"),
        ("conversion", "WARC-Concurrent-To", "<urn:x:1>"),
        ("continuation", "WARC-Refers-To", "<urn:x:1>"),
        ("metadata", "WARC-Refers-To-Date", "2027"),
    ],
)
def test_fields_in_the_wrong_place(tmp_path: Path, kind: str, name: str, value: str) -> None:
    """A field that a type may not have is an error."""
    one = fielded(tmp_path, {"WARC-Type": kind, "Content-Type": "application/warc-fields", name: value}, b"x")
    assert ("error", "field-misplaced") in checks(one)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("revisit", "WARC-Profile"),
        ("revisit", "WARC-Target-URI"),
        ("resource", "WARC-Target-URI"),
        ("conversion", "WARC-Target-URI"),
        ("continuation", "WARC-Segment-Number"),
        ("continuation", "WARC-Segment-Origin-ID"),
    ],
)
def test_what_a_type_needs(tmp_path: Path, kind: str, name: str) -> None:
    """A field that a type must have is missed."""
    found = rules.check(fielded(tmp_path, {"WARC-Type": kind, "Content-Type": "text/plain", "WARC-Target-URI": None}, b"x"))
    assert name in [finding.expected for finding in found if finding.check == "field-missing"]


@pytest.mark.parametrize(
    ("kind", "number", "right"),
    [("response", "1", True), ("response", "2", False), ("continuation", "1", False), ("continuation", "2", True)],
)
def test_segment_numbers(tmp_path: Path, kind: str, number: str, right: bool) -> None:
    """Only a continuation is a later segment, and it is never the first."""
    one = fielded(tmp_path, {"WARC-Type": kind, "WARC-Segment-Number": number})
    assert (("error", "segment-number") in checks(one)) != right


def test_payloads_that_are_none(tmp_path: Path) -> None:
    """Metadata and warcinfo have no payload, so no digest of one."""
    fields: dict[str, str | None] = {
        "WARC-Type": "metadata",
        "Content-Type": "text/plain",
        "WARC-Payload-Digest": digest_of(b"x"),
    }
    assert checks(fielded(tmp_path, fields, b"x")) == [("error", "field-misplaced")]


def test_a_revisit_says_what_it_repeats(tmp_path: Path) -> None:
    """A revisit needs its payload's digest by its profile, and is of use only when its original can be found."""
    same = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    bare: dict[str, str | None] = {"WARC-Type": "revisit", "WARC-Profile": same}
    assert checks(fielded(tmp_path, bare)) == [("error", "revisit"), ("warning", "revisit")]
    assert checks(fielded(tmp_path, {**bare, "WARC-Payload-Digest": digest_of(b"x"), "WARC-Refers-To": "<urn:x:1>"})) == []
    place: dict[str, str | None] = {"WARC-Refers-To-Target-URI": "http://a.example/", "WARC-Refers-To-Date": "2027"}
    assert checks(fielded(tmp_path, {**bare, "WARC-Payload-Digest": digest_of(b"x"), **place})) == []


def test_unknown_types_are_doubtful(tmp_path: Path) -> None:
    """A type that nobody knows is a warning."""
    assert checks(fielded(tmp_path, {"WARC-Type": "monkeys", "Content-Type": "text/plain"}, b"x")) == [("warning", "type")]


def test_content_types(tmp_path: Path) -> None:
    """A block should have a type, an empty one needs none, and warcinfo has one of its own."""
    assert checks(record(tmp_path, b"x", Content_Type=None)) == [("warning", "content-type")]
    assert checks(record(tmp_path, b"", Content_Type=None)) == []
    info = fielded(tmp_path, {"WARC-Type": "warcinfo", "WARC-Target-URI": None, "Content-Type": "application/octet"}, b"x")
    assert checks(info) == [("warning", "content-type")]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("WARC/1.0", []),
        ("warc/1.1", []),
        ("WARC/0.17", [("warning", "version")]),
        ("WARC/0.18", [("warning", "version")]),
        ("WARC/1.05", [("error", "version")]),
    ],
)
def test_versions(tmp_path: Path, version: str, expected: list[tuple[str, str]]) -> None:
    """1.0 and 1.1 are standards, 0.17 and 0.18 were drafts, others are none."""
    assert checks(record(tmp_path, version=version)) == expected


def raw(tmp_path: Path, old: bytes, new: bytes) -> StoredRecord:
    path = tmp_path / "x.warc"
    record(tmp_path)
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    found = next(read_records(path, name="x.warc"))
    assert isinstance(found, StoredRecord)
    return found


def test_header_lines(tmp_path: Path) -> None:
    """Lines end in CRLF, have a colon, and are UTF-8."""
    assert checks(raw(tmp_path, b"WARC-Type: response\r\n", b"WARC-Type: response\n")) == [("error", "header-line")]
    assert checks(raw(tmp_path, b"WARC-Type", b"nonsense\r\nWARC-Type")) == [("error", "header-line")]
    assert checks(raw(tmp_path, b"WARC-Type", b"X: caf\xe9\r\nWARC-Type")) == [("error", "header-encoding")]
    assert checks(raw(tmp_path, b"WARC-Type", "X: café \ufffd\r\n folded\r\nWARC-Type".encode())) == []


def test_half_an_encoded_word(tmp_path: Path) -> None:
    """WARC 1.0 headers may hold encoded words of mail; half of one is doubtful."""
    assert checks(record(tmp_path, version="WARC/1.0", WARC_Target_URI="http://a.example/=?o?Q?x")) == [
        ("warning", "header-encoding")
    ]
    assert checks(record(tmp_path, version="WARC/1.0", WARC_Target_URI="http://a.example/=?o?Q?x?=")) == []
    assert checks(record(tmp_path, WARC_Target_URI="http://a.example/=?o?Q?x")) == []


def spellings(data: bytes) -> list[str]:
    sha1, sha256 = hashlib.sha1(data).digest(), hashlib.sha256(data)
    return [
        "sha1:" + base64.b32encode(sha1).decode(),
        "sha1:" + base64.b32encode(sha1).decode().lower(),
        "sha1:" + sha1.hex(),
        "SHA1:" + base64.b64encode(sha1).decode(),
        "sha-1:" + base64.urlsafe_b64encode(sha1).decode().rstrip("="),
        "sha256:" + sha256.hexdigest(),
        "sha-256:" + sha256.hexdigest().upper(),
        "sha256:" + base64.b32encode(sha256.digest()).decode(),
        "md5:" + hashlib.md5(data).hexdigest(),
        "sha512:" + hashlib.sha512(data).hexdigest(),
        "SHA3-256:" + hashlib.sha3_256(data).hexdigest(),
        "blake2b:" + hashlib.blake2b(data).hexdigest(),
    ]


@pytest.mark.parametrize("index", range(12))
def test_digests_in_every_spelling(tmp_path: Path, index: int) -> None:
    """A digest is right in any spelling of any algorithm, and wrong when it is of other bytes."""
    assert (
        checks(record(tmp_path, WARC_Block_Digest=spellings(PLAIN)[index], WARC_Payload_Digest=spellings(b"hello")[index]))
        == []
    )
    wrong = record(tmp_path, WARC_Block_Digest=spellings(b"x")[index], WARC_Payload_Digest=spellings(b"x")[index])
    assert checks(wrong) == [("error", "block-digest"), ("error", "payload-digest")]


def test_a_digest_that_cannot_be_checked(tmp_path: Path) -> None:
    """An algorithm that nobody knows is a warning, not silence."""
    assert checks(record(tmp_path, WARC_Block_Digest="crc:abcd", WARC_Payload_Digest="crc:abcd")) == [
        ("warning", "block-digest"),
        ("warning", "payload-digest"),
    ]


def test_a_payload_digest_over_the_chunked_bytes(tmp_path: Path) -> None:
    """The habit of other writers is a warning; the right digest has none."""
    body = CHUNKED.partition(b"\r\n\r\n")[2]
    assert checks(record(tmp_path, CHUNKED, WARC_Payload_Digest=digest_of(body))) == [("warning", "payload-digest")]
    assert checks(record(tmp_path, CHUNKED, WARC_Payload_Digest=digest_of(b"hello"))) == []


def test_digests_that_are_of_something_else(tmp_path: Path) -> None:
    """A revisit's and a segment's payload is not in the record: its digest can't be wrong here."""
    wrong = digest_of(b"elsewhere")
    assert checks(record(tmp_path, WARC_Segment_Number="1", WARC_Payload_Digest=wrong)) == []
    assert (
        checks(
            record(tmp_path, WARC_Type="revisit", WARC_Profile="urn:x:1", WARC_Refers_To="<urn:x:2>", WARC_Payload_Digest=wrong)
        )
        == []
    )


def test_http_blocks(tmp_path: Path) -> None:
    """A block of HTTP's type is an HTTP message; a revisit's may be empty; wrong chunking is remarked, cut is not."""
    wrong = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone"
    assert checks(record(tmp_path, b"no message")) == [("error", "http")]
    assert checks(record(tmp_path, b"ICY twohundred\r\n\r\n")) == [("warning", "http")]
    assert checks(record(tmp_path, b"", WARC_Type="revisit", WARC_Profile="urn:x:1", WARC_Refers_To="<urn:x:2>")) == []
    assert checks(record(tmp_path, wrong)) == [("warning", "chunking")]
    assert checks(record(tmp_path, wrong, WARC_Truncated="length")) == []


def test_notes(tmp_path: Path) -> None:
    """A note of ours that can't be read is an error."""
    fields: dict[str, str | None] = {"WARC-Type": "metadata", "Content-Type": "application/json"}
    assert checks(fielded(tmp_path, fields, b'{"type": "attempt"}')) == [("error", "note")]
    assert checks(fielded(tmp_path, fields, b'{"type": "theirs"}')) == []


def test_a_capture_whose_metadata_lies(tmp_path: Path) -> None:
    """The digests and the size in the metadata record are held against the bytes; a revisit has none here."""
    path, _ = write(tmp_path, drafts_of(exchange(CHUNKED)))
    response = sound(path)[1]
    (capture,) = (value for value in values.kept(sound(path)) if isinstance(value, Capture))
    assert list(rules.check_capture(capture, response)) == []
    lying = replace(capture, payload_digest=digest_of(b"x"), body_digest=digest_of(b"x"), entity_size=1)
    found = list(rules.check_capture(lying, response))
    assert [(finding.check, finding.offset) for finding in found] == [("metadata-digest", response.location.offset)] * 3
    assert list(rules.check_capture(replace(lying, type="revisit"), response)) == []


def test_a_rule_that_has_no_place_is_no_rule() -> None:
    """Fields of free text have no spelling to break."""
    assert syntax.anything("whatever") is None
    assert Location(file="x", offset=0, length=1) < Location(file="x", offset=1, length=1)
