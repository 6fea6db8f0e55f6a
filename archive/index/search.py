"""Full text: words in, passages out, from all kept texts of articles and sources.

What a person writes are words: all of them must stand in a text. Words in "double quotes" stand together, `word*` is the
beginning of a word, OR stands between two of which one is enough, NOT before one that must not be there. Case and accents
make no difference. Every word is quoted before SQLite sees it, so that nothing in it is taken for the syntax of FTS5.

A text that was read more than once is one hit. The newest texts of their URIs come first, then what once stood there, each
in the order of bm25.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from archive.index.letters import INSERTED, spaced
from archive.index.queries import Questions
from archive.model import Digest, RecordId, Uri

WORDS_AT_MOST = 64
REACH = 240
"""Code points of a passage, about; a word at its end stays whole."""
LEAD = 60
"""Code points before the first word that was found."""
PRIVATE = range(0xE000, 0xF900)
"""Characters that mean nothing by themselves."""

_TERM = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`wanted` are groups of quoted terms; of each group one must be there, and none of `excluded`."""

    wanted: tuple[tuple[str, ...], ...]
    excluded: tuple[str, ...] = ()

    def expression(self) -> str:
        """The same in the syntax of FTS5."""
        wanted = " AND ".join(f"({' OR '.join(group)})" for group in self.wanted)
        return f"({wanted}) NOT ({' OR '.join(self.excluded)})" if self.excluded else wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a text was read: one capture. Times are ISO 8601 text; `http` is its status."""

    uri: Uri
    capture_id: RecordId
    captured_at: str
    http: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedAs:
    """A citation whose source said it; of several readings of an article the newest."""

    article: Uri
    ordinal: int
    citation_id: RecordId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One text. `marks` are the places of the words, `start` and `end` those of the passage: code points of the text, which has
    `more` after it.

    `rank` is bm25, the smaller the better; `newest` says that no later text of its URI is there. `text_id` and `captures` are
    newest first.
    """

    uri: Uri
    title: str | None
    rank: float
    newest: bool
    text_id: RecordId
    digest: Digest
    passage: str
    start: int
    end: int
    more: bool
    marks: tuple[tuple[int, int], ...]
    captures: tuple[Place, ...]
    citations: tuple[CitedAs, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best hits, and how many texts there are in all."""

    hits: tuple[Hit, ...]
    texts: int


def parse(words: Sequence[str]) -> Query:
    """What was typed, an argument each; one with white space in it is a phrase. Raises ValueError with a sentence."""
    text = " ".join(f'"{one}"' if '"' not in one and len(one.split()) > 1 else one for one in words)
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode().replace("\0", " "))  # FTS5 ends at a NUL
    groups: list[list[str]] = []
    excluded: list[str] = []
    before = ""
    for match in _TERM.finditer(text):
        phrase, bare = match[1], match[3] or ""
        if bare in ("OR", "NOT"):
            before = bare
            continue
        if not (term := _quoted(phrase or bare.rstrip("*"), prefix=match[2] or bare.endswith("*"))):
            continue
        if before == "NOT":
            excluded.append(term)
        elif before == "OR" and groups:
            groups[-1].append(term)
        else:
            groups.append([term])
        before = ""
    return _checked(Query(wanted=tuple(map(tuple, groups)), excluded=tuple(excluded)), text)


def _quoted(words: str, *, prefix: str | bool) -> str:
    """A term for FTS5; nothing where no letter and no digit is in it."""
    if not any(c.isalnum() for c in words):
        return ""
    return f'"{(spaced(words) or words).replace(INSERTED, " ")}"{" *" if prefix else ""}'


def _checked(query: Query, text: str) -> Query:
    if not query.wanted:
        what = "NOT takes away from what is found" if query.excluded else f"there is no word in {text!r}"
        raise ValueError(f"{what}: give a word to look for")
    if sum(map(len, query.wanted)) + len(query.excluded) > WORDS_AT_MOST:
        raise ValueError(f"these are more than {WORDS_AT_MOST} words: look for fewer, or for a phrase in double quotes")
    return query


def search(database: Questions, query: Query, *, limit: int) -> Found:
    """The best hits. Raises CollectionError."""
    expression = query.expression()
    ((texts,),) = database.rows("SELECT count(*) FROM words WHERE words MATCH ?", (expression,))
    best = database.rows(_BEST, (expression, limit))
    return Found(hits=tuple(_hit(database, expression, row) for row in best), texts=texts)


def wording(database: Questions, text_id: RecordId | None) -> str | None:
    """The text of a conversion record; None where it has none."""
    sql = "SELECT wording.text FROM text JOIN wording ON wording.digest = text.digest WHERE text.record_id = ?"
    return next((row[0] for row in database.rows(sql, (text_id,))), None)


_BEST = """
SELECT wording.id, wording.digest, wording.text, bm25(words) AS points, EXISTS (
    SELECT 1 FROM text WHERE text.digest = wording.digest AND NOT EXISTS (
        SELECT 1 FROM text AS later WHERE later.uri = text.uri
           AND (later.date, later.record_id) > (text.date, text.record_id))) AS newest
FROM words JOIN wording ON wording.id = words.rowid
WHERE words MATCH ? ORDER BY newest DESC, points, wording.digest LIMIT ?
"""
_READ = """
SELECT text.uri, text.record_id, (SELECT title FROM extraction WHERE text_id = text.record_id ORDER BY date DESC LIMIT 1)
FROM text WHERE text.digest = ? ORDER BY text.date DESC, text.record_id DESC LIMIT 1
"""
_CAPTURED = """
SELECT DISTINCT capture.uri, capture.record_id, capture.date, capture.status FROM text
JOIN capture ON capture.record_id = text.capture_id OR capture.refers_to = text.capture_id
WHERE text.digest = ? ORDER BY capture.date DESC, capture.record_id
"""
_CITED = """
SELECT DISTINCT citation.article_uri, citation.article_id, citation.ordinal, citation.citation_id FROM text
JOIN extraction ON extraction.text_id = text.record_id
JOIN attempt ON attempt.extraction_id = extraction.record_id
JOIN citation ON citation.citation_id = attempt.citation_id
JOIN article ON article.record_id = citation.article_id
WHERE text.digest = ?
ORDER BY citation.article_uri, article.date DESC, citation.article_id, citation.ordinal, citation.citation_id
"""


def _hit(database: Questions, expression: str, row: tuple[Any, ...]) -> Hit:
    number, digest, text, rank, newest = row
    marks = _marks(database, expression, number=number, text=text)
    start, end = _window(text, marks)
    uri, text_id, title = (*database.rows(_READ, (digest,)), ("", "", None))[0]
    captured = database.rows(_CAPTURED, (digest,))
    return Hit(
        uri=uri,
        title=title,
        rank=rank,
        newest=bool(newest),
        text_id=text_id,
        digest=digest,
        passage=text[start:end],
        start=start,
        end=end,
        more=end < len(text),
        marks=tuple(mark for mark in marks if start <= mark[0] and mark[1] <= end),
        captures=tuple(Place(uri=u, capture_id=c, captured_at=at, http=http) for u, c, at, http in captured),
        citations=tuple(_cited(database.rows(_CITED, (digest,)))),
    )


def _cited(found: Sequence[tuple[Any, ...]]) -> Iterator[CitedAs]:
    for article, readings in groupby(found, key=lambda row: row[0]):
        _, newest = next(groupby(readings, key=lambda row: row[1]))
        yield from (CitedAs(article=article, ordinal=row[2], citation_id=row[3]) for row in newest)


def _marks(database: Questions, expression: str, *, number: int, text: str) -> list[tuple[int, int]]:
    """Where the words stand. Two characters that the text does not have show it in what SQLite gives back; a text that has
    all of PRIVATE shows no marks."""
    used = set(text)
    unused = [c for c in map(chr, PRIVATE) if c not in used]
    if len(unused) < 2:
        return []
    begin, end = unused[:2]
    sql = "SELECT highlight(words, 0, ?, ?) FROM words WHERE words MATCH ? AND rowid = ?"
    ((shown,),) = database.rows(sql, (begin, end, expression, number))
    found, at, opened = [], 0, 0
    for piece in re.split(f"([{begin}{end}])", shown.replace(INSERTED, "") if spaced(text) else shown):
        if piece == begin:
            opened = at
        elif piece == end:
            found.append((opened, at))
        else:
            at += len(piece)
    return found


def _window(text: str, marks: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The first part of the text in which the most different words stand close together, from word to word."""
    if not marks:
        return 0, _border(text, REACH)
    ends = [end for _, end in marks]
    best, most = 0, 0
    for first, (start, _) in enumerate(marks):
        near = marks[first : max(first + 1, bisect_right(ends, start + REACH - LEAD))]
        different = len({text[begin:end].casefold() for begin, end in near[:WORDS_AT_MOST]})
        if different > most:
            best, most = first, different
    start = marks[best][0]
    lead = max(0, start - LEAD)
    space = text.find(" ", lead, start) + 1 if lead else 0
    begin = space or lead
    return begin, _border(text, max(begin + REACH, marks[best][1]))


def _border(text: str, at: int) -> int:
    """The end of the word at a place, unless it is too far."""
    after = re.compile(r"\S{0,20}").match(text, at)
    return after.end() if after else len(text)
