"""index.sqlite: what the records say, as rows that can be asked.

A value is added by its record id, and adding it again changes nothing, in whatever order values come. Nothing here is a
fact of its own: the file can be thrown away and built anew from the WARC files, with the same content (`dump`).

While a run writes, its rows stand in one open transaction until `commit`, which the collection calls after a sync of the
files; the journal mode stays DELETE, so that the file opens from a read-only medium at any time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from archive.errors import CollectionError, CollectionFullError
from archive.index.rows import Cell, cells, columns, instant, value_of
from archive.index.schema import KEYS, RUN_END, VERSION, statements
from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    Digest,
    Extraction,
    Kept,
    KeptFailure,
    Link,
    RecordEntry,
    RecordId,
    RunEnd,
    RunStart,
    Uri,
)

T = TypeVar("T")


class Database:
    """Made by `create`, `open_read_only` or `copy_in_memory`; used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path
        self._inserts = {kind: _insert(name, kind) for kind, (name, _) in KEYS.items()}

    @classmethod
    def create(cls, path: Path | None = None) -> Self:
        """An empty index in memory or in a new file; or the index that the file is. Raises CollectionError."""
        name = ":memory:" if path is None else str(path)
        with _translated(path):
            connection = sqlite3.connect(name, check_same_thread=False, isolation_level="DEFERRED")
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                connection.execute("PRAGMA synchronous = FULL")
                for statement in statements():
                    connection.execute(statement)
                connection.commit()
            _check_version(connection, path)
        return cls(connection, path)

    @classmethod
    def open_read_only(cls, path: Path) -> Self:
        """The index for questions only; the file and its folder may be read-only. Raises CollectionError."""
        if not path.is_file():
            raise CollectionError(f"{path} is missing: run `footnotary reindex` to build it from the WARC files")
        with _translated(path):
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            _check_version(connection, path)
        return cls(connection, path)

    @classmethod
    def copy_in_memory(cls, path: Path) -> Self:
        """A copy that may be added to while the file stays as it is. Raises CollectionError."""
        with cls.open_read_only(path) as source, _translated(path):
            connection = sqlite3.connect(":memory:", check_same_thread=False)
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
        """Put a value in, or put it in again."""
        with _translated(self._path):
            if isinstance(value, RunStart | RunEnd):
                self._add_run(value)
                return
            self._connection.execute(self._inserts[type(value)], cells(value))
            if isinstance(value, Article):
                self._connection.executemany(_LINK, [(value.record_id, *cells(link)) for link in value.links])

    def _add_run(self, value: RunStart | RunEnd) -> None:
        names = {c.name: c.name for c in columns(RunStart)} if isinstance(value, RunStart) else {"run_id": "run_id", **RUN_END}
        found = dict(zip((c.name for c in columns(type(value))), cells(value), strict=True))
        row = {column: found[name] for name, column in names.items()}
        changes = ", ".join(f"{column} = excluded.{column}" for column in row)
        marks = ", ".join("?" * len(row))
        self._connection.execute(
            f"INSERT INTO run ({', '.join(row)}) VALUES ({marks}) ON CONFLICT (run_id) DO UPDATE SET {changes}",
            tuple(row.values()),
        )

    def commit(self) -> None:
        """Make lasting what was added."""
        with _translated(self._path):
            self._connection.commit()

    # Asking

    def rows(self, sql: str, parameters: tuple[Cell, ...] = ()) -> list[tuple[Any, ...]]:
        """Any question in SQL."""
        with _translated(self._path):
            return self._connection.execute(sql, parameters).fetchall()

    def values(self, kind: type[T], where: str, parameters: tuple[Cell, ...] = ()) -> list[T]:
        """The values of one kind for which a condition holds; `where` may go on with ORDER BY and LIMIT."""
        name, _ = KEYS[kind]
        wanted = ", ".join(f"{name}.{c.name}" for c in columns(kind))
        found = self.rows(f"SELECT {wanted} FROM {name} WHERE {where}", parameters)
        if kind is Article:
            keys = [c.name for c in columns(Article)].index("record_id")
            return [value_of(kind, row, links=self.links(row[keys])) for row in found]
        return [value_of(kind, row) for row in found]

    def one(self, kind: type[T], record_id: RecordId | None) -> T | None:
        """The value of one kind with a record id."""
        found = self.values(kind, "record_id = ?", (record_id,))
        return found[0] if found else None

    def links(self, article_id: RecordId) -> tuple[Link, ...]:
        """The links of one reading of an article, in document order."""
        wanted = ", ".join(c.name for c in columns(Link))
        found = self.rows(f"SELECT {wanted} FROM link WHERE article_id = ? ORDER BY ordinal", (article_id,))
        return tuple(value_of(Link, row) for row in found)

    def captures(self, uri: Uri) -> list[Capture]:
        """Captures of an exact URI, oldest first."""
        return self.values(Capture, "uri = ? ORDER BY date, record_id", (uri,))

    def failures(self, uri: Uri) -> list[KeptFailure]:
        """Failures of an exact URI, oldest first."""
        return self.values(KeptFailure, "uri = ? ORDER BY date, record_id", (uri,))

    def original(self, *, uri: Uri, status: int | None, body_digest: Digest) -> Capture | None:
        """The latest whole response of an exact URI with this status and these bytes after its head."""
        where = "uri = ? AND status = ? AND body_digest = ? AND type = 'response' AND truncated IS NULL"
        found = self.values(Capture, f"{where} ORDER BY date DESC LIMIT 1", (uri, status, body_digest))
        return found[0] if found else None

    def extraction_of(self, capture_id: RecordId) -> Extraction | None:
        """The latest extraction of a capture."""
        found = self.values(Extraction, "capture_id = ? ORDER BY date DESC, record_id LIMIT 1", (capture_id,))
        return found[0] if found else None

    def articles(self) -> list[Article]:
        """The newest reading of each article, in the order in which the newest run named them."""
        newer = "a.uri = article.uri AND (a.date, a.record_id) > (article.date, article.record_id)"
        newest = f"NOT EXISTS (SELECT 1 FROM article AS a WHERE {newer})"
        return self.values(Article, f"{newest} ORDER BY ordinal, date, record_id")

    def reading_before(self, article: Article) -> Article | None:
        """The reading of the same article that came before this one."""
        where = "uri = ? AND (date, record_id) < (?, ?) ORDER BY date DESC, record_id DESC LIMIT 1"
        found = self.values(Article, where, (article.uri, instant(article.date), article.record_id))
        return found[0] if found else None

    def citations(self, article_id: RecordId) -> list[Citation]:
        """The citations of one reading of an article, by ordinal."""
        return self.values(Citation, "article_id = ? ORDER BY ordinal", (article_id,))

    def attempt(self, citation_id: RecordId) -> Attempt | None:
        """The latest attempt of a citation."""
        found = self.values(Attempt, "citation_id = ? ORDER BY date DESC, sequence DESC LIMIT 1", (citation_id,))
        return found[0] if found else None

    def entries(self, file: str | None = None) -> list[RecordEntry]:
        """Every record, or those of one file, in the order in which they lie."""
        if file is None:
            return self.values(RecordEntry, "1 ORDER BY file, offset")
        return self.values(RecordEntry, "file = ? ORDER BY offset", (file,))

    def dump(self) -> Iterator[str]:
        """The content as lines of text that do not depend on how it came in: what two equal indexes share."""
        keyed = [*KEYS.values(), ("link", "article_id, ordinal"), ("run", "run_id")]
        for name, key in sorted(keyed):
            for row in self.rows(f"SELECT * FROM {name} ORDER BY {key}"):
                yield f"{name} {row!r}"


def _insert(name: str, kind: type) -> str:
    return f"INSERT OR REPLACE INTO {name} VALUES ({', '.join('?' * len(columns(kind)))})"


_LINK = f"INSERT OR REPLACE INTO link VALUES ({', '.join('?' * (len(columns(Link)) + 1))})"


def _check_version(connection: sqlite3.Connection, path: Path | None) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != VERSION:
        raise CollectionError(f"{path} is of another version ({found}, not {VERSION}): run `footnotary reindex`")


@contextmanager
def _translated(path: Path | None) -> Iterator[None]:
    """SQLite's errors in our words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise CollectionFullError(f"{path}: the disk is full, make room and run the crawl again") from error
        raise CollectionError(f"{path} can't be used ({error}): run `footnotary reindex`") from error
    except sqlite3.DatabaseError as error:
        raise CollectionError(f"{path} is damaged ({error}): run `footnotary reindex`") from error
