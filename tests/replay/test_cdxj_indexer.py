"""Our CDXJ beside the one that cdxj-indexer makes of the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from archive.layout import Layout
from archive.model import Capture
from tests.replay import kept
from tests.replay.tools import Tools

OURS = {"date", "record_id", "digest"}

Place = tuple[str, int]
Said = tuple[str, str, dict[str, Any]]


def read(text: str) -> dict[Place, Said]:
    """The lines of a CDXJ by file and offset: key, timestamp, and the rest with its numbers as cdxj-indexer writes them."""
    found: dict[Place, Said] = {}
    for line in text.splitlines():
        urlkey, timestamp, said = line.split(" ", 2)
        fields = {name: str(value) for name, value in json.loads(said).items()}
        place = fields["filename"], int(fields["offset"])
        assert place not in found
        found[place] = urlkey, timestamp, fields
    return found


def indexed(environment: Tools, collection: Path) -> dict[Place, Said]:
    return read(environment.run("cdxj-indexer", str(Layout(collection).archive)))


def listed(collection: Path) -> dict[Place, Said]:
    return read(Layout(collection).cdxj.read_text(encoding="ascii"))


def place_of(capture: Capture) -> Place:
    return capture.location.file.removeprefix("archive/"), capture.location.offset


def test_both_list_the_same(environment: Tools, collection: Path) -> None:
    """Every response, revisit and resource has key, timestamp, URL, status, media type, offset, length and file in both."""
    theirs, ours = indexed(environment, collection), listed(collection)
    assert {"warc/revisit", "text/html"} <= {fields.get("mime") for _, _, fields in ours.values()}
    for found in (theirs, ours):
        for _, _, fields in found.values():
            for name in OURS & fields.keys():
                del fields[name]
    assert ours == theirs


def test_digests_are_the_same_but_for_chunked_messages(environment: Tools, collection: Path) -> None:
    """A digest that stands in the record is taken from there by both; of a chunked message cdxj-indexer digests the chunks."""
    theirs, ours = indexed(environment, collection), listed(collection)
    chunked = set()
    for capture in kept.captures(collection):
        place = place_of(capture)
        their, our = theirs[place][2]["digest"], ours[place][2]["digest"]
        assert our == capture.payload_digest
        head = kept.head_of(collection, capture)
        if head and head.chunked and capture.type == "response":
            assert their.startswith("sha1:")
            chunked.add(place)
        else:
            assert their == our, capture.uri
    assert chunked
    assert chunked < ours.keys()


def test_the_lines_of_both_are_in_the_same_order(environment: Tools, collection: Path) -> None:
    """Sorted by cdxj-indexer the keys and timestamps come in the order of our file."""
    theirs = environment.run("cdxj-indexer", "--sort", str(Layout(collection).archive)).splitlines()
    ours = Layout(collection).cdxj.read_text(encoding="ascii").splitlines()
    assert [line.split(" ", 2)[:2] for line in ours] == [line.split(" ", 2)[:2] for line in theirs]
