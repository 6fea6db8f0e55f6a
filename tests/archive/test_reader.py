"""Reading: whole records come out, and every damage is an error with its place, never a traceback and never silence."""

from __future__ import annotations

import gzip
import os
import random
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import MalformedRecordError, RecordError, TruncatedRecordError
from archive.model import Location
from archive.warc import values
from archive.warc.draft import Draft
from archive.warc.reader import read_at, read_records
from archive.warc.records import serialise
from archive.warc.stored import KEEP, StoredRecord
from tests.archive.samples import CHUNKED, PLAIN, RUN, drafts_of, exchange, faults, read, shelf, sound, warcinfo, write


def spelled(draft: Draft) -> bytes:
    out = BytesIO()
    serialise(draft, out)
    return out.getvalue()


def some() -> list[bytes]:
    """The bytes of four records, not compressed."""
    return [spelled(draft) for draft in (warcinfo("f"), *drafts_of(exchange(CHUNKED)))]


def packed(parts: Iterable[bytes]) -> bytes:
    return b"".join(gzip.compress(part) for part in parts)


def given_file(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def types(found: Iterable[StoredRecord | RecordError]) -> list[str]:
    return [one.type if isinstance(one, StoredRecord) else "error" for one in found]


WHOLE = ["warcinfo", "response", "request", "metadata"]


@pytest.mark.parametrize("suffix", ["warc", "warc.gz"])
def test_records_come_out_in_order(tmp_path: Path, suffix: str) -> None:
    """Each record has its headers, block, run and place, and the places cover the file."""
    parts = some()
    path = given_file(tmp_path / f"x.{suffix}", packed(parts) if suffix.endswith("gz") else b"".join(parts))
    found = sound(path)
    assert types(found) == WHOLE
    assert found[1].block.read() == CHUNKED
    assert found[1].version == "WARC/1.1"
    assert {one.run_id for one in found} == {RUN}
    ends = [one.location.offset + one.location.length for one in found]
    assert [one.location.offset for one in found] == [0, *ends[:-1]]
    assert ends[-1] == path.stat().st_size
    assert {one.location.file for one in found} == {f"archive/{path.name}"}
    assert [
        part.startswith(one.raw_head) and one.raw_head.endswith(b"\r\n\r\n") for part, one in zip(parts, found, strict=True)
    ] == [True] * 4


def test_headers_are_as_written(tmp_path: Path) -> None:
    """Case, order, repeats, spaces in a target URI and angle brackets around it are seen as they stand; folds are joined."""
    record = (
        b"WARC/1.0\r\nwarc-type: RESOURCE\r\nWARC-Target-URI: <http://a.example/a b>\r\nWARC-Date: 2017-01-01T00:00:00Z\r\n"
        b"WARC-Record-ID:\r\n\t<urn:x:1>\r\nX: 1\r\nX: caf\xe9\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n"
    )
    (found,) = sound(given_file(tmp_path / "x.warc", record))
    assert found.headers.pairs[:3] == (
        ("warc-type", "RESOURCE"),
        ("WARC-Target-URI", "<http://a.example/a b>"),
        ("WARC-Date", "2017-01-01T00:00:00Z"),
    )
    assert (found.type, found.uri, found.record_id) == ("resource", "http://a.example/a b", "urn:x:1")
    assert found.headers.all("x") == ("1", "café")


@pytest.mark.parametrize("suffix", ["warc", "warc.gz"])
def test_a_file_that_is_cut_says_so(tmp_path: Path, suffix: str) -> None:
    """At every possible cut, the whole records before it come out, and a torn one is an error where it starts."""
    parts = some()
    pieces = [gzip.compress(part) for part in parts] if suffix.endswith("gz") else parts
    borders = [sum(len(piece) for piece in pieces[:count]) for count in range(len(pieces) + 1)]
    data = b"".join(pieces)
    for cut in range(1, len(data)):
        path = given_file(tmp_path / f"x.{suffix}", data[:cut])
        found = read(path)
        whole = sum(border <= cut for border in borders) - 1
        assert types(one for one in found if isinstance(one, StoredRecord))[:whole] == WHOLE[:whole], cut
        errors = [one for one in found if isinstance(one, RecordError)]
        assert bool(errors) == (cut not in borders), cut
        assert all(borders[whole] <= error.offset <= cut and error.path == path for error in errors)


def test_a_cut_member_gives_no_record(tmp_path: Path) -> None:
    """A member without its last byte is a truncated record and nothing else, although all of its text is there."""
    path = given_file(tmp_path / "x.warc.gz", packed(some()[:1])[:-1])
    (error,) = read(path)
    assert isinstance(error, TruncatedRecordError)
    assert (error.offset, error.path) == (0, path)


def test_every_changed_byte_is_seen_or_harmless(tmp_path: Path) -> None:
    """Whichever byte of a file is changed: either there is an error, or the records are the same as before."""
    pieces = [gzip.compress(part, mtime=0) for part in some()]
    data = b"".join(pieces)
    path = given_file(tmp_path / "x.warc.gz", data)
    before = [(one.headers, one.block.read()) for one in sound(path)]
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << (at % 8)
        found = read(given_file(path, bytes(changed)))
        records = [(one.headers, one.block.read()) for one in found if isinstance(one, StoredRecord)]
        assert records == before or any(isinstance(one, RecordError) for one in found), at


def test_reading_goes_on_after_damage(tmp_path: Path) -> None:
    """A damaged member costs itself alone."""
    pieces = [gzip.compress(part) for part in some()]
    damaged = bytearray(pieces[1])
    damaged[len(damaged) // 2] ^= 0xFF
    path = given_file(tmp_path / "x.warc.gz", b"".join([pieces[0], bytes(damaged), *pieces[2:]]))
    found = read(path)
    assert types(found) == ["warcinfo", "error", "request", "metadata"]
    assert isinstance(found[1], MalformedRecordError)
    assert found[1].offset == len(pieces[0])


def test_a_wrong_checksum_is_damage(tmp_path: Path) -> None:
    """A member whose CRC does not fit gives no record, although it inflates."""
    pieces = [gzip.compress(part) for part in some()]
    pieces[1] = pieces[1][:-8] + b"\0\0\0\0" + pieces[1][-4:]
    path = given_file(tmp_path / "x.warc.gz", b"".join(pieces))
    assert types(read(path)) == ["warcinfo", "error", "request", "metadata"]


@pytest.mark.parametrize("garbage", [b"garbage", b"\0" * 100, b"\x1f\x8b\x08 no member", b"\r\n\r\n"])
@pytest.mark.parametrize("place", range(5))
def test_garbage_between_members(tmp_path: Path, garbage: bytes, place: int) -> None:
    """Bytes that belong to no record are an error at their offset, and every record around them is read."""
    pieces = [gzip.compress(part) for part in some()]
    offset = sum(len(piece) for piece in pieces[:place])
    path = given_file(tmp_path / "x.warc.gz", b"".join([*pieces[:place], garbage, *pieces[place:]]))
    found = read(path)
    assert types(found) == [*WHOLE[:place], "error", *WHOLE[place:]]
    (error,) = faults(path)
    assert error.offset == offset


def test_a_member_with_several_records(tmp_path: Path) -> None:
    """The first record of such a member can be addressed and comes out, the others are an error; the next member is read."""
    parts = some()
    path = given_file(tmp_path / "x.warc.gz", packed([b"".join(parts[:3]), parts[3]]))
    found = read(path)
    assert types(found) == ["warcinfo", "error", "metadata"]
    assert "more than one record" in str(found[1])


@pytest.mark.parametrize(
    ("end", "word"), [(b"", "two line ends"), (b"\r\n", "two line ends"), (b"\n\n", "two line ends"), (b"\r\n\r\nx", "goes on")]
)
def test_wrong_ends_of_a_member(tmp_path: Path, end: bytes, word: str) -> None:
    """After a block come two line ends, and nothing more."""
    parts = some()
    path = given_file(tmp_path / "x.warc.gz", packed([parts[0][:-4] + end, *parts[1:]]))
    found = read(path)
    assert types(found) == ["warcinfo", "error", *WHOLE[1:]]
    assert word in str(found[1])


def test_one_gzip_stream_over_all(tmp_path: Path) -> None:
    """A record that is spread over members gives errors for each of them."""
    data = b"".join(some())
    path = given_file(tmp_path / "x.warc.gz", packed([data[:600], data[600:]]))
    assert len(faults(path)) >= 2


def test_an_empty_member(tmp_path: Path) -> None:
    """A member that holds nothing is an error."""
    parts = some()
    path = given_file(tmp_path / "x.warc.gz", packed([parts[0], b"", parts[1]]))
    assert types(read(path)) == ["warcinfo", "error", "response"]


@pytest.mark.parametrize("place", range(5))
def test_garbage_between_plain_records(tmp_path: Path, place: int) -> None:
    """In a plain file too, garbage is an error at its offset, and the next record is found."""
    parts = some()
    offset = sum(len(part) for part in parts[:place])
    path = given_file(tmp_path / "x.warc", b"".join([*parts[:place], b"The monkeys are a coming!\r\n\r\n", *parts[place:]]))
    found = read(path)
    assert types(found) == [*WHOLE[:place], "error", *WHOLE[place:]]
    assert [error.offset for error in faults(path)] == [offset]


@pytest.mark.parametrize("change", [-3, 3, 10**9])
def test_a_wrong_length_in_a_plain_file(tmp_path: Path, change: int) -> None:
    """A length that is too short or too long is an error, and later records are found again."""
    parts = some()
    length = len(CHUNKED)
    parts[1] = parts[1].replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length + change))
    path = given_file(tmp_path / "x.warc", b"".join(parts))
    assert types(one for one in read(path) if isinstance(one, StoredRecord))[-2:] == ["request", "metadata"]
    assert len(faults(path)) == 1


@pytest.mark.parametrize("value", ["", "many", "-5", "1e3"])
@pytest.mark.parametrize("suffix", ["warc", "warc.gz"])
def test_a_length_that_is_none(tmp_path: Path, value: str, suffix: str) -> None:
    """Without a length there is an error, the header can be seen, and the next record is read."""
    parts = some()
    parts[1] = parts[1].replace(b"Content-Length: %d" % len(CHUNKED), b"Content-Length: " + value.encode())
    path = given_file(tmp_path / f"x.{suffix}", packed(parts) if suffix.endswith("gz") else b"".join(parts))
    found = read(path)
    assert types(found) == ["warcinfo", "response", "error", "request", "metadata"]
    assert "Content-Length" in str(found[2])
    assert values.entry(found[1]) is None if isinstance(found[1], StoredRecord) else False


def test_line_ends_before_a_record(tmp_path: Path) -> None:
    """Empty lines that do not belong are an error; the record behind them has its own place."""
    parts = some()
    path = given_file(tmp_path / "x.warc", parts[0] + b"\r\n\r\n" + parts[1])
    found = read(path)
    assert types(found) == ["warcinfo", "response", "error"]
    assert isinstance(found[1], StoredRecord)
    assert found[1].location.offset == len(parts[0]) + 4
    place = Location(file=path.name, offset=found[1].location.offset, length=found[1].location.length)
    assert read_at(tmp_path, place).block.read() == CHUNKED


def test_a_header_without_end(tmp_path: Path) -> None:
    """A header that stops is a truncated record."""
    path = given_file(tmp_path / "x.warc", some()[0].partition(b"\r\n\r\n")[0])
    (error,) = read(path)
    assert isinstance(error, TruncatedRecordError)


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\n\r\n", b"WARC/2.0\r\n\r\n", b"filedesc://x 0 text/plain 1\r\n", b"\0\0\0\0"]
)
def test_what_is_no_warc(tmp_path: Path, first: bytes) -> None:
    """A file of something else is one error, in both kinds of file."""
    assert types(read(given_file(tmp_path / "x.warc", first))) == ["error"]
    assert types(read(given_file(tmp_path / "x.warc.gz", gzip.compress(first)))) == ["error"]


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    """A file without bytes is not a WARC file."""
    assert types(read(given_file(tmp_path / "x.warc.gz", b""))) == ["error"]


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """What is not there, or no file, is an error and not a traceback."""
    (error,) = read_records(tmp_path / "none.warc", name="none.warc")
    assert isinstance(error, RecordError)
    assert "No such file" in str(error)
    assert types(read(tmp_path)) == ["error"]


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=300),
    st.booleans(),
    st.sampled_from([b"", b"WARC/1.1\r\n", b"\x1f\x8b\x08", gzip.compress(b"WARC/1.0\r\n\r\n")]),
)
def test_any_file_ends_in_records_or_errors(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, zipped: bool, start: bytes
) -> None:
    """No bytes make the reader fail or run on, and none are passed over in silence."""
    path = tmp_path_factory.getbasetemp() / "any.warc.gz"
    found = read(given_file(path, gzip.compress(start + data) if zipped else start + data))
    assert found
    assert all(isinstance(one, RecordError) or one.location.length for one in found)


def test_a_record_is_found_by_its_place(tmp_path: Path) -> None:
    """Every record can be read alone, and is what the file gives in its turn."""
    path, _ = write(tmp_path, drafts_of(exchange()), drafts_of(exchange(CHUNKED)))
    for one in sound(path):
        again = read_at(tmp_path, one.location, run_id=RUN)
        assert (again.headers, again.block.read(), again.location, again.run_id) == (
            one.headers,
            one.block.read(),
            one.location,
            RUN,
        )


def test_an_open_file_is_found_under_its_final_name(tmp_path: Path) -> None:
    """While a file is written, its records are there already."""
    on = shelf(tmp_path)
    place = on.write(drafts_of(exchange()))[1].location
    assert read_at(tmp_path, place).block.read() == PLAIN
    on.seal()


def test_a_wrong_place_is_an_error(tmp_path: Path) -> None:
    """An index that points elsewhere is told so, whatever lies there."""
    path, _ = write(tmp_path, drafts_of(exchange()))
    place = sound(path)[1].location
    for offset, length in [(place.offset + 1, place.length), (place.offset, place.length + 1), (10**9, 1), (0, place.length)]:
        with pytest.raises(RecordError) as caught:
            read_at(tmp_path, Location(file=place.file, offset=offset, length=length))
        assert caught.value.offset == offset
    with pytest.raises(RecordError, match="can't be read"):
        read_at(tmp_path, Location(file="archive/none.warc.gz", offset=0, length=1))


@pytest.mark.parametrize("suffix", ["warc", "warc.gz"])
def test_a_large_block_can_be_read_again(tmp_path: Path, suffix: str) -> None:
    """Of a block above a megabyte the start is held, the rest is read again; digests were taken on the way."""
    body = random.Random(7).randbytes(KEEP + 5000)
    part = spelled(drafts_of(exchange(b"HTTP/1.1 200 OK\r\n\r\n" + body))[0])
    path = given_file(tmp_path / f"x.{suffix}", gzip.compress(part, 1) if suffix.endswith("gz") else part)
    (one,) = sound(path)
    assert (len(one.block.start), one.block.size) == (KEEP, len(body) + 19)
    assert b"".join(one.block.chunks(19)) == body
    assert one.block.read()[19:] == body
    assert one.measured().block == one.headers.get("WARC-Block-Digest")
    assert one.measured().payload == one.headers.get("WARC-Payload-Digest")


def test_a_large_block_that_is_cut(tmp_path: Path) -> None:
    """A block above a megabyte that ends early is a truncated record."""
    part = spelled(drafts_of(exchange(PLAIN + os.urandom(2 * KEEP)))[0])
    for path in (given_file(tmp_path / "x.warc", part[:-9]), given_file(tmp_path / "x.warc.gz", gzip.compress(part[:-9], 1))):
        (error,) = read(path)
        assert isinstance(error, TruncatedRecordError)


def test_a_file_that_goes_away_is_an_error(tmp_path: Path) -> None:
    """When a large block is wanted again and its file is gone, that is an error of the record."""
    path = given_file(tmp_path / "x.warc", spelled(drafts_of(exchange(PLAIN + bytes(2 * KEEP)))[0]))
    (one,) = sound(path)
    path.unlink()
    with pytest.raises(RecordError, match="again"):
        one.block.read()


def test_a_bomb_is_read_in_pieces(tmp_path: Path) -> None:
    """A member that inflates a thousandfold is read and measured whole."""
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    deflater = zlib.compressobj(9, wbits=31)
    size = 60_000_000
    start = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:1>\r\nWARC-Date: 2017-01-01T00:00:00Z\r\n"
        b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n" % (size + len(head))
    )
    data = b"".join(
        [
            deflater.compress(start + head),
            *(deflater.compress(bytes(10**6)) for _ in range(60)),
            deflater.compress(b"\r\n\r\n"),
            deflater.flush(),
        ]
    )
    (one,) = sound(given_file(tmp_path / "x.warc.gz", data))
    assert one.measured().body_size == size
