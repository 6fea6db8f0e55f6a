"""What lies in a collection, read with zlib, sqlite3 and nothing of ours: a second opinion on every byte and every row."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record. `member` are its bytes as they lie in the file, `head` those of its WARC header, `block` what follows."""

    member: bytes
    head: bytes
    block: bytes

    def get(self, name: str) -> str | None:
        """The first value of a header field."""
        for line in self.head.decode("utf-8").split("\r\n"):
            key, _, value = line.partition(": ")
            if key.lower() == name.lower():
                return value
        return None

    @property
    def digest(self) -> str:
        """The SHA-256 of the block, as WARC-Block-Digest spells it."""
        return "sha256:" + hashlib.sha256(self.block).hexdigest()

    @property
    def body(self) -> bytes:
        """What follows the head of the HTTP message in the block."""
        return self.block.partition(b"\r\n\r\n")[2]


def record_at(root: Path, file: str, offset: int, length: int) -> Record:
    """The record at a place; it must fill the place exactly."""
    with (root / file).open("rb") as stream:
        stream.seek(offset)
        data = stream.read(length)
    record, rest = _first(data)
    assert rest == b""
    return record


def records_of(root: Path) -> Iterator[Record]:
    """Every record of every file."""
    for path in sorted(root.glob("*/*.warc.gz")):
        rest = path.read_bytes()
        while rest:
            record, rest = _first(rest)
            yield record


def _first(data: bytes) -> tuple[Record, bytes]:
    engine = zlib.decompressobj(31)
    plain = engine.decompress(data)
    assert engine.eof
    head, _, rest = plain.partition(b"\r\n\r\n")
    assert rest.endswith(b"\r\n\r\n")
    member = data[: len(data) - len(engine.unused_data)]
    return Record(member=member, head=head, block=rest[:-4]), engine.unused_data


def select(root: Path, sql: str, *parameters: object) -> list[sqlite3.Row]:
    """What the index answers, opened as any tool would open it."""
    with closing(sqlite3.connect(f"{(root / 'index.sqlite').as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql, parameters).fetchall()


def files_of(root: Path) -> dict[str, str]:
    """Every file below a folder with the digest of its bytes, and every folder."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(root.rglob("*"))
    }
