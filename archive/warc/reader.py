"""Reading WARC files, 1.0 and 1.1, gzip or plain: every record, or a finding that says where and why there is none.

Each byte is read once. The borders of gzip members are checked here, because readers in use accept a cut member: a record
comes out only when its member is whole and its checksum right. Damage is a RecordError with path and offset, given in its
place, and reading goes on with the next record that can be found. Headers are parsed by warcio.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from warcio.exceptions import ArchiveLoadFailed
from warcio.limitreader import LimitReader
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders

from archive.errors import MalformedRecordError, RecordError, TruncatedRecordError
from archive.layout import OPEN_SUFFIX
from archive.model import Location
from archive.warc import fields
from archive.warc.fields import Fields
from archive.warc.inflow import MAGIC, Inflow, Member, Source, next_member, next_version, opened, plain, present
from archive.warc.measure import measure
from archive.warc.stored import KEEP, Block, StoredRecord, declared

_END = b"\r\n\r\n"
_PIECE = 1 << 16
_BLANK = frozenset({b"\r\n", b"\n"})

Found = StoredRecord | RecordError


def read_records(path: Path, *, name: str) -> Iterator[Found]:
    """Every record of a file in order, and an error for each place that can't be read.

    `name` is the file as locations name it. A record comes first, what is wrong with its borders next. A record whose
    length can't be told comes with an empty block, so that the other faults of its header can be seen.
    """
    try:
        with opened(path) as source:
            yield from _File(source, path=path, name=name).records()
    except OSError as error:
        yield RecordError(path, 0, f"the file can't be read: {error.strerror or error}")


def read_at(root: Path, location: Location, *, run_id: str = "") -> StoredRecord:
    """The record at a location; a file that is not sealed yet is found under its `.open` name. Raises RecordError."""
    path = present(root / location.file)
    try:
        with opened(path) as source:
            found = next(_File(source, path=path, name=location.file, run_id=run_id).at(location.offset))
    except OSError as error:
        raise RecordError(path, location.offset, f"the file can't be read: {error.strerror or error}") from error
    if isinstance(found, RecordError):
        raise found
    if found.location != location:
        raise MalformedRecordError(
            path, location.offset, f"the record has {found.location.length} bytes, not {location.length}"
        )
    return found


class _Loader(ArcWarcRecordLoader):  # type: ignore[misc]  # warcio has no types
    """warcio's parser of record headers, without its changes to target URIs: they are to be seen as they stand."""

    def _ensure_target_uri_format(self, rec_headers: StatusAndHeaders) -> object:
        return rec_headers.get_header("WARC-Target-URI")


_LOADER = _Loader()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    """A header that warcio has parsed, and the stream of its block. `size` is None where the header doesn't tell it."""

    version: str
    headers: Fields
    raw_head: bytes
    size: int | None
    stream: LimitReader
    skipped: int

    def pieces(self) -> Iterator[bytes]:
        """The block, or what is left of it."""
        while piece := self.stream.read(_PIECE):
            yield piece


class _File:
    """A file that is being read, one record after the other."""

    def __init__(self, source: Source, *, path: Path, name: str, run_id: str = "") -> None:
        self._source = source
        self._path = path
        self._name = name
        self._run_id = run_id
        self._gzip = source[: len(MAGIC)] == MAGIC or path.name.removesuffix(OPEN_SUFFIX).endswith(".gz")
        self._next = 0

    def records(self) -> Iterator[Found]:
        """All that the file holds."""
        if not len(self._source):
            yield TruncatedRecordError(self._path, 0, "the file is empty")
        while self._next < len(self._source):
            yield from self.at(self._next)

    def at(self, offset: int) -> Iterator[Found]:
        """What stands at an offset: a record, errors, or both. Reading goes on at `_next`."""
        if offset >= len(self._source):
            return iter((TruncatedRecordError(self._path, offset, "the file ends before this record"),))
        return self._member(offset) if self._gzip else self._plain(offset)

    def again(self, offset: int) -> Iterator[bytes]:
        """The block of the record at an offset, once more."""
        pieces = Member(self._source, path=self._path, offset=offset) if self._gzip else plain(self._source, offset)
        yield from self._header(Inflow(pieces), offset).pieces()

    def _member(self, offset: int) -> Iterator[Found]:
        if self._source[offset : offset + len(MAGIC)] != MAGIC:
            self._next = next_member(self._source, offset)
            yield self._malformed(offset, f"no gzip member starts here: {self._next - offset} bytes belong to no record")
            return
        member = Member(self._source, path=self._path, offset=offset)
        inflow = Inflow(member)
        errors: list[RecordError] = []
        found = None
        try:
            parsed, block = self._record(inflow, offset, errors)
            self._check_end(inflow, parsed, offset, errors)
            inflow.drain()
            found = self._stored(parsed, block, offset=offset, end=member.end or offset)
        except RecordError as error:
            errors.append(error)
            self._drain(member, inflow, errors)
        self._next = next_member(self._source, offset + 1) if member.end is None else member.end
        if found is not None:
            yield found
        yield from errors

    def _check_end(self, inflow: Inflow, parsed: _Parsed, offset: int, errors: list[RecordError]) -> None:
        """Two line ends follow the block, and after them the member ends."""
        if parsed.size is None:
            return
        end, rest = inflow.read(len(_END)), inflow.read(5)
        if end != _END:
            errors.append(self._malformed(offset, "the record is not followed by two line ends"))
        elif rest.upper() == b"WARC/":
            errors.append(
                self._malformed(offset, "the gzip member holds more than one record: only the first can be addressed")
            )
        elif rest:
            errors.append(self._malformed(offset, "the gzip member goes on after its record"))

    def _drain(self, member: Member, inflow: Inflow, errors: list[RecordError]) -> None:
        """Find the end of a member that was left at an error; it may turn out to be damaged as well."""
        if member.end is None:
            try:
                inflow.drain()
            except RecordError as error:
                errors.append(error)

    def _plain(self, offset: int) -> Iterator[Found]:
        inflow = Inflow(plain(self._source, offset))
        errors: list[RecordError] = []
        try:
            parsed, block = self._record(inflow, offset, errors)
        except RecordError as error:
            self._next = next_version(self._source, offset + 1)
            yield from (*errors, error)
            return
        start, end = offset + parsed.skipped, offset + inflow.taken
        if inflow.read(len(_END)) == _END:
            self._next = end = end + len(_END)
        else:
            self._next = next_version(self._source, end)
            if parsed.size is not None:
                errors.append(self._malformed(end, f"the record at {start} is not followed by two line ends"))
        yield self._stored(parsed, block, offset=start, end=end)
        yield from errors

    def _record(self, inflow: Inflow, offset: int, errors: list[RecordError]) -> tuple[_Parsed, Block]:
        parsed = self._header(inflow, offset)
        if parsed.skipped:
            errors.append(self._malformed(offset, "empty lines stand before the record"))
        if parsed.size is None:
            errors.append(self._malformed(offset + parsed.skipped, "Content-Length is missing or is no number"))
            return parsed, Block(b"")
        return parsed, self._block(parsed, parsed.size, offset)

    def _header(self, inflow: Inflow, offset: int) -> _Parsed:
        line = inflow.readline()
        while line in _BLANK:
            line = inflow.readline()
        skipped = inflow.taken - len(line)
        try:
            record = _LOADER.parse_record_stream(inflow, statusline=line, known_format="warc", no_record_parse=True)
        except (ArchiveLoadFailed, EOFError):
            raise self._malformed(offset, f"a record starts with a line like WARC/1.1, and not with {line[:40]!r}") from None
        if inflow.lines[-1].strip():
            raise TruncatedRecordError(self._path, offset, "the header of the record ends before its empty line")
        headers = Fields(tuple((name, value.strip()) for name, value in record.rec_headers.headers))
        return _Parsed(
            version=record.rec_headers.protocol,
            headers=headers,
            raw_head=b"".join(inflow.lines)[skipped:],
            size=headers.number("Content-Length"),
            stream=record.raw_stream,
            skipped=skipped,
        )

    def _block(self, parsed: _Parsed, size: int, offset: int) -> Block:
        start = parsed.stream.read(min(size, KEEP))
        digests = None
        if size > KEEP:
            kinds = parsed.headers.get("Content-Type"), declared(parsed.headers)
            digests = measure(chain((start,), parsed.pieces()), content_type=kinds[0], others=kinds[1])
        found = digests.size if digests else len(start)
        if found < size:
            raise TruncatedRecordError(self._path, offset, f"the block has {found} bytes and not {size} as its header says")
        if digests is None:
            return Block(start)
        path, name = self._path, self._name
        return Block(start, size=size, again=lambda: _again(path, name, offset), measured=digests)

    def _stored(self, parsed: _Parsed, block: Block, *, offset: int, end: int) -> StoredRecord:
        record = StoredRecord(
            version=parsed.version,
            headers=parsed.headers,
            location=Location(file=self._name, offset=offset, length=end - offset),
            run_id=self._run_id,
            block=block,
            raw_head=parsed.raw_head,
        )
        if record.type != "warcinfo":
            return record
        self._run_id = fields.parse(block.start).get("run") or self._run_id
        return replace(record, run_id=self._run_id)

    def _malformed(self, offset: int, reason: str) -> MalformedRecordError:
        return MalformedRecordError(self._path, offset, reason)


def _again(path: Path, name: str, offset: int) -> Iterator[bytes]:
    try:
        with opened(present(path)) as source:
            yield from _File(source, path=path, name=name).again(offset)
    except OSError as error:
        raise RecordError(path, offset, f"the file can't be read again: {error.strerror or error}") from error
