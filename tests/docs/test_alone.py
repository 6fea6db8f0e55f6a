"""A reader written from archive/README.md alone, without our code or a WARC library: it finds what the indexes say.

If this has to change, the format has changed, and archive/README.md with it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.conftest import Demo


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record with its location."""

    file: str
    offset: int
    length: int
    headers: dict[str, list[str]]
    block: bytes

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name, [""])[0]

    @property
    def id(self) -> str:
        return self["WARC-Record-ID"].strip("<>")

    @property
    def http(self) -> tuple[int, str, bytes]:
        """Status, media type and body of a message."""
        head, _, body = self.block.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        values = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        return int(first.split()[1]), values.get(b"content-type", b"").decode().partition(";")[0].strip(), body


def records(root: Path) -> Iterator[Record]:
    """Every gzip member of every file as a record."""
    for path in sorted([*root.glob("archive/*.warc.gz"), *root.glob("derived/*.warc.gz")]):
        rest, offset = path.read_bytes(), 0
        while rest:
            member = zlib.decompressobj(wbits=31)
            data = member.decompress(rest)
            length = len(rest) - len(member.unused_data)
            head, _, after = data.partition(b"\r\n\r\n")
            headers: dict[str, list[str]] = {}
            for line in head.decode().split("\r\n")[1:]:
                name, _, value = line.partition(": ")
                headers.setdefault(name, []).append(value)
            assert after.endswith(b"\r\n\r\n")
            file = path.relative_to(root).as_posix()
            yield Record(file=file, offset=offset, length=length, headers=headers, block=after[:-4])
            rest, offset = member.unused_data, offset + length


@pytest.fixture(scope="module")
def found(demo: Demo) -> list[Record]:
    """All records of the crawl."""
    return list(records(demo.collection))


def noted(record: Record) -> dict[str, str]:
    """A block of warc-fields; none of the example's needs percent-encoding."""
    return dict(line.split(": ", 1) for line in record.block.decode().split("\r\n") if line)


def test_blocks_have_their_digests(found: list[Record]) -> None:
    """Length and SHA-256 of each block are those of its header."""
    for record in found:
        assert record["Content-Length"] == str(len(record.block))
        assert record["WARC-Block-Digest"] == f"sha256:{hashlib.sha256(record.block).hexdigest()}"


def test_the_cdxj_says_what_the_records_say(demo: Demo, found: list[Record]) -> None:
    """Each capture's line, but for its key, is made from the records; the lines are sorted by their bytes."""
    metadata = (record for record in found if record["WARC-Type"] == "metadata" and record["WARC-Concurrent-To"])
    beside = {record["WARC-Concurrent-To"].strip("<>"): noted(record) for record in metadata}
    expected = []
    for record in (r for r in found if r["WARC-Type"] in {"response", "revisit", "resource"}):
        said: dict[str, object] = {"url": record["WARC-Target-URI"], "digest": record["WARC-Payload-Digest"]}
        if record["WARC-Type"] == "resource":
            said["mime"] = record["Content-Type"]
        else:
            status, mime, _ = record.http
            said |= {"status": status, "digest": beside[record.id]["payloadDigest"]}
            said |= {"mime": "warc/revisit"} if record["WARC-Type"] == "revisit" else {"mime": mime} if mime else {}
        said |= {"length": record.length, "offset": record.offset, "filename": record.file.removeprefix("archive/")}
        expected.append(said | {"date": record["WARC-Date"], "record_id": record.id})
    lines = (demo.collection / "indexes/index.cdxj").read_bytes().splitlines()
    assert lines == sorted(lines)
    shown = [json.loads(line.split(b" ", 2)[2]) for line in lines]
    assert sorted(shown, key=lambda one: str(one["record_id"])) == sorted(expected, key=lambda one: str(one["record_id"]))


def test_digests_of_plain_answers_are_over_their_bodies(found: list[Record]) -> None:
    """Of an answer with a payload digest in its header, payload and body are what follows the head."""
    plain = [r for r in found if r["WARC-Type"] == "response" and r["WARC-Payload-Digest"]]
    assert plain
    for record in plain:
        assert record["WARC-Payload-Digest"] == f"sha256:{hashlib.sha256(record.http[2]).hexdigest()}"


def test_citations_lead_to_their_words_and_to_their_bytes(demo: Demo, found: list[Record]) -> None:
    """From an annotation to the text, where its positions are code points of its words, and by the attempt to the capture."""
    texts = {r.id: r.block.decode() for r in found if r["WARC-Type"] == "conversion"}
    blocks = [json.loads(r.block) for r in found if "json" in r["Content-Type"]]
    extractions = {one["record_id"]: one for one in blocks if one["type"] == "extraction"}
    attempts = {one["citation_id"]: one for one in blocks if one["type"] == "attempt"}
    places = {r.id: (r.file, r.offset, r.length) for r in found}
    chains = []
    for citation in (one for one in blocks if one["type"] == "Annotation"):
        for target in citation["target"]:
            words, *position = target["selector"]
            text = texts[extractions[target["source"]]["text_id"]]
            assert [text[p["start"] : p["end"]] for p in position] == [words["exact"] for _ in position]
        attempt = attempts[citation["id"]]
        place = places.get(attempt["capture_id"], (None, None, None))
        chains.append((citation["footnotary"]["ordinal"], citation.get("body"), attempt["outcome"], *place))
    with closing(sqlite3.connect(demo.collection / "index.sqlite")) as index:
        wanted = "SELECT ordinal, target, outcome, file, offset, length FROM provenance"
        assert sorted(chains, key=repr) == sorted(index.execute(wanted), key=repr)
