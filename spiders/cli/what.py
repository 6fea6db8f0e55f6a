"""WHAT a person names: a citation by its number, what was met at a URI, or a record by its id.

A number is that of a citation in the newest reading of each article, `2.19` that of the second article alone. A URI is met
exactly, then without its fragment; one that only a citation names stands for that citation. A record id may be that of any
record, whole or its first digits. What is not there is an error that names what comes near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from archive.index.database import Database
from archive.memento import mementos
from archive.model import Article, Attempt, Capture, Citation, Extraction, KeptFailure, RecordEntry, RecordId, Uri
from archive.outputs.plain import plain

Named = Citation | Attempt | Capture | KeptFailure | Extraction | Article | RecordEntry

NEAR = 3
LIKE = 0.85
LONGEST, MOST = 2_000, 5_000
"""A URI that is longer is like no other; so many are looked at."""

_NUMBER = re.compile(r"(?:(\d{1,9})\.)?(\d{1,9})")
_ID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}[0-9a-f-]{0,28})", re.IGNORECASE)
_ADORNED = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:www\.)?|#.*$|/$", re.IGNORECASE)


class UnknownThingError(ValueError):
    """The collection does not have it; the sentence names what it has that comes near."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(f"{plain(what)} is not in the collection{hint and f': {hint}'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What can be followed through the years: a citation of an article, or a URI."""

    uri: Uri
    citation: Citation | None = None

    def __str__(self) -> str:
        """A line that names it."""
        if self.citation is None:
            return plain(self.uri)
        target = self.citation.target or self.citation.href
        return plain(f"{self.citation.article_uri}, citation {self.citation.ordinal} ({target})")


def named(database: Database, what: str) -> list[Named]:
    """What is meant, at least one. Raises UnknownThingError."""
    number, record = _NUMBER.fullmatch(what), _ID.fullmatch(what)
    found: list[Named] = []
    if number:
        found += _numbered(database, int(number[2]), article=int(number[1]) if number[1] else None)
    if not found and record:
        found += _recorded(database, record[1].lower())
    if not found and not number and not record:
        found += _met(database, Uri(what)) or _met(database, Uri(what.partition("#")[0]))
    if not found:
        raise UnknownThingError(what, _hint(database, what, is_number=number is not None))
    return found


def subjects(database: Database, what: str) -> list[Subject]:
    """What is meant, as something that can be followed. Raises UnknownThingError, ValueError for a record of another sort."""
    found = (_subject(database, one) for one in named(database, what))
    unique = list(dict.fromkeys(subject for subject in found if subject is not None))
    if not unique:
        raise ValueError(f"{plain(what)} is a record that stands for itself: look at it with `footnotary show {plain(what)}`")
    return unique


def _subject(database: Database, one: Named) -> Subject | None:
    match one:
        case Citation():
            return Subject(uri=one.article_uri, citation=one)
        case Attempt():
            cited = database.values(Citation, "citation_id = ?", (one.citation_id,))
            return _subject(database, cited[0]) if cited else None
        case RecordEntry():
            return Subject(uri=one.uri) if one.uri and mementos(database, one.uri) else None
        case _:
            return Subject(uri=one.uri)


def _numbered(database: Database, ordinal: int, *, article: int | None) -> Iterator[Citation]:
    for place, reading in enumerate(database.articles(), 1):
        if article in (None, place):
            yield from (c for c in database.citations(reading.record_id) if c.ordinal == ordinal)


def _met(database: Database, uri: Uri) -> list[Named]:
    """What was met at a URI; else the citations that name it and were never asked for there."""
    found: list[Named] = list(mementos(database, uri))
    return found or [cited.citation for cited in database.cited() if uri in (cited.citation.target, cited.citation.href)]


def _recorded(database: Database, digits: str) -> list[Named]:
    """The one thing whose id begins so. Raises ValueError where there are several."""
    begin = f"urn:uuid:{digits}"
    sql = (
        "SELECT record_id FROM record WHERE record_id >= ?1 AND record_id < ?2"
        " UNION SELECT citation_id FROM citation WHERE citation_id >= ?1 AND citation_id < ?2 ORDER BY 1 LIMIT 9"
    )
    ids = [RecordId(row[0]) for row in database.rows(sql, (begin, f"{begin}~"))]
    if len(ids) > 1:
        raise ValueError(f"{digits} begins several ids, give more of it: {', '.join(ids)}")
    return [one for one in (_record(database, record_id) for record_id in ids) if one is not None]


def _record(database: Database, record_id: RecordId) -> Named | None:
    cited = database.values(Citation, "citation_id = ?1 OR record_id = ?1", (record_id,))
    kinds: tuple[type[Named], ...] = (Attempt, Capture, KeptFailure, Extraction, Article, RecordEntry)
    kept = (database.one(kind, record_id) for kind in kinds)
    return cited[0] if cited else next((one for one in kept if one is not None), None)


# What comes near


def _hint(database: Database, what: str, *, is_number: bool) -> str:
    if is_number:
        numbers = [(len(database.citations(one.record_id)), one.uri) for one in database.articles()]
        return "; ".join(f"{plain(uri)} has {count} citations" for count, uri in numbers)
    near = _near(database, what) if len(what) <= LONGEST else []
    return f"it has {', '.join(map(plain, near))}" if near else ""


def _near(database: Database, what: str) -> Sequence[str]:
    """The URIs of the collection that are the same but for scheme, www, last slash or fragment; else those that look alike."""
    sql = "SELECT uri FROM capture UNION SELECT uri FROM failure UNION SELECT target FROM citation WHERE target IS NOT NULL"
    known = sorted((row[0] for row in database.rows(sql)), key=lambda uri: (_host(uri) != _host(what), uri))[:MOST]
    bare = [uri for uri in known if _ADORNED.sub("", uri).lower() == _ADORNED.sub("", what).lower()]
    return bare[:NEAR] or get_close_matches(what, known, n=NEAR, cutoff=LIKE)


def _host(uri: str) -> str:
    return _ADORNED.sub("", uri).partition("/")[0].lower()
