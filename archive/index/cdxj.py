"""index.cdxj: one line a capture, for replay tools. `urlkey timestamp {json}`, sorted by its bytes.

    org,example)/a 20261124093000 {"url": …, "mime": …, "status": 200, "digest": …, "length": …, "offset": …, "filename": …,
                                   "date": …, "record_id": …}

`filename` is relative to `archive/`; `length` and `offset` are those of the gzip member. `date` (microseconds) and
`record_id` are ours. The same captures give the same bytes, in whatever order they come. Every capture has its line, also
those whose keys are equal.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from archive.errors import CollectionError
from archive.index.rows import instant
from archive.index.surt import surt
from archive.layout import sync_directory
from archive.model import Capture

FOLDER = "archive/"
BLOCK = 1 << 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: key, 14-digit timestamp (UTC), and the JSON object as it stands."""

    urlkey: str
    timestamp: str
    fields: dict[str, Any]


def line(capture: Capture) -> str:
    """The line of a capture, without its end."""
    fields = {
        "url": capture.uri,
        "mime": "warc/revisit" if capture.type == "revisit" else capture.mime,
        "status": capture.status,
        "digest": capture.payload_digest,
        "length": capture.location.length,
        "offset": capture.location.offset,
        "filename": capture.location.file.removeprefix(FOLDER),
        "date": instant(capture.date),
        "record_id": capture.record_id,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return f"{surt(capture.uri)} {capture.date:%Y%m%d%H%M%S} {json.dumps(present, ensure_ascii=False)}"


def write(path: Path, captures: Iterable[Capture]) -> None:
    """Write the index whole or not at all. Only captures under `archive/` are listed."""
    lines = sorted(line(c).encode() for c in captures if c.location.file.startswith(FOLDER))
    draft = path.with_suffix(".new")
    try:
        with draft.open("wb") as stream:
            stream.writelines(data + b"\n" for data in lines)
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(path)
        sync_directory(path.parent)
    except OSError as error:
        raise CollectionError(f"{path} can't be written: {error.strerror}") from error


def read(path: Path) -> Iterator[Line]:
    """All lines. Raises CollectionError for a line that is torn or out of order."""
    before = b""
    with _open(path) as stream:
        for number, data in enumerate(stream, 1):
            if not data.endswith(b"\n") or data < before:
                reason = "is out of order" if data.endswith(b"\n") else "is torn"
                raise CollectionError(f"{path}, line {number} {reason}: run `footnotary reindex`")
            before = data
            yield parse(data, path=path)


def lookup(path: Path, uri: str) -> list[Line]:
    """The lines of a URI's key, oldest first, found by binary search."""
    key = surt(uri).encode() + b" "
    found = []
    with _open(path) as stream:
        stream.seek(_first_at_or_after(stream, key))
        for data in stream:
            if not data.startswith(key):
                break
            found.append(parse(data, path=path))
    return found


def parse(data: bytes, *, path: Path) -> Line:
    """One line; `path` is named in the CollectionError for a line that is none."""
    try:
        urlkey, timestamp, fields = data.decode().rstrip("\n").split(" ", 2)
        return Line(urlkey=urlkey, timestamp=timestamp, fields=json.loads(fields))
    except ValueError as error:
        raise CollectionError(f"{path}: {data[:80]!r} is no line of a CDXJ index: run `footnotary reindex`") from error


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise CollectionError(f"{path} can't be read ({error.strerror}): run `footnotary reindex`") from error


def _first_at_or_after(stream: BinaryIO, key: bytes) -> int:
    """The place of the first line that is not before `key`: halving by blocks, then line by line."""
    low, high = 0, stream.seek(0, os.SEEK_END)
    while high - low > BLOCK:
        middle = (low + high) // 2
        stream.seek(middle)
        stream.readline()
        start = stream.tell()
        data = stream.readline()
        if start >= high:
            high = middle
        elif data < key:
            low = start
        else:
            high = middle
    stream.seek(low)
    at = low
    while (data := stream.readline()) and data < key:
        at += len(data)
    return at
