"""What the index is asked: each question a function, each answer a value of `archive.model`.

Who wants one row gets None where there is none. Rows come in an order that the question names; of things that are equal in
it the record id decides, so that two indexes with the same content give the same answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from archive.errors import CollectionError, CollectionFullError
from archive.index.rows import Cell, cells, columns, instant, value_of
from archive.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    Digest,
    Extraction,
    KeptFailure,
    Link,
    RecordEntry,
    RecordId,
    RunEnd,
    RunStart,
    Uri,
)

T = TypeVar("T")

TABLES: dict[type, str] = {
    RecordEntry: "record",
    Capture: "capture",
    KeptFailure: "failure",
    Extraction: "extraction",
    Article: "article",
    Citation: "citation",
    Attempt: "attempt",
}
"""The table of each kind of value that has a row of its own; the key is `record_id`."""

RUN_END = {"run_id": "run_id", "date": "ended_at", "reason": "reason", "counts": "counts", "record_id": "end_record_id"}
"""Where the fields of a RunEnd stand in the row of its run; a RunStart has columns of its fields' names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: its first record, and its last where it was not cut off. A lost first record leaves `start` None."""

    run_id: str
    start: RunStart | None
    end: RunEnd | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One citation with its latest attempt: that of the greatest (date, sequence, record id), None before the first."""

    citation: Citation
    attempt: Attempt | None


class Questions:
    """Asked by one thread at a time. Every question raises CollectionError when the file can't be read."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path

    # Any question

    def rows(self, sql: str, parameters: Sequence[Cell] = ()) -> list[tuple[Any, ...]]:
        """Any question in SQL."""
        with translated(self._path):
            return self._connection.execute(sql, parameters).fetchall()

    def provenance(self, where: str, parameters: Sequence[Cell] = ()) -> list[tuple[tuple[str, Cell], ...]]:
        """Rows of the view `provenance`, each cell with its column's name; `where` may go on with ORDER BY and LIMIT."""
        with translated(self._path):
            found = self._connection.execute(f"SELECT * FROM provenance WHERE {where}", parameters)  # noqa: S608 - our names
            names = [column[0] for column in found.description]
            return [tuple(zip(names, row, strict=True)) for row in found]

    def values(self, kind: type[T], where: str, parameters: Sequence[Cell] = ()) -> list[T]:
        """The values of one kind for which a condition holds; `where` may go on with ORDER BY and LIMIT."""
        return list(self.each(kind, where, parameters))

    def each(self, kind: type[T], where: str, parameters: Sequence[Cell] = ()) -> Iterator[T]:
        """As `values`, one at a time: for more than memory should hold."""
        wanted = ", ".join(f"{TABLES[kind]}.{c.name}" for c in columns(kind))
        with translated(self._path):
            for row in self._connection.execute(f"SELECT {wanted} FROM {TABLES[kind]} WHERE {where}", parameters):  # noqa: S608 - our names
                yield self._value(kind, row, **self._more(kind, row))

    def _value(self, kind: type[T], row: tuple[Any, ...], **more: object) -> T:
        try:
            return value_of(kind, row, **more)
        except (ValueError, TypeError) as error:
            raise CollectionError(f"{self._path}: a {kind.__name__} is damaged: run `footnotary reindex`") from error

    def _more(self, kind: type, row: tuple[Any, ...]) -> dict[str, object]:
        if kind is not Article:
            return {}
        return {"links": self.links(row[[c.name for c in columns(Article)].index("record_id")])}

    def one(self, kind: type[T], record_id: RecordId | None) -> T | None:
        """The value of one kind with a record id."""
        return next(iter(self.values(kind, "record_id = ?", (record_id,))), None)

    # Records

    def record(self, record_id: RecordId) -> RecordEntry | None:
        """Any record by its id."""
        return self.one(RecordEntry, record_id)

    def entries(self, file: str | None = None) -> list[RecordEntry]:
        """Every record, or those of one file, in the order in which they lie."""
        if file is None:
            return self.values(RecordEntry, "1 ORDER BY file, offset")
        return self.values(RecordEntry, "file = ? ORDER BY offset", (file,))

    # Captures and failures

    def capture(self, record_id: RecordId) -> Capture | None:
        """A capture by its record id."""
        return self.one(Capture, record_id)

    def captures(self, uri: Uri) -> list[Capture]:
        """Captures of an exact URI, oldest first."""
        return self.values(Capture, "uri = ? ORDER BY date, record_id", (uri,))

    def failure(self, record_id: RecordId) -> KeptFailure | None:
        """A failure by its record id."""
        return self.one(KeptFailure, record_id)

    def failures(self, uri: Uri) -> list[KeptFailure]:
        """Failures of an exact URI, oldest first."""
        return self.values(KeptFailure, "uri = ? ORDER BY date, record_id", (uri,))

    def original(self, *, uri: Uri, status: int | None, body_digest: Digest, method: str = "GET") -> Capture | None:
        """What a revisit may refer to: the latest whole response of an exact URI with this status and these bytes."""
        where = "uri = ? AND status IS ? AND body_digest = ? AND method = ? AND type = 'response' AND truncated IS NULL"
        order = "ORDER BY date DESC, record_id DESC LIMIT 1"
        return next(iter(self.values(Capture, f"{where} {order}", (uri, status, body_digest, method))), None)

    def extraction_of(self, capture_id: RecordId) -> Extraction | None:
        """The latest extraction of a capture."""
        found = self.values(Extraction, "capture_id = ? ORDER BY date DESC, record_id DESC LIMIT 1", (capture_id,))
        return next(iter(found), None)

    # Articles and citations

    def articles(self) -> list[Article]:
        """The newest reading of each article, in the order in which the newest run named them."""
        newer = "a.uri = article.uri AND (a.date, a.record_id) > (article.date, article.record_id)"
        newest = f"NOT EXISTS (SELECT 1 FROM article AS a WHERE {newer})"  # noqa: S608 - our names
        return self.values(Article, f"{newest} ORDER BY ordinal, date, record_id")

    def reading_before(self, article: Article) -> Article | None:
        """The reading of the same article that came before this one."""
        where = "uri = ? AND (date, record_id) < (?, ?) ORDER BY date DESC, record_id DESC LIMIT 1"
        return next(iter(self.values(Article, where, (article.uri, instant(article.date), article.record_id))), None)

    def links(self, article_id: RecordId) -> tuple[Link, ...]:
        """The links of one reading of an article, in document order."""
        wanted = ", ".join(c.name for c in columns(Link))
        found = self.rows(f"SELECT {wanted} FROM link WHERE article_id = ? ORDER BY ordinal", (article_id,))  # noqa: S608 - our names
        return tuple(self._value(Link, row) for row in found)

    def citations(self, article_id: RecordId) -> list[Citation]:
        """The citations of one reading of an article, by ordinal."""
        return self.values(Citation, "article_id = ? ORDER BY ordinal, record_id", (article_id,))

    def attempt(self, citation_id: RecordId) -> Attempt | None:
        """The latest attempt of a citation."""
        found = self.values(
            Attempt, "citation_id = ? ORDER BY date DESC, sequence DESC, record_id DESC LIMIT 1", (citation_id,)
        )
        return next(iter(found), None)

    def cited(self) -> list[Cited]:
        """The citations of the newest reading of each article, article by article, by ordinal, with their latest attempts."""
        return [
            Cited(citation=citation, attempt=self.attempt(citation.citation_id))
            for article in self.articles()
            for citation in self.citations(article.record_id)
        ]

    def cited_at(self, ordinal: int) -> list[Cited]:
        """The citations with this number, one for each article that has so many."""
        return [found for found in self.cited() if found.citation.ordinal == ordinal]

    # Runs

    def runs(self) -> list[Run]:
        """Every run, oldest first; of a run whose first record is lost only the end is known."""
        return [self._run(row) for row in self.rows(_RUNS)]

    def last_run(self) -> Run | None:
        """The run that began last."""
        found = self.runs()
        return found[-1] if found else None

    def _run(self, row: tuple[Any, ...]) -> Run:
        start, end = row[: len(_START)], row[len(_START) :]
        return Run(
            run_id=row[_START.index("run_id")],
            start=None if start[_START.index("record_id")] is None else self._value(RunStart, start),
            end=None if end[_END.index("end_record_id")] is None else self._value(RunEnd, end),
        )


_START = [c.name for c in columns(RunStart)]
_END = [RUN_END[c.name] for c in columns(RunEnd)]
_RUNS = f"SELECT {', '.join([*_START, *_END])} FROM run ORDER BY COALESCE(date, ended_at), run_id"  # noqa: S608 - our names


def run_row(value: RunStart | RunEnd) -> dict[str, Cell]:
    """What a first or last record of a run says, by the columns of `run`."""
    names = _START if isinstance(value, RunStart) else _END
    return dict(zip(names, cells(value), strict=True))


@contextmanager
def translated(path: Path | None) -> Iterator[None]:
    """SQLite's errors in our words."""
    name = path or "the index in memory"
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the higher bits say more than is needed
        if code == sqlite3.SQLITE_FULL:
            raise CollectionFullError(f"{name}: the disk is full, make room and run the crawl again") from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise CollectionError(f"{name} is held by another program: close it and run this again") from error
        if "no such module: fts5" in str(error):
            words = "full-text search (FTS5), which the index needs: run this with a Python whose SQLite has it"
            raise CollectionError(f"{name}: SQLite {sqlite3.sqlite_version} was built without {words}") from error
        raise CollectionError(f"{name} can't be used ({_in_a_line(error)}): run `footnotary reindex`") from error
    except UnicodeDecodeError as error:
        raise CollectionError(f"{name} is damaged: run `footnotary reindex`") from error
    except OverflowError as error:
        raise CollectionError(f"{name}: a number in a record is beyond 63 bits") from error


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
