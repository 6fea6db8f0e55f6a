"""index.sqlite: what the records say, as rows that can be asked.

A value is added by its record id, and adding it again changes nothing, in whatever order values come. Nothing here is a
fact of its own: the file can be thrown away and built anew from the WARC files, with the same content (`dump`).

While a run writes, its rows stand in one open transaction until `commit`, which the collection calls after a sync of the
files. The journal mode is DELETE all the time, not WAL: after a kill -9 the rows that were committed stand in the one file,
so a copy of the folder on a read-only medium has them, and a rebuilt index that is renamed over the old one meets no log
of it. The price is a sync more at each commit, once a second, and that a reader who never ends can hold up a commit.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Self

from archive.errors import CollectionError
from archive.index.letters import spaced
from archive.index.queries import TABLES, Questions, run_row, translated
from archive.index.rows import Cell, cells, columns
from archive.index.schema import VERSION, is_foreign, migrate, version_of
from archive.layout import sync_directory
from archive.model import Article, Kept, Link, RunEnd, RunStart, Text, digest_of

READER_PATIENCE = 5.0
WRITER_PATIENCE = 60.0
"""Seconds to wait for another program that holds the file."""

_LINK_COLUMNS = ("article_id", *(c.name for c in columns(Link)))
_TEXT_COLUMNS = [c.name for c in columns(Text)][:-1]
_KEYS = {
    **dict.fromkeys([*TABLES.values(), "text"], "record_id"),
    "link": "article_id, ordinal",
    "run": "run_id",
    "wording": "digest",
    "words": "term",
}
_CONTENTS = {
    "wording": "SELECT digest, text, spaced FROM wording",
    "words": "SELECT term, doc AS texts, cnt AS times FROM temp.vocabulary",
}
"""What is content of a table, where not all of it is: the number of a row is not."""
SIDECARS = ("-journal", "-wal", "-shm")


class Database(Questions):
    """Made by `create`, `open_read_only` or `copy_in_memory`; used by one thread at a time, whichever it is."""

    @classmethod
    def create(cls, path: Path | None = None) -> Self:
        """An empty index in memory or in a new file; or the index that the file is. Raises CollectionError."""
        with translated(path):
            connection = _connect(":memory:" if path is None else str(path), patience=WRITER_PATIENCE)
            try:
                _check(connection, path)
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("PRAGMA cache_size = -65536")  # KiB: the rows of a second are not spilled, which would lock
                migrate(connection)
            except BaseException:  # whatever it is, the connection must not stay open
                connection.close()
                raise
        return cls(connection, path)

    @classmethod
    def open_read_only(cls, path: Path) -> Self:
        """The index for questions only; the file and its folder may be read-only. Raises CollectionError."""
        if not path.is_file():
            raise CollectionError(f"{path} is missing: run `footnotary reindex` to build it from the WARC files")
        with translated(path):
            connection = _connect(f"{path.resolve().as_uri()}?mode=ro{_immutable(path)}", patience=READER_PATIENCE)
            try:
                _check(connection, path)
                _check_current(connection, path)
            except BaseException:  # whatever it is, the connection must not stay open
                connection.close()
                raise
        return cls(connection, path)

    @classmethod
    def copy_in_memory(cls, path: Path) -> Self:
        """A copy that may be added to while the file stays as it is. Raises CollectionError."""
        with cls.open_read_only(path) as source, translated(path):
            connection = _connect(":memory:", patience=0)
            source._connection.backup(connection)
        return cls(connection, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back. What was not committed is gone."""
        self._connection.close()

    # Adding

    def add(self, value: Kept) -> None:
        """Put a value in, or put it in again. Raises CollectionError."""
        with translated(self._path):
            if isinstance(value, RunStart | RunEnd):
                self._add_run(run_row(value))
                return
            if isinstance(value, Text):
                self._add_text(value)
                return
            self._execute(_UPSERTS[type(value)], cells(value))
            if isinstance(value, Article):
                self._add_links(value)

    def add_all(self, values: Iterable[Kept]) -> None:
        """Put many values in, as `add` does."""
        for value in values:
            self.add(value)

    def _add_links(self, article: Article) -> None:
        self._execute("DELETE FROM link WHERE article_id = ?", (article.record_id,))
        for link in article.links:
            self._execute(_ADD_LINK, (article.record_id, *cells(link)))

    def _add_run(self, row: dict[str, Cell]) -> None:
        self._execute(_upsert("run", tuple(row), key="run_id"), tuple(row.values()))

    def _add_text(self, value: Text) -> None:
        self._execute(_ADD_TEXT, cells(value)[:-1])
        if self._execute("SELECT 1 FROM wording WHERE digest = ?", (value.digest,)).fetchone():
            return
        letters = spaced(value.text)
        added = self._execute(_ADD_WORDING, (value.digest, value.text, letters))
        self._execute("INSERT INTO words (rowid, searched) VALUES (?, ?)", (added.lastrowid, letters or value.text))

    def _execute(self, sql: str, parameters: Sequence[Cell]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, parameters)
        except UnicodeEncodeError:  # a lone surrogate is no character: the record has it, the index a replacement
            return self._connection.execute(sql, tuple(map(_characters, parameters)))

    def commit(self) -> None:
        """Make lasting what was added. Raises CollectionError; CollectionFullError when the disk is full."""
        with translated(self._path):
            self._connection.commit()

    # The content as a whole

    def dump(self) -> Iterator[str]:
        """The content as lines of text that do not depend on how it came in: what two equal indexes share.

        A line is a table's name and a row as JSON, by table, then by key (record id; article and ordinal; run; digest; term).
        In the place of what a text says stands the digest of it; of the words there is how often they stand in how many texts.
        """
        with translated(self._path):
            self._connection.execute(_VOCABULARY)
            for table, key in tables():
                found = self._connection.execute(f"{_CONTENTS.get(table, f'SELECT * FROM {table}')} ORDER BY {key}")
                names = [column[0] for column in found.description]
                for row in found:
                    content = (row[0], *map(_digest, row[1:])) if table == "wording" else row
                    said = dict(zip(names, content, strict=True))
                    yield f"{table} {json.dumps(said, sort_keys=True, ensure_ascii=False, default=repr)}"


def tables() -> list[tuple[str, str]]:
    """The tables by name, each with the columns of its key."""
    return sorted(_KEYS.items())


def put_in_place(draft: Path, path: Path) -> None:
    """Let a finished index take the place of another, for good.

    What SQLite left beside the old file goes first: a journal of a cut-off commit would be played into the new one.
    """
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    for suffix in SIDECARS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    draft.rename(path)
    sync_directory(path.parent)


def _connect(name: str, *, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(name, uri=name.startswith("file:"), timeout=patience, check_same_thread=False)


def _immutable(path: Path) -> str:
    """What lets SQLite read from a medium where it can take no lock; with a journal beside it the file is not at rest."""
    at_rest = not any(path.with_name(path.name + suffix).exists() for suffix in SIDECARS)
    writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return "&immutable=1" if at_rest and not writable else ""


def _check(connection: sqlite3.Connection, path: Path | None) -> None:
    """Raise CollectionError for a file that is no index, or that a later version wrote."""
    if is_foreign(connection):
        raise CollectionError(
            f"{path} is an SQLite file, but not the index of a collection: move it away, then run `footnotary reindex`"
        )
    if (found := version_of(connection)) > VERSION:
        raise CollectionError(
            f"{path} was written by a newer version ({found}, this one knows {VERSION}): use that, or run `footnotary reindex`"
        )


def _check_current(connection: sqlite3.Connection, path: Path) -> None:
    if (found := version_of(connection)) < VERSION:
        raise CollectionError(f"{path} has the shape of an earlier version ({found} of {VERSION}): run `footnotary reindex`")


def _digest(cell: Cell) -> Cell:
    return None if cell is None else digest_of(str(cell).encode())


def _characters(cell: Cell) -> Cell:
    return cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell


def _upsert(table: str, names: Sequence[str], *, key: str) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {changes}"


_UPSERTS = {kind: _upsert(table, [c.name for c in columns(kind)], key="record_id") for kind, table in TABLES.items()}
_ADD_TEXT = _upsert("text", _TEXT_COLUMNS, key="record_id")
_ADD_WORDING = "INSERT INTO wording (digest, text, spaced) VALUES (?, ?, ?)"
_VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'words', 'row')"
_ADD_LINK = f"INSERT OR REPLACE INTO link ({', '.join(_LINK_COLUMNS)}) VALUES ({', '.join('?' * len(_LINK_COLUMNS))})"
