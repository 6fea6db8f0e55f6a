"""index.cdxj: one line a capture, for replay tools. `urlkey timestamp {json}`, sorted by its bytes, in ASCII.

    org,example)/a 20261124093000 {"url": …, "mime": …, "status": 200, "digest": …, "length": …, "offset": …, "filename": …,
                                   "date": …, "record_id": …}

The keys are those of cdxj-indexer, in its order: `mime` ends at the first semicolon or space and is left out where no media
type was said, `status` on a resource; `filename` is relative to `archive/`; `length` and `offset` are those of the gzip
member. Numbers are numbers, which pywb reads as well. `date` (microseconds) and `record_id` are ours. The same captures give
the same bytes, in whatever order they come. Every capture has its line, also those whose keys are equal.
"""

from __future__ import annotations

import heapq
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from archive.disk import translated
from archive.errors import CollectionError
from archive.index.rows import instant
from archive.index.surt import surt
from archive.layout import sync_directory
from archive.model import Capture, Digest, Location, RecordId, Uri

FOLDER = "archive/"
BLOCK = 1 << 13
SORTED_AT_ONCE = 20_000
"""Lines that are sorted in memory; more are merged from sorted pieces on the disk."""
_MEDIA_TYPE_END = re.compile(r"[;\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one line says. `timestamp` has 14 digits (UTC), `location` names the file as the collection does."""

    urlkey: str
    timestamp: str
    uri: Uri
    mime: str | None
    status: int | None
    digest: Digest
    location: Location
    date: datetime
    record_id: RecordId


def line(capture: Capture) -> str:
    """The line of a capture, without its end."""
    date = instant(capture.date)
    mime = None if capture.mime == "unk" else _MEDIA_TYPE_END.split(capture.mime, maxsplit=1)[0] or None
    said = {
        "url": capture.uri,
        "mime": "warc/revisit" if capture.type == "revisit" else mime,
        "status": capture.status,
        "digest": capture.payload_digest,
        "length": capture.location.length,
        "offset": capture.location.offset,
        "filename": capture.location.file.removeprefix(FOLDER),
        "date": date,
        "record_id": capture.record_id,
    }
    timestamp = date[:19].translate({ord(c): None for c in "-T:"})
    return f"{surt(capture.uri)} {timestamp} {json.dumps({name: value for name, value in said.items() if value is not None})}"


def is_listed(capture: Capture) -> bool:
    """Whether a capture has a line: whatever replay tools look for lies under `archive/`."""
    return capture.location.file.startswith(FOLDER)


def write(path: Path, captures: Iterable[Capture]) -> None:
    """Write the index whole or not at all; captures elsewhere than under `archive/` are left out. Raises CollectionError."""
    draft = path.with_suffix(".new")
    lines = (f"{line(capture)}\n".encode("ascii") for capture in captures if is_listed(capture))
    with translated(path), ExitStack() as pieces:
        with draft.open("wb") as stream:
            stream.writelines(_sorted(lines, pieces, directory=path.parent))
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(path)
        sync_directory(path.parent)


def _sorted(lines: Iterator[bytes], pieces: ExitStack, *, directory: Path) -> Iterable[bytes]:
    """Lines in the order of their bytes, with only so many in memory."""
    current = sorted(islice(lines, SORTED_AT_ONCE))
    spilled: list[Iterable[bytes]] = []
    while following := sorted(islice(lines, SORTED_AT_ONCE)):
        piece = pieces.enter_context(tempfile.TemporaryFile(dir=directory))  # noqa: SIM115 - `pieces` closes it
        piece.writelines(current)
        piece.seek(0)
        spilled.append(piece)
        current = following
    return heapq.merge(*spilled, current)


def read(path: Path) -> Iterator[Line]:
    """All lines. Raises CollectionError for one that is torn or out of order."""
    before = b""
    with translated(path), _open(path) as stream:
        for number, data in enumerate(stream, 1):
            if data < before:
                raise _unsorted(path, f"line {number}")
            before = data
            yield _parse(data, path=path)


def lookup(path: Path, uri: str) -> list[Line]:
    """The lines of a URI's key, oldest first, found by halving. Raises CollectionError, also for what lies on the way."""
    key = surt(uri).encode() + b" "
    found = []
    with translated(path), _open(path) as stream:
        stream.seek(_first_at_or_after(stream, key, path=path))
        for data in stream:
            if not data.startswith(key):
                break
            found.append(_parse(data, path=path))
    return found


def _open(path: Path) -> BinaryIO:
    if not path.is_file():
        raise CollectionError(f"{path} is missing: run `footnotary reindex`")
    return path.open("rb")


def _first_at_or_after(stream: BinaryIO, key: bytes, *, path: Path) -> int:
    """The place of the first line that is not before `key`: halving down to a block, then line by line."""
    low, high = 0, stream.seek(0, os.SEEK_END)
    least, greatest = b"", b"\xff"
    while high - low > BLOCK:
        middle = (low + high) // 2
        stream.seek(middle)
        stream.readline()
        start = stream.tell()
        if start >= high:
            high = middle
            continue
        data = stream.readline()
        if not least <= data <= greatest:
            raise _unsorted(path, f"the line at byte {start}")
        if data < key:
            low, least = start, data
        else:
            high, greatest = middle, data
    stream.seek(low)
    while (data := stream.readline()) and data < key:
        low += len(data)
    return low


def _parse(data: bytes, *, path: Path) -> Line:
    try:
        urlkey, timestamp, said = data.decode("ascii")[: data.index(b"\n")].split(" ", 2)
        fields = json.loads(said)
        file = FOLDER + fields["filename"]
        return Line(
            urlkey=urlkey,
            timestamp=timestamp,
            uri=fields["url"],
            mime=fields.get("mime"),
            status=fields.get("status"),
            digest=fields["digest"],
            location=Location(file=file, offset=int(fields["offset"]), length=int(fields["length"])),
            date=datetime.fromisoformat(fields["date"]),
            record_id=fields["record_id"],
        )
    except (ValueError, KeyError, TypeError) as error:
        shown = data[:80].decode("utf-8", "replace").rstrip("\n")
        raise CollectionError(f"{path}: the line {shown!r} is torn or not ours: run `footnotary reindex`") from error


def _unsorted(path: Path, which: str) -> CollectionError:
    return CollectionError(f"{path}: {which} is out of order: run `footnotary reindex`")
