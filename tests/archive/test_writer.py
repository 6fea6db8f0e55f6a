"""Writing: names, members, rotation, sealing, and files that stay whole when the disk does not."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, has_payload_digest, response
from warcio.checker import Checker

from archive.errors import CollectionError, CollectionFullError
from archive.spool import Spool
from archive.warc import records
from archive.warc.reader import read_at
from archive.warc.writer import WarcFile
from tests.archive.samples import (
    AT,
    CHUNKED,
    ODD,
    PLAIN,
    RUN,
    SmallDisk,
    capture_of,
    drafts_of,
    exchange,
    failure,
    only_file,
    shelf,
    sound,
    warcinfo,
    write,
)


def members(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Offset, length and content of each gzip member, by zlib alone."""
    at = 0
    while at < len(data):
        inflater = zlib.decompressobj(31)
        content = inflater.decompress(data[at:])
        assert inflater.eof
        length = len(data) - at - len(inflater.unused_data)
        yield at, length, content
        at += length


def test_one_member_a_record(tmp_path: Path) -> None:
    """Each record is one gzip member, where its location says, in the order of the writing."""
    on = shelf(tmp_path)
    stored = [*on.write(drafts_of(exchange())), *on.write(records.failure_drafts(failure(), chain_id=None))]
    on.seal()
    found = list(members(only_file(tmp_path).read_bytes()))
    assert [(at, length) for at, length, _ in found] == [(one.location.offset, one.location.length) for one in stored]
    assert all(content.startswith(b"WARC/1.1\r\n") and content.endswith(b"\r\n\r\n") for _, _, content in found)
    assert gzip.decompress(only_file(tmp_path).read_bytes()) == b"".join(content for _, _, content in found)


def test_names(tmp_path: Path) -> None:
    """A file is named by prefix, time to the millisecond, serial and run, and ends in `.open` while it is written."""
    on = shelf(tmp_path, prefix="desk")
    stored = on.write(drafts_of(exchange()))
    name = f"desk-20270115093000123-00000-{RUN}.warc.gz"
    assert only_file(tmp_path).name == f"{name}.open"
    assert {one.location.file for one in stored} == {f"archive/{name}"}
    on.seal()
    assert only_file(tmp_path).name == name


def test_every_record_names_its_warcinfo(tmp_path: Path) -> None:
    """The first record of a file is its warcinfo with the file's name, and all others refer to it."""
    path, _ = write(tmp_path, drafts_of(exchange()), drafts_of(exchange()))
    first, *others = sound(path)
    assert first.headers.get("WARC-Filename") == path.name
    assert {one.headers.get("WARC-Warcinfo-ID") for one in others} == {f"<{first.record_id}>"}


def test_an_exchange_is_one_write(tmp_path: Path) -> None:
    """Response, request and metadata of an ordinary exchange reach the file together."""
    disk = SmallDisk(10**9, error=0)
    on = shelf(tmp_path, opener=disk)
    on.write(drafts_of(exchange(PLAIN + os.urandom(500_000))))
    on.seal()
    assert len(disk.writes) == 2  # the warcinfo of the new file, and the exchange
    assert sum(disk.writes) == only_file(tmp_path).stat().st_size


def test_a_large_body_is_streamed(tmp_path: Path) -> None:
    """A body of many megabytes is kept exactly, and writing and reading it take a few megabytes of memory."""
    piece = os.urandom(1 << 20)
    on = shelf(tmp_path)
    tracemalloc.start()
    with Spool() as spool:
        spool.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(24):
            spool.write(piece)
        stored = on.write(drafts_of(replace(exchange(), response=spool)))
        on.seal()
    (record,) = (found for found in sound(only_file(tmp_path)) if found.type == "response")
    digest = hashlib.sha256()
    for part in read_at(tmp_path, stored[1].location).block.chunks(19):
        digest.update(part)
    assert tracemalloc.get_traced_memory()[1] < 12_000_000
    tracemalloc.stop()
    assert record.block.size == 24 * len(piece) + 19
    assert record.measured().body == "sha256:" + digest.hexdigest() == "sha256:" + hashlib.sha256(piece * 24).hexdigest()


def test_rotation(tmp_path: Path) -> None:
    """An exchange that would start beyond the limit begins a new file; the full one is told of and sealed."""
    told: list[list[str]] = []
    on = shelf(
        tmp_path, size_limit=2000, before_seal=lambda: told.append(sorted(p.name for p in (tmp_path / "archive").iterdir()))
    )
    stored = [one for _ in range(6) for one in on.write(drafts_of(exchange()))]
    on.seal()
    paths = sorted((tmp_path / "archive").iterdir())
    assert len(paths) > 1
    assert [path.name.split("-")[2] for path in paths] == [f"{serial:05}" for serial in range(len(paths))]
    assert len(told) == len(paths) - 1
    assert all(names[-1].endswith(".open") for names in told)
    assert [one.type for path in paths for one in sound(path)] == [one.type for one in stored]
    for path in paths:
        assert sound(path)[0].type == "warcinfo"
        assert [one.type for one in sound(path)[-3:]] == ["response", "request", "metadata"]


def test_nothing_written_is_no_file(tmp_path: Path) -> None:
    """A shelf without records leaves no file, and sealing or syncing it is nothing."""
    on = shelf(tmp_path)
    on.sync()
    on.seal()
    assert list((tmp_path / "archive").iterdir()) == []


def test_what_is_synced_can_be_read_before_the_seal(tmp_path: Path) -> None:
    """A record is found under its final name while the file is still open."""
    on = shelf(tmp_path)
    stored = on.write(drafts_of(exchange()))
    on.sync()
    assert read_at(tmp_path, stored[1].location).block.read() == PLAIN
    on.seal()
    assert read_at(tmp_path, stored[1].location).block.read() == PLAIN


@pytest.mark.parametrize(
    ("error", "kind"), [(errno.ENOSPC, CollectionFullError), (errno.EDQUOT, CollectionFullError), (errno.EIO, CollectionError)]
)
@pytest.mark.parametrize("more", [0, 1, 100, 700])
def test_a_failed_write_leaves_nothing_torn(tmp_path: Path, error: int, kind: type[CollectionError], more: int) -> None:
    """When the disk takes no more in the middle of an exchange, the file ends after the last whole one, and can go on later."""
    disk = SmallDisk(10**6, error=error)
    on = shelf(tmp_path, opener=disk)
    stored = on.write(drafts_of(exchange()))
    disk.room = more
    with pytest.raises(CollectionError) as caught:
        on.write(drafts_of(exchange(PLAIN + os.urandom(2000))))
    assert type(caught.value) is kind
    assert not isinstance(caught.value, OSError)
    last = stored[-1].location
    assert only_file(tmp_path).stat().st_size == last.offset + last.length
    disk.room = 10**6
    after = on.write(drafts_of(exchange()))
    on.seal()
    assert [one.record_id for one in sound(only_file(tmp_path))] == [one.record_id for one in [*stored, *after]]


def test_a_disk_that_is_full_at_once_leaves_no_file(tmp_path: Path) -> None:
    """When even the warcinfo does not fit, there is no file; when there is room again, there is one."""
    disk = SmallDisk(10, error=errno.ENOSPC)
    on = shelf(tmp_path, opener=disk)
    with pytest.raises(CollectionFullError):
        on.write(drafts_of(exchange()))
    assert list((tmp_path / "archive").iterdir()) == []
    disk.room = 10**6
    assert [one.type for one in on.write(drafts_of(exchange()))] == ["warcinfo", "response", "request", "metadata"]
    on.seal()


def test_a_warcinfo_is_reported_once_it_and_records_are_written(tmp_path: Path) -> None:
    """When the first exchange fails after the warcinfo, the next one that is written tells of both."""
    disk = SmallDisk(500, error=errno.ENOSPC)
    on = shelf(tmp_path, opener=disk)
    with pytest.raises(CollectionFullError):
        on.write(drafts_of(exchange(PLAIN + os.urandom(2000))))
    disk.room = 10**6
    assert [one.type for one in on.write(drafts_of(exchange()))] == ["warcinfo", "response", "request", "metadata"]
    on.seal()


def test_a_missing_directory_is_an_error_of_the_collection(tmp_path: Path) -> None:
    """The message names the file; it is no OSError."""
    on = shelf(tmp_path)
    (tmp_path / "archive").rmdir()
    with pytest.raises(CollectionError, match=r"warc\.gz"):
        on.write(drafts_of(exchange()))


def test_a_file_that_exists_is_never_written_to(tmp_path: Path) -> None:
    """A name that is taken is an error, and the file stays as it is."""
    taken = tmp_path / "archive" / f"t-20270115093000123-00000-{RUN}.warc.gz.open"
    taken.parent.mkdir()
    taken.write_bytes(b"old")
    with pytest.raises(CollectionError):
        shelf(tmp_path).write(drafts_of(exchange()))
    assert taken.read_bytes() == b"old"


def test_whole_members_can_be_copied(tmp_path: Path) -> None:
    """Mending copies a beginning of a file verbatim behind a new warcinfo."""
    path, _ = write(tmp_path, drafts_of(exchange()), drafts_of(exchange()))
    end = sound(path)[3].location
    file = WarcFile(tmp_path / "archive" / "m.warc.gz.mending")
    file.write([warcinfo("m.warc.gz")])
    start = file.size
    file.copy(path, end.offset + end.length)
    assert file.seal() == tmp_path / "archive" / "m.warc.gz"
    assert [one.type for one in sound(tmp_path / "archive" / "m.warc.gz")] == [
        "warcinfo",
        "warcinfo",
        "response",
        "request",
        "metadata",
    ]
    assert (tmp_path / "archive" / "m.warc.gz").read_bytes()[start:] == path.read_bytes()[: end.offset + end.length]


LIMITED = """
import errno, resource, signal, sys
from pathlib import Path
from archive.errors import CollectionError
from tests.archive.samples import drafts_of, exchange, shelf, PLAIN
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
on = shelf(Path(sys.argv[1]))
on.write(drafts_of(exchange()))
try:
    on.write(drafts_of(exchange(PLAIN + __import__("os").urandom(9000))))
except CollectionError as error:
    print(type(error).__name__)
on.seal()
"""


def test_the_kernel_itself_stops_a_write(tmp_path: Path) -> None:
    """A real limit of the system in the middle of a member leaves a whole file."""
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.split() == ["CollectionError"]
    assert [one.type for one in sound(only_file(tmp_path))] == ["warcinfo", "response", "request", "metadata"]


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """A file with each kind of record, each odd response, and a large one."""
    original = capture_of(tmp_path / "o", exchange(CHUNKED))
    path, _ = write(
        tmp_path,
        *(drafts_of(exchange(odd)) for odd in ODD.values()),
        drafts_of(exchange(CHUNKED, began_at=AT + timedelta(1)), original=original),
        drafts_of(exchange(PLAIN + bytes(range(256)) * 8000)),
        records.failure_drafts(failure(request=b"GET / HTTP/1.1\r\n\r\n"), chain_id=None),
        [records.resource_draft(records.chain_resource((b"a", b"b"), at=AT))],
    )
    return path


def test_warcio_finds_no_fault(everything: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """warcio's own check accepts every record and digest."""
    assert Checker(_Arguments([str(everything)])).process_all() == 0
    assert "digest failed" not in capsys.readouterr().out


class _Arguments:
    """What warcio's command line hands to its checker."""

    def __init__(self, inputs: list[str]) -> None:
        self.inputs = inputs
        self.verbose = False


def test_fastwarc_reads_the_same(everything: Path) -> None:
    """Another reader sees the same headers and blocks, and accepts every block digest."""
    ours = sound(everything)
    theirs = []
    for record in ArchiveIterator(BytesIO(everything.read_bytes()), parse_http=False):
        assert record.verify_block_digest()
        theirs.append((tuple((name.lower(), value) for name, value in record.headers.to_tuples()), record.reader.read()))
    assert theirs == [(tuple((name.lower(), value) for name, value in one.headers.pairs), one.block.read()) for one in ours]


def test_fastwarc_finds_the_same_payloads(everything: Path) -> None:
    """Another reader agrees with every payload digest in a header, but where bare line feeds keep it from the head."""
    wrong = [
        record.record_id
        for record in ArchiveIterator(BytesIO(everything.read_bytes()), record_types=response, func_filter=has_payload_digest)
        if not record.verify_payload_digest()
    ]
    odd = [one.record_id for one in sound(everything) if one.block.start == ODD["bare LF"]]
    assert wrong == [f"<{record_id}>" for record_id in odd]
