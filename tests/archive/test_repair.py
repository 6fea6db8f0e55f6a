"""Mending what a run left that was cut off: at every byte, at every step, and without a record's id or byte changing."""

from __future__ import annotations

import contextlib
import gzip
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.errors import CollectionFullError, CollectionLockedError, NotACollectionError
from archive.layout import Layout
from archive.model import Capture, KeptFailure
from archive.proof.verify import verify_file
from archive.repair import Mended, repair
from archive.warc import fields, values
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from tests.archive import living
from tests.archive.living import CLOCK, answer, cut_off, fill, findings, indexed, names, opened, page, running, small_disk
from tests.archive.samples import CHUNKED, failure

RESPONSES = frozenset({"response", "revisit"})


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A collection as a kill left it. `records` are those of its one open file in `folder`, in order; `last` is the offset
    of the last exchange or conclusion."""

    root: Path
    folder: str
    records: tuple[StoredRecord, ...]
    last: int

    @property
    def open_file(self) -> Path:
        """The file that was not sealed."""
        (path,) = (self.root / self.folder).glob("*.open")
        return path

    def whole_before(self, size: int) -> list[StoredRecord]:
        """The records that lie before a byte."""
        return [one for one in self.records if one.location.offset + one.location.length <= size]


def records_of(path: Path) -> list[StoredRecord]:
    """The records of a file without any fault."""
    found = list(read_records(path, name=f"{path.parent.name}/{path.name}"))
    assert [one for one in found if not isinstance(one, StoredRecord)] == []
    return [one for one in found if isinstance(one, StoredRecord)]


def cut_at_the_end_of(root: Path, folder: str, number: int) -> Cut:
    """The collection at `root`, whose last exchange in `folder` is `number` records."""
    (path,) = (root / folder).glob("*.open")
    records = records_of(path)
    return Cut(root=root, folder=folder, records=tuple(records), last=records[-number].location.offset)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    """A run that was killed after a failure and a chunked answer."""
    folder = tmp_path_factory.mktemp("left")
    collection = opened(folder / "living", sync_within=100)
    collection.append_failure(failure(at=CLOCK())).result()
    collection.append(page(2, CHUNKED)).result()
    root = cut_off(collection, folder / "cut")
    collection.seal(reason="finished", counts={})
    return cut_at_the_end_of(root, "archive", 3)


@pytest.fixture(scope="module")
def left_with_revisit(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    """A run that was killed after a chunked answer and the same answer again."""
    folder = tmp_path_factory.mktemp("revisit")
    collection = opened(folder / "living", sync_within=100)
    for _ in range(2):
        collection.append(page(2, CHUNKED)).result()
    root = cut_off(collection, folder / "cut")
    collection.seal(reason="finished", counts={})
    return cut_at_the_end_of(root, "archive", 3)


@pytest.fixture(scope="module")
def concluded(tmp_path_factory: pytest.TempPathFactory) -> Cut:
    """A run that was killed after a text and what was concluded from it."""
    folder = tmp_path_factory.mktemp("concluded")
    collection = opened(folder / "living", sync_within=100)
    fill(collection)
    root = cut_off(collection, folder / "cut")
    collection.seal(reason="finished", counts={})
    return cut_at_the_end_of(root, "derived", 9)


def many_cuts(cut: Cut, to: Path, sizes: list[int]) -> dict[int, Path]:
    """One collection with an open file for each size to which the file of `cut` is cut; where each file will be when mended.

    They share their record ids, which matters to nothing that is looked at here, and are mended in one go.
    """
    data = cut.open_file.read_bytes()
    layout = Layout(to)
    layout.make(title="cut at many bytes")
    places = {}
    for size in sizes:
        path = to / cut.folder / f"cut-{size:08}.warc.gz.open"
        path.write_bytes(data[:size])
        places[size] = path.with_suffix("")
    return places


def mended(cut: Cut, size: int, to: Path) -> Path:
    """A copy of a collection, its open file cut to `size` bytes, mended; the mended file."""
    shutil.copytree(cut.root, to)
    path = to / cut.folder / cut.open_file.name
    path.write_bytes(path.read_bytes()[:size])
    repair(Layout(to), clock=CLOCK)
    return path.with_suffix("")


# Every byte


def check(cut: Cut, size: int, path: Path) -> None:
    """One mended file against the file that it was cut from."""
    whole = cut.whole_before(size)
    if [one.type for one in whole] in ([], ["warcinfo"]):
        assert not path.exists()
        return
    found = records_of(path)
    end = sum((whole[-1].location.offset, whole[-1].location.length))
    first, kept, added = found[0], found[1 : 1 + len(whole)], found[1 + len(whole) :]
    assert [one.record_id for one in kept] == [one.record_id for one in whole]
    start = kept[0].location.offset
    assert path.read_bytes()[start : start + end] == cut.open_file.read_bytes()[:end]
    assert first.type == "warcinfo"
    described = fields.parse(first.block.read()).get("description") or ""
    assert re.fullmatch(
        rf"mended at 2026-\S+: {len(whole)} records were whole, {size - end} bytes at the end were not", described
    )
    assert {one.run_id for one in found} == {cut.records[0].run_id}
    captures = [one for one in values.kept(found) if isinstance(one, Capture) and one.type in RESPONSES]
    assert [one.record_id for one in captures] == [one.record_id for one in whole if one.type in RESPONSES]
    assert all(one.metadata_id for one in captures)
    torn = [one for one in captures if one.metadata_id not in {each.record_id for each in whole}]
    assert len(torn) == len(added) <= 1


def check_all(cut: Cut, to: Path, sizes: list[int]) -> None:
    """Mend many cuts of a file, and look at each."""
    places = many_cuts(cut, to, sizes)
    done = {one.file: one for one in repair(Layout(to), clock=CLOCK)}
    for size, path in places.items():
        check(cut, size, path)
        whole = cut.whole_before(size)
        end = sum((whole[-1].location.offset, whole[-1].location.length)) if whole else 0
        records = len(whole) if len(whole) > 1 else 0
        name = f"{cut.folder}/{path.name}"
        assert done[name] == Mended(file=name, records=records, dropped=size - end)
        if path.exists():
            assert gzip.decompress(path.read_bytes())
    files = [path for path in places.values() if path.exists()]
    assert subprocess.run(["gzip", "-t", *files], capture_output=True, check=False).stderr == b""
    assert [finding for path in files[:: len(files) // 25 or 1] for finding in verify_file(path)] == []
    assert names(to, cut.folder) == sorted(path.name for path in files)


def test_every_byte_of_the_last_exchange(left: Cut, tmp_path: Path) -> None:
    """Wherever the last exchange is torn, the whole records before stay as they are, and nothing torn is left."""
    check_all(left, tmp_path / "c", list(range(left.last, left.open_file.stat().st_size + 1)))


def test_every_byte_of_a_revisit(left_with_revisit: Cut, tmp_path: Path) -> None:
    """The same where the last exchange is a revisit: at every byte of it, the metadata record as a sample."""
    at = left_with_revisit.records[-1].location
    sizes = [*range(left_with_revisit.last, at.offset), *range(at.offset, at.offset + at.length, 7)]
    check_all(left_with_revisit, tmp_path / "c", sizes)


def test_every_byte_of_the_last_conclusions(concluded: Cut, tmp_path: Path) -> None:
    """The same in derived/, where a text comes before its extraction."""
    size = concluded.open_file.stat().st_size
    near = {end + by for one in concluded.records for by in (-1, 0, 1) for end in [one.location.offset]}
    check_all(concluded, tmp_path / "c", sorted({*range(concluded.last, size + 1, 7), *near} - {-1}))


def test_a_sample_of_bytes_elsewhere(left: Cut, tmp_path: Path) -> None:
    """The same from the very first byte on: an empty file and one that holds its warcinfo only are gone."""
    borders = {one.location.offset + by for one in left.records for by in (-1, 0, 1)} - {-1}
    check_all(left, tmp_path / "c", sorted({*range(0, left.last, 23), *borders}))


# One cut at a time, indexes and all


PLACES = ("after the response", "in the request", "after the request", "in the metadata", "after the metadata")


def size_at(cut: Cut, place: str) -> int:
    """A byte of the last exchange."""
    which, kind = place.split(" the ")
    at = [one for one in cut.records if one.location.offset >= cut.last]
    one = {"response": at[0], "request": at[1], "metadata": at[2]}[kind].location
    return one.offset + (one.length if which == "after" else one.length // 2)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["response", "revisit"])
def test_a_mended_collection_is_whole(left: Cut, left_with_revisit: Cut, tmp_path: Path, kind: str, place: str) -> None:
    """Wherever it was cut: verification finds nothing, and both indexes are those that the files give."""
    cut = left if kind == "response" else left_with_revisit
    mended(cut, size_at(cut, place), tmp_path / "c")
    assert findings(tmp_path / "c") == []
    assert [c.type for c in indexed(tmp_path / "c")][-1] == kind
    assert len(indexed(tmp_path / "c", KeptFailure)) == (kind == "response")


@pytest.mark.parametrize("place", PLACES[:-1])
def test_a_response_without_metadata_is_kept(left: Cut, tmp_path: Path, place: str) -> None:
    """It gets a metadata record that says what happened, with the digests of its bytes and nothing that nobody knows."""
    path = mended(left, size_at(left, place), tmp_path / "c")
    *_, response, added = (one for one in records_of(path) if one.type != "request")
    noted = fields.parse(added.block.read())
    assert noted.get("description") == "the run was cut off before this record was written"
    assert added.concurrent_to == (response.record_id,)
    assert added.headers.get("WARC-Warcinfo-ID") == response.headers.get("WARC-Warcinfo-ID")
    assert added.date == response.date
    assert response.block.read() == CHUNKED
    measured = response.measured()
    assert (noted.get("payloadDigest"), noted.get("bodyDigest")) == (measured.payload, measured.body)
    assert noted.number("entitySize") == 5
    assert {name for name, _ in noted.pairs} == {"method", "payloadDigest", "entitySize", "bodyDigest", "description"}


def test_a_revisit_without_metadata_claims_no_body(left_with_revisit: Cut, tmp_path: Path) -> None:
    """What its record says of the payload is said again; the size and digest of a body that is not here are not made up."""
    path = mended(left_with_revisit, size_at(left_with_revisit, "after the response"), tmp_path / "c")
    *_, revisit, added = records_of(path)
    noted = fields.parse(added.block.read())
    assert revisit.type == "revisit"
    assert noted.get("payloadDigest") == revisit.headers.get("WARC-Payload-Digest")
    assert (noted.get("bodyDigest"), noted.get("entitySize")) == (None, None)


def test_what_was_whole_stays_equal(left: Cut, tmp_path: Path) -> None:
    """A file that was cut behind its last exchange gives the captures of before, at other places, with nothing added."""
    before = [one for one in values.kept(left.records) if isinstance(one, Capture)]
    path = mended(left, left.open_file.stat().st_size, tmp_path / "c")
    after = [one for one in values.kept(records_of(path)) if isinstance(one, Capture)]
    moved = records_of(path)[0].location.length
    assert [(c.record_id, c.location.offset, c.payload_digest, c.facts) for c in after] == [
        (c.record_id, c.location.offset + moved, c.payload_digest, c.facts) for c in before
    ]


def test_runs_go_on_after_a_mending(left: Cut, tmp_path: Path) -> None:
    """The next run mends by itself, and finds what was mended: the same body is a revisit of it."""
    shutil.copytree(left.root, tmp_path / "c")
    with running(tmp_path / "c") as collection:
        again = collection.append(page(2, CHUNKED)).result()
    assert again.type == "revisit"
    assert again.refers_to in {one.record_id for one in left.records}
    assert not [name for folder in ("archive", "derived") for name in names(tmp_path / "c", folder) if not name.endswith(".gz")]
    assert findings(tmp_path / "c") == []


def test_a_large_answer_is_mended_in_pieces(tmp_path: Path) -> None:
    """An answer that is longer than what is held of it in memory survives, with and without its metadata."""
    body = bytes(range(256)) * 10_000
    collection = opened(tmp_path / "living", sync_within=100)
    capture = collection.append(page(1, answer(body))).result()
    root = cut_off(collection, tmp_path / "cut")
    collection.seal(reason="finished", counts={})
    cut = cut_at_the_end_of(root, "archive", 3)
    mended(cut, size_at(cut, "after the response"), tmp_path / "c")
    (found,) = (c for c in indexed(tmp_path / "c") if c.type == "response")
    assert (found.record_id, found.payload_digest, found.entity_size) == (capture.record_id, capture.payload_digest, len(body))
    assert living.block(tmp_path / "c", found.location) == answer(body)
    assert findings(tmp_path / "c") == []


# Steps


def test_a_mending_that_was_done_is_not_done_again(left: Cut, tmp_path: Path) -> None:
    """A second repair has nothing to do and changes no byte."""
    mended(left, left.last + 100, tmp_path / "c")
    before = snapshot(tmp_path / "c")
    assert repair(Layout(tmp_path / "c"), clock=CLOCK) == []
    assert snapshot(tmp_path / "c") == before


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file with its bytes."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def half_a_draft(root: Path, open_file: Path) -> None:
    """A mending that was cut off while it copied."""
    draft = open_file.with_suffix(".mending")
    draft.write_bytes(open_file.read_bytes()[:500])


def a_draft_of_a_file_that_is_done(root: Path, open_file: Path) -> None:
    """A mending of another file that was cut off; nothing of it is needed."""
    (open_file.parent / "footnotary-20261124120000000-00009-x.warc.gz.mending").write_bytes(b"torn")


def renamed_and_still_open(root: Path, open_file: Path) -> None:
    """A mending that came as far as the new name."""
    kept = open_file.read_bytes()
    repair(Layout(root), clock=CLOCK)
    open_file.write_bytes(kept)


def renamed_without_index(root: Path, open_file: Path) -> None:
    """The same, and the index was not yet built."""
    renamed_and_still_open(root, open_file)
    (root / "index.sqlite").write_bytes(b"")
    (root / "indexes" / "index.cdxj").unlink()


def half_an_index(root: Path, open_file: Path) -> None:
    """A building of the indexes that was cut off."""
    renamed_and_still_open(root, open_file)
    (root / "index.new").write_bytes(b"SQLite format 3\x00 and then nothing")
    (root / "index.new-journal").write_bytes(b"torn")
    (root / "indexes" / "index.new").write_bytes(b"torn")


def one_of_two_gone(root: Path, open_file: Path) -> None:
    """A mending that came as far as taking away the first of two open files."""
    other = next((root / "derived").glob("*.open"))
    kept = other.read_bytes()
    repair(Layout(root), clock=CLOCK)
    other.write_bytes(kept)


Step = Callable[[Path, Path], None]
STEPS: list[Step] = [
    half_a_draft,
    a_draft_of_a_file_that_is_done,
    renamed_and_still_open,
    renamed_without_index,
    half_an_index,
    one_of_two_gone,
]


@pytest.mark.parametrize("step", STEPS)
def test_a_mending_that_was_cut_off_starts_again(left: Cut, tmp_path: Path, step: Step) -> None:
    """From whatever an earlier mending left, one more gives a whole collection with the same records."""
    shutil.copytree(left.root, tmp_path / "c")
    step(tmp_path / "c", tmp_path / "c" / "archive" / left.open_file.name)
    repair(Layout(tmp_path / "c"), clock=CLOCK)
    assert findings(tmp_path / "c") == []
    (name,) = names(tmp_path / "c")
    kept = [one.record_id for one in records_of(tmp_path / "c" / "archive" / name)][1:]
    assert kept == [one.record_id for one in left.records]
    assert {one.name for one in (tmp_path / "c").iterdir() if one.is_file()} == {"collection.yml", ".lock", "index.sqlite"}
    assert names(tmp_path / "c", "indexes") == ["index.cdxj"]


def test_a_file_that_has_its_name_is_never_written_to(left: Cut, tmp_path: Path) -> None:
    """Where a file stands under the final name already, it stays byte for byte, whatever the open one beside it holds."""
    shutil.copytree(left.root, tmp_path / "c")
    open_file = tmp_path / "c" / "archive" / left.open_file.name
    renamed_and_still_open(tmp_path / "c", open_file)
    before = open_file.with_suffix("").read_bytes()
    open_file.write_bytes(open_file.read_bytes()[:-100])
    assert repair(Layout(tmp_path / "c"), clock=CLOCK) == []
    assert open_file.with_suffix("").read_bytes() == before
    assert not open_file.exists()


@pytest.mark.parametrize("folder", ["archive", "derived"])
def test_files_without_anything_vanish(tmp_path: Path, folder: str) -> None:
    """An open file that is empty or holds no more than its warcinfo goes, and what is left is a collection."""
    collection = opened(tmp_path / "living", sync_within=100)
    collection.append(page(1)).result()
    root = cut_off(collection, tmp_path / "c")
    collection.seal(reason="finished", counts={})
    (path,) = (root / folder).glob("*.open")
    warcinfo = records_of(path)[0].location.length
    path.with_name("another.warc.gz.open").write_bytes(path.read_bytes()[:warcinfo])
    path.write_bytes(b"")
    done = repair(Layout(root), clock=CLOCK)
    assert {(one.file, one.records, one.dropped) for one in done if one.file.startswith(folder)} == {
        (f"{folder}/another.warc.gz", 0, 0),
        (f"{folder}/{path.name.removesuffix('.open')}", 0, 0),
    }
    assert names(root, folder) == []


def test_files_of_others_stay(left: Cut, tmp_path: Path) -> None:
    """A file that ends in .open and is no compressed WARC file is not ours to mend or to take away."""
    shutil.copytree(left.root, tmp_path / "c")
    for name in ("notes.open", "plain.warc.open", "a.mending"):
        (tmp_path / "c" / "archive" / name).write_text("mine")
    repair(Layout(tmp_path / "c"), clock=CLOCK)
    assert {"notes.open", "plain.warc.open", "a.mending"} < set(names(tmp_path / "c"))


# What stands in the way


def test_not_while_a_run_goes_on(tmp_path: Path) -> None:
    """A collection that is being written is not mended under the writer's hands."""
    with running(tmp_path / "c") as collection:
        collection.append(page(1)).result()
        before = snapshot(tmp_path / "c")
        with pytest.raises(CollectionLockedError):
            repair(Layout(tmp_path / "c"), clock=CLOCK)
        assert snapshot(tmp_path / "c") == before


def test_only_a_collection(tmp_path: Path) -> None:
    """A directory that holds no collection is said to be none, and stays as it is."""
    with pytest.raises(NotACollectionError):
        repair(Layout(tmp_path), clock=CLOCK)
    assert list(tmp_path.iterdir()) == []


def fill_up(path: Path) -> None:
    """Write a file until its disk is full."""
    with path.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(bytes(4096))


def test_a_mending_without_room_leaves_no_draft(left: Cut, tmp_path: Path) -> None:
    """When the disk is too full for the new file the error says so, what there was stays, and the room is given back."""
    with small_disk(tmp_path / "disk", size="1m") as enlarge:
        root = tmp_path / "disk" / "c"
        shutil.copytree(left.root, root)
        fill_up(tmp_path / "disk" / "filler")
        before = snapshot(root)
        with pytest.raises(CollectionFullError):
            repair(Layout(root), clock=CLOCK)
        assert {**snapshot(root), ".lock": b""} == {**before, ".lock": b""}
        enlarge("8m")
        repair(Layout(root), clock=CLOCK)
        assert findings(root) == []
