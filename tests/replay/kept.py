"""What a collection gives by itself: its captures with their bytes, and an index under which each record stands alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urljoin

from archive.index import cdxj
from archive.index.database import Database
from archive.index.surt import surt
from archive.layout import Layout
from archive.memento import original_of
from archive.model import Capture
from archive.warc.http import Head, entity
from archive.warc.reader import read_at
from archive.warc.stored import StoredRecord


def captures(root: Path) -> list[Capture]:
    """What replay tools may ask for, oldest first."""
    with Database.open_read_only(Layout(root).database) as database:
        return [found for found in database.values(Capture, "1 ORDER BY date, record_id") if cdxj.is_listed(found)]


def head_of(root: Path, capture: Capture) -> Head | None:
    """The head of a capture's HTTP message; None for a resource."""
    head = read_at(root, capture.location).head()
    return head if isinstance(head, Head) else None


def body_of(root: Path, capture: Capture) -> bytes:
    """The entity body: that of the original where the capture is a revisit."""
    with Database.open_read_only(Layout(root).database) as database:
        original = original_of(database, capture)
    return b"".join(_entity(read_at(root, original.location)))


def redirects_to_itself(root: Path, capture: Capture) -> bool:
    """Whether a redirect leads to its own key: pywb leaves such captures out, because a browser would go round in them."""
    head = head_of(root, capture)
    location = head.get(b"location") if head and capture.status and 300 <= capture.status < 400 else None
    return location is not None and surt(urljoin(capture.uri, location.decode("latin-1"))) == surt(capture.uri)


def list_each(place: Path, collections: Sequence[Path]) -> None:
    """Make a collection with the records of others, under their own keys and each once more under one that it has alone."""
    for part in ("archive", "indexes"):
        (place / part).mkdir(parents=True)
    own: list[str] = []
    for root in collections:
        (place / "indexes" / f"{root.name}.cdxj").write_bytes(Layout(root).cdxj.read_bytes())
        for file in Layout(root).archive.iterdir():
            (place / "archive" / file.name).symlink_to(file)
        own += (_alone(line) for line in Layout(root).cdxj.read_text(encoding="ascii").splitlines(keepends=True))
    (place / "indexes" / "each.cdxj").write_text("".join(sorted(own)), encoding="ascii")


def alone(capture: Capture) -> str:
    """The URL under which `list_each` lists a capture."""
    return f"http://each.example/{capture.record_id}/"


def _alone(line: str) -> str:
    _, timestamp, said = line.split(" ", 2)
    return f"{surt('http://each.example/' + json.loads(said)['record_id'])} {timestamp} {said}"


def _entity(record: StoredRecord) -> Iterator[bytes]:
    head = record.head()
    return record.block.chunks() if head is None else entity(head, record.block.chunks(head.size))
