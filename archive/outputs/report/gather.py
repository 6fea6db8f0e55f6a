"""What a report says of an article, taken from the index and from the texts that the files hold.

A text that can't be read leaves its reason in its place: a report is written of a damaged collection too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from archive.errors import ArchiveError, NotArchivedError
from archive.index.database import Database
from archive.memento import original_of
from archive.model import Article, Attempt, Capture, Citation, Extraction, KeptFailure, RecordId, Uri
from archive.outputs.table import Row, State, rows_of
from archive.warc.reader import read_at

SIGHTINGS = 50
"""How many earlier looks at a source a page lists."""
LONGEST = 20_000
"""Code points of a source's text that a page shows. Of an article's text it shows all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The text of a capture with what is known of it; `text` is None where there is none, and `problem` says why.

    `length` (code points) and `count` (words) are those of the whole text, of which `text` may be the beginning.
    """

    text: str | None
    length: int = 0
    count: int = 0
    problem: str = ""
    extraction: Extraction | None = None

    @property
    def language(self) -> str | None:
        return self.extraction.language if self.extraction else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What a source is called, and in which language where that is known."""

    words: str
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One look at a source: what came of it, and the capture or the failure that says so."""

    attempt: Attempt
    capture: Capture | None
    failure: KeptFailure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a citation leads to. `original` holds the bytes of `capture` where that is a revisit, and else is the same;
    `sightings` are of all runs, the newest first, and `earlier` counts those that are left out."""

    capture: Capture | None
    original: Capture | None
    failure: KeptFailure | None
    words: Words | None
    sightings: tuple[Sighting, ...]
    earlier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """One citation with its row. `same_as` is the number of an earlier citation of the same source, which shows it;
    `language` is that of the article, whose words its sentence is."""

    citation: Citation
    row: Row
    source: Source
    same_as: int | None
    language: str | None

    @property
    def state(self) -> State:
        return State(self.row.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFacts:
    """One article as its newest reading has it."""

    article: Article
    capture: Capture | None
    words: Words
    cited: tuple[Cited, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(one.row for one in self.cited)


def facts_of(root: Path, database: Database, article: Article) -> ArticleFacts:
    """Everything that the page of an article says. Raises CollectionError where the index can't be read."""
    words = _words(root, database, database.one(Extraction, article.extraction_id), most=None)
    first: dict[Uri, int] = {}
    cited = []
    for citation, row in zip(database.citations(article.record_id), rows_of(database, article), strict=True):
        same_as = first.setdefault(citation.target, citation.ordinal) if citation.target else citation.ordinal
        source = _source(root, database, citation, shown=same_as == citation.ordinal)
        same = None if same_as == citation.ordinal else same_as
        cited.append(Cited(citation=citation, row=row, source=source, same_as=same, language=words.language))
    return ArticleFacts(article=article, capture=database.capture(article.capture_id), words=words, cited=tuple(cited))


def _source(root: Path, database: Database, citation: Citation, *, shown: bool) -> Source:
    attempt = database.attempt(citation.citation_id)
    capture = database.one(Capture, attempt.capture_id) if attempt else None
    looks = _looks(database, citation.target) if shown else []
    return Source(
        capture=capture,
        original=_original(database, capture),
        failure=database.one(KeptFailure, attempt.failure_id) if attempt else None,
        words=_words(root, database, database.one(Extraction, attempt.extraction_id), most=LONGEST)
        if attempt and capture and shown
        else None,
        sightings=tuple(_sighting(database, one) for one in looks[:SIGHTINGS]),
        earlier=max(0, len(looks) - SIGHTINGS),
    )


def _looks(database: Database, target: Uri | None) -> list[Attempt]:
    """The attempts at a target, the newest first; of several citations in one run the first speaks for all."""
    if target is None:
        return []
    by_run: dict[str, Attempt] = {}
    for one in database.values(Attempt, "target = ? ORDER BY date DESC, sequence, record_id", (target,)):
        by_run.setdefault(one.run_id, one)
    return list(by_run.values())


def _sighting(database: Database, attempt: Attempt) -> Sighting:
    return Sighting(
        attempt=attempt,
        capture=database.one(Capture, attempt.capture_id),
        failure=database.one(KeptFailure, attempt.failure_id),
    )


def _original(database: Database, capture: Capture | None) -> Capture | None:
    if capture is None:
        return None
    try:
        return original_of(database, capture)
    except ArchiveError:  # the page says where the revisit is; `verify` says what it lacks
        return None


def _words(root: Path, database: Database, extraction: Extraction | None, *, most: int | None) -> Words:
    if extraction is None:
        return Words(text=None, problem="it was not read")
    if extraction.text_id is None:
        return Words(text=None, problem=extraction.unreadable or "it holds no text", extraction=extraction)
    try:
        text = _text(root, database, extraction.text_id)
    except ArchiveError:
        return Words(text=None, problem="its record can't be read: run footnotary verify", extraction=extraction)
    return Words(text=text[:most], length=len(text), count=len(text.split()), extraction=extraction)


def _text(root: Path, database: Database, text_id: RecordId) -> str:
    entry = database.record(text_id)
    if entry is None:
        raise NotArchivedError(text_id)
    return read_at(root, entry.location).block.read().decode("utf-8", "replace")


def titles(cited: Iterable[Cited]) -> dict[int, Title]:
    """A title for each source: its own, else where it is, else the words of its link."""
    found: dict[int, Title] = {}
    for one in cited:
        known = found.get(one.same_as) if one.same_as else None
        found[one.citation.ordinal] = known or _title(one)
    return found


def _title(one: Cited) -> Title:
    words, citation = one.source.words, one.citation
    if words and words.extraction and words.extraction.title:
        return Title(words=words.extraction.title, language=words.language)
    if citation.target:
        return Title(words=citation.target)
    return Title(words=citation.anchor.exact or citation.href, language=one.language)
