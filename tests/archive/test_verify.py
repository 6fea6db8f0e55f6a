"""archive.proof.verify: what was done to a collection is found, with file and offset, and nothing is found in a good one."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.errors import NotACollectionError
from archive.layout import Layout
from archive.model import RecordEntry
from archive.proof.finding import Finding
from archive.proof.verify import Verification, verify_file
from tests.archive import living
from tests.archive.samples import CHUNKED, failure

FLIPS = 400
"""How many bytes of each file are changed, spread over all of it; the proof of every single bit needs a ledger."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed collection with one of everything; its large page is left out to keep the flips quick."""
    path = tmp_path_factory.mktemp("verify") / "good"
    with living.running(path) as collection:
        captures = [collection.append(living.page(n, living.answer(b"page %d" % n))).result() for n in (1, 2, 3)]
        collection.append(living.page(1, living.answer(b"page 1"))).result()
        collection.append(living.page(9, CHUNKED, chain=living.CHAIN)).result()
        collection.append_resource(living.resource()).result()
        failed = collection.append_failure(failure(at=living.CLOCK())).result()
        living.conclude(collection, captures[0], failed)
    return path


@pytest.fixture
def copy(good: Path, tmp_path: Path) -> Path:
    """A copy of it to be harmed."""
    return Path(shutil.copytree(good, tmp_path / "copy"))


def warc(path: Path, folder: str = "archive") -> Path:
    (file,) = (path / folder).glob("*.warc.gz")
    return file


def members(path: Path, folder: str = "archive") -> list[bytes]:
    """The gzip members of a file, by the index."""
    data = warc(path, folder).read_bytes()
    found = [e.location for e in living.indexed(path, RecordEntry) if e.location.file.startswith(folder)]
    return [data[place.offset : place.offset + place.length] for place in found]


def errors(path: Path) -> list[Finding]:
    return [finding for finding in living.findings(path) if finding.severity == "error"]


def test_nothing_is_found_in_a_good_collection(good: Path) -> None:
    """A sealed collection gives no finding, and every file and record of it was read."""
    verification = Verification(Layout(good), progress=lambda _: None)
    assert list(verification.findings()) == []
    assert verification.files == 2
    assert verification.records == len(living.indexed(good, RecordEntry))
    assert verification.size == sum(warc(good, folder).stat().st_size for folder in ("archive", "derived"))


def test_a_folder_that_is_no_collection_is_said_to_be_that(tmp_path: Path) -> None:
    """Without collection.yml there is nothing to verify, and that is an error and not an empty list."""
    with pytest.raises(NotACollectionError, match=r"collection\.yml"):
        living.findings(tmp_path)


@pytest.mark.parametrize("folder", ["archive", "derived"])
def test_a_changed_byte_is_found(good: Path, tmp_path: Path, folder: str) -> None:
    """A byte that is changed anywhere in a WARC file is found, unless its member still inflates to the very same record."""
    file = warc(good, folder)
    data = bytearray(file.read_bytes())
    harmed = tmp_path / file.name
    plain = gzip.decompress(bytes(data))
    missed = []
    for at in range(0, len(data), max(1, len(data) // FLIPS)):
        data[at] ^= 0x10
        harmed.write_bytes(data)
        if not list(verify_file(harmed)):
            missed.append((at, _inflates_to(bytes(data), plain)))
        data[at] ^= 0x10
    assert [at for at, same in missed if not same] == []


def _inflates_to(data: bytes, plain: bytes) -> bool:
    try:
        return gzip.decompress(data) == plain
    except (OSError, EOFError):
        return False


@pytest.mark.parametrize("folder", ["archive", "derived"])
def test_a_cut_file_is_found_at_the_place_of_the_cut(good: Path, tmp_path: Path, folder: str) -> None:
    """A file that ends inside a member gives an error at the offset where that member begins, wherever it is cut."""
    file = warc(good, folder)
    data = file.read_bytes()
    starts = [e.location.offset for e in living.indexed(good, RecordEntry) if e.location.file.startswith(folder)]
    harmed = tmp_path / file.name
    for end in range(1, len(data), max(1, len(data) // FLIPS)):
        harmed.write_bytes(data[:end])
        found = [finding for finding in verify_file(harmed) if finding.severity == "error"]
        expected = max(start for start in starts if start < end)
        whole = end in starts
        assert whole or [finding.offset for finding in found] == [expected], end


def test_a_file_that_ends_between_two_records_lacks_what_the_indexes_list(copy: Path) -> None:
    """Cut at a border a WARC file is sound in itself; the index, the CDXJ and the references say what is gone."""
    file = warc(copy)
    file.write_bytes(b"".join(members(copy)[:-6]))
    assert {finding.check for finding in errors(copy)} >= {"index", "cdxj", "reference"}


Harm = Callable[[list[bytes]], list[bytes]]


@pytest.mark.parametrize(
    ("harm", "check"),
    [
        (lambda m: m[:3] + m[4:], "index"),
        (lambda m: [*m, m[4]], "unique-id"),
        (lambda m: [*m[:2], m[3], m[2], *m[4:]], "index"),
        (lambda m: [*m[:4], b"".join(m[4:6]), *m[6:-1], gzip.compress(gzip.decompress(m[-1]) * 2)], "readable"),
        (lambda m: [*m[:4], b"garbage between", *m[4:]], "readable"),
        (lambda m: [*m, b"\0" * 512], "readable"),
    ],
    ids=["removed", "duplicated", "swapped", "two in one member", "garbage between", "zeros at the end"],
)
def test_records_that_were_moved_are_found(copy: Path, harm: Harm, check: str) -> None:
    """A record that is taken out, put in again, or out of its place is found, each in its own words."""
    file = warc(copy)
    file.write_bytes(b"".join(harm(members(copy))))
    found = errors(copy)
    assert check in {finding.check for finding in found}
    assert all(finding.message for finding in found)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE capture SET status = 404 WHERE status = 200",
        "UPDATE citation SET sentence = sentence || '!'",
        "DELETE FROM attempt",
        "DELETE FROM record WHERE type = 'warcinfo'",
        "UPDATE link SET href = 'x'",
        "UPDATE run SET operator = 'nobody'",
        "UPDATE text SET digest = 'sha256:0'",
        "DELETE FROM text",
        "UPDATE wording SET text = text || '!'",
        "UPDATE wording SET text = digest",
        "UPDATE wording SET spaced = 'other words'",
        "DELETE FROM wording",
        "INSERT INTO words (words, rowid, searched) SELECT 'delete', id, searched FROM wording",
        "INSERT INTO words (rowid, searched) VALUES (99, 'nobody has said it')",
        "INSERT INTO failure SELECT 'urn:uuid:0', uri, date, run_id, outcome, reason, error, request_id, chain_id, role, via, "
        "hops, tries, robots, addresses, proxied, certificate FROM failure",
    ],
)
def test_an_edited_index_is_found(copy: Path, statement: str) -> None:
    """Any row of index.sqlite that was changed, taken away or added is a finding that names index.sqlite."""
    with sqlite3.connect(copy / "index.sqlite") as connection:
        connection.execute(statement)
    connection.close()
    found = errors(copy)
    assert found
    assert {(finding.check, finding.file) for finding in found} == {("index", "index.sqlite")}


@pytest.mark.parametrize(
    "harm",
    [
        lambda lines: lines[1:],
        lambda lines: [*lines, lines[-1]],
        lambda lines: lines[::-1],
        lambda lines: [lines[0].replace(b'"offset": ', b'"offset": 1'), *lines[1:]],
        lambda lines: [*lines[:-1], lines[-1][:-9]],
    ],
    ids=["missing", "twice", "unsorted", "changed", "torn"],
)
def test_an_edited_cdxj_is_found(copy: Path, harm: Harm) -> None:
    """A line of index.cdxj that is gone, too many, moved, changed or torn is found."""
    path = Layout(copy).cdxj
    path.write_bytes(b"".join(harm(path.read_bytes().splitlines(keepends=True))))
    assert {finding.check for finding in errors(copy)} == {"cdxj"}


@pytest.mark.parametrize("name", ["index.sqlite", "indexes/index.cdxj"])
def test_a_missing_or_foreign_index_is_found(copy: Path, name: str) -> None:
    """An index that is not there, or is some other file, is one finding that names it."""
    (copy / name).unlink()
    assert [finding.file for finding in errors(copy)] == [name]
    (copy / name).write_bytes(b"something else\n" * 400)
    assert name in {finding.file for finding in errors(copy)}


def test_strangers_and_open_files_are_named(copy: Path) -> None:
    """A file that no run has sealed is an error, one that does not belong a warning."""
    (copy / "archive" / "x.warc.gz.open").write_bytes(b"")
    (copy / "derived" / "notes.txt").write_text("mine")
    found = {(finding.severity, finding.file) for finding in living.findings(copy)}
    assert found == {("error", "archive/x.warc.gz.open"), ("warning", "derived/notes.txt")}


def test_a_removed_file_is_found(copy: Path) -> None:
    """A WARC file that is gone leaves rows without records and references that lead nowhere."""
    warc(copy, "archive").unlink()
    assert {finding.check for finding in errors(copy)} >= {"index", "cdxj", "reference"}
