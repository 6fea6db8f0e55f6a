"""WARC files that nobody here wrote: sound ones are read whole, broken ones give findings with their place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.errors import RecordError
from archive.model import Capture, RecordEntry
from archive.proof.finding import Finding, of_error
from archive.warc import rules, values
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from tests.archive.samples import SHARED

FOLDER = SHARED / "vectors"
FILES = sorted(path for path in FOLDER.glob("*/*") if path.is_file())
BROKEN_NAMES = ("invalid-", "bad", "trunc", "wrong")
BROKEN = [path for path in FILES if any(word in path.name for word in BROKEN_NAMES)]
SOUND = [path for path in FILES if path not in BROKEN]
pytestmark = pytest.mark.skipif(not FILES, reason="the vectors are not here")


def findings(path: Path) -> list[Finding]:
    found: list[Finding] = []
    for one in read_records(path, name=path.name):
        found += [of_error(one, file=path.name)] if isinstance(one, RecordError) else rules.check(one)
    return found


def stored(path: Path) -> list[StoredRecord]:
    return [one for one in read_records(path, name=path.name) if isinstance(one, StoredRecord)]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.name)
def test_broken_files_have_findings(path: Path) -> None:
    """Each broken file has a finding beyond the age of its version, and each finding a place in the file."""
    found = findings(path)
    assert [finding for finding in found if finding.check != "version"]
    assert all(
        finding.file == path.name and 0 <= finding.offset <= path.stat().st_size and finding.message for finding in found
    )


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.name)
def test_sound_files_are_read_whole(path: Path) -> None:
    """No byte of a sound file is passed over, and warcio finds as many records."""
    found = list(read_records(path, name=path.name))
    assert [one for one in found if isinstance(one, RecordError)] == []
    assert sum(one.location.length for one in stored(path)) == path.stat().st_size
    with path.open("rb") as stream:
        assert len(found) == sum(1 for _ in ArchiveIterator(stream, no_record_parse=True))


@pytest.mark.parametrize("path", [path for path in SOUND if path.name.startswith("valid-")], ids=lambda path: path.name)
def test_valid_files_have_no_error(path: Path) -> None:
    """A file that calls itself valid breaks no rule; that its version was a draft is remarked."""
    assert {(finding.severity, finding.check) for finding in findings(path)} <= {("warning", "version")}


@pytest.mark.parametrize(
    ("name", "check", "count"),
    [
        ("jwat/invalid-warcfile-contenttype-recommended.warc", "content-type", 7),
        ("jwat/invalid-warcfile-contenttype-warcinfo-recommended.warc", "content-type", 1),
        ("jwat/invalid-warcfile-digest-fields.warc", "block-digest", 1),
        ("jwat/invalid-warcfile-digest-fields.warc", "field-syntax", 6),
        ("jwat/invalid-warcfile-duplicate-fields.warc", "field-repeated", 6),
        ("jwat/invalid-warcfile-encoding-headers.warc.gz", "header-encoding", 1),
        ("jwat/invalid-warcfile-fields-empty.warc", "field-empty", 9),
        ("jwat/invalid-warcfile-fields-invalidformat.warc", "field-syntax", 8),
        ("jwat/invalid-warcfile-fields-missing.warc", "field-empty", 19),
        ("jwat/invalid-warcfile-lonely-continuation.warc", "field-missing", 6),
        ("jwat/invalid-warcfile-lonely-revisit.warc", "field-missing", 5),
        ("jwat/invalid-warcfile-record-then-garbage.warc", "readable", 1),
        ("jwat/invalid-warcfile-segment-number-continuation.warc", "segment-number", 1),
        ("jwat/invalid-warcfile-segment-number-response.warc", "segment-number", 1),
        ("warcio/example-bad-non-chunked.warc.gz", "readable", 1),
        ("warcio/example-bad.warc.gz.bad", "readable", 1),
        ("warcio/example-trunc.warc", "block-digest", 1),
        ("warcio/example-wget-bad-target-uri.warc.gz", "field-syntax", 5),
        ("warcio/example-wrong-chunks.warc.gz", "readable", 3),
        ("warcio/example-digest.warc", "payload-digest", 1),
        ("warcio/example-iana.org-chunked.warc", "payload-digest", 1),
        ("warcio/example-space-in-target-uri.warc.gz", "field-syntax", 1),
    ],
)
def test_each_fault_is_named(name: str, check: str, count: int) -> None:
    """The fault that a file was made for is found by its rule, as often as it is there."""
    assert Counter(finding.check for finding in findings(FOLDER / name))[check] == count


def test_a_crawl_of_heritrix_is_a_list_of_captures() -> None:
    """822 records of another crawler give rows and captures, with what its metadata records say."""
    found = list(values.kept(stored(FOLDER / "heritrix" / "IAH-20080430204825-00000-blackbook.warc.gz")))
    captures = [value for value in found if isinstance(value, Capture)]
    assert sum(isinstance(value, RecordEntry) for value in found) == 822
    assert Counter(capture.type for capture in captures) == {"response": 299}
    assert all(capture.request_id and capture.metadata_id for capture in captures if capture.mime != "text/dns")
    assert any(capture.facts.via for capture in captures)
    assert captures[1].uri == "http://www.archive.org/robots.txt"
    assert (captures[1].status, captures[1].mime, captures[1].facts.hops) == (200, "text/plain", "P")
