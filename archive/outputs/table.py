"""The table of citations: one row a citation, its state in a plain word, and what to do next where it is not kept."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from archive.index.database import Database
from archive.index.rows import instant
from archive.model import Article, Attempt, Capture, Citation, Extraction, Outcome, Truncated
from archive.outputs.plain import json_line


class State(StrEnum):
    """One plain word for a person, made of outcome and answer."""

    KEPT = "kept"
    NOT_THE_SOURCE = "not the source"
    NOT_KEPT = "not kept"
    NO_LINK = "no link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The columns of `footnotary citations`. `http` is the last status, `captured_at` an ISO 8601 instant.

    `verdict` and `claims` are empty: no rule judges a capture yet.
    """

    article: str
    ordinal: int
    state: str
    anchor: str
    sentence: str
    context: str
    reason: str
    kind: str
    href: str
    target: str | None
    target_from: str | None
    outcome: str | None
    http: int | None
    captured_at: str | None
    verdict: str | None
    claims: str | None
    next: str | None


COLUMNS = tuple(field.name for field in fields(Row))

REFUSED_BY_RULE = "robots.txt does not allow it"
"""The reason of a refusal that robots.txt itself speaks; every other one says why it could not be read."""

SKIPPED_BY_RULE = "sources.skip"
"""How the reason begins where the configuration leaves a source out; every other one says why it can't be asked for."""

_NEXT = {
    Outcome.NO_TARGET: "the link has lost its target: add it under citations:",
    Outcome.ROBOTS: "robots.txt forbids it: ask the host, or set robots: record for it",
    Outcome.ADDRESS_BLOCKED: "the address is refused: list it under network.allow if it is yours",
    Outcome.SKIPPED: "a rule leaves it out: change sources.skip to fetch it",
    Outcome.INTERRUPTED: "the run ended first: run it again",
    Outcome.ARCHIVE_FAILED: "it came and could not be written: see the log, then run it again",
    Outcome.NOT_ARCHIVED: "the collection does not hold it: crawl it while it is there",
}

_UNREACHABLE = (
    ("does not resolve", "look for its new address, or for a copy in a web archive"),
    ("certificate", "tell the host, or set certificates: record to take it as it is"),
    ("redirect", "open it in a browser, and give the address where it ends under citations:"),
    ("size limit", "set a larger size under limits:"),
    ("proxy", "check network.proxy, then run it again"),
)
"""Words in the reason of an outcome `unreachable`, and what helps; anything else may pass by itself."""


def row_of(
    article: Article,
    citation: Citation,
    *,
    attempt: Attempt | None = None,
    capture: Capture | None = None,
    extraction: Extraction | None = None,
) -> Row:
    """The row of one citation with what its latest attempt gave."""
    lost = attempt is None and citation.target is None
    state = State.NO_LINK if lost else state_of(attempt, capture=capture, extraction=extraction)
    following = _NEXT[Outcome.NO_TARGET] if lost else next_step(attempt, capture=capture, extraction=extraction)
    return Row(
        article=article.uri,
        ordinal=citation.ordinal,
        state=state,
        anchor=citation.anchor.exact,
        sentence=citation.sentence.exact,
        context=citation.context,
        reason=citation.reason,
        kind=citation.kind,
        href=citation.href,
        target=citation.target,
        target_from=citation.target_from,
        outcome=attempt.outcome if attempt else None,
        http=capture.status if capture else None,
        captured_at=instant(capture.date) if capture else None,
        verdict=None,
        claims=None,
        next=None if state == State.KEPT else following,
    )


def state_of(attempt: Attempt | None, *, capture: Capture | None, extraction: Extraction | None) -> State:
    """The state; until captures are judged it rests on status, truncation and readability."""
    if attempt is None:
        return State.NOT_KEPT
    if attempt.outcome == Outcome.NO_TARGET:
        return State.NO_LINK
    if attempt.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED) or capture is None:
        return State.NOT_KEPT
    sound = _is_answer(capture) and capture.truncated is None
    readable = extraction is not None and extraction.unreadable is None
    return State.KEPT if sound and readable else State.NOT_THE_SOURCE


def next_step(attempt: Attempt | None, *, capture: Capture | None, extraction: Extraction | None) -> str:
    """What a person can do about a citation that is not kept."""
    if attempt is None:
        return _NEXT[Outcome.INTERRUPTED]
    if attempt.outcome == Outcome.ROBOTS and attempt.reason != REFUSED_BY_RULE:
        return f"{attempt.reason}: run it again later, or set robots: record for it"
    if attempt.outcome == Outcome.SKIPPED and not attempt.reason.startswith(SKIPPED_BY_RULE):
        return f"{attempt.reason}: give the right one under citations:"
    if attempt.outcome == Outcome.UNREACHABLE:
        helps = (sentence for words, sentence in _UNREACHABLE if words in attempt.reason)
        return f"{attempt.reason}: {next(helps, 'run it again later, or look for a copy in a web archive')}"
    if attempt.outcome in _NEXT or capture is None:
        return _NEXT.get(attempt.outcome, _NEXT[Outcome.ARCHIVE_FAILED])
    if not _is_answer(capture):
        return _after_status(capture.status)
    if capture.truncated is not None:
        return _CUT.get(capture.truncated, f"the answer was cut short ({capture.truncated}): run it again")
    return (
        f"it can't be read: {extraction.unreadable}"
        if extraction and extraction.unreadable
        else "it was not read: run it again"
    )


_CUT = {
    Truncated.LENGTH: "the answer is larger than the size limit: set a larger size under limits:",
    Truncated.TIME: "the answer did not end in time: set a longer time under limits:",
}


def _is_answer(capture: Capture) -> bool:
    """Whether the status says that the bytes are what was asked for; 304 on a revisit says so of its original."""
    status = capture.status
    return status is not None and (200 <= status < 300 or (status == 304 and capture.type == "revisit"))


def _after_status(status: int | None) -> str:
    if status is None:
        return "what came is not HTTP: open it in a browser"
    if status in (404, 410):
        return "the page is gone: look for a copy in a web archive, or for its new address"
    if status in (401, 402, 403, 407, 451):
        return "the server refuses it: open it in a browser, or ask the host"
    if 300 <= status < 400:
        return f"the redirect ({status}) leads nowhere: open it in a browser, or look for a copy in a web archive"
    return f"the server answered {status}: run it again later"


def rows(database: Database) -> list[Row]:
    """The rows of the newest reading of each article."""
    return [row for article in database.articles() for row in rows_of(database, article)]


def rows_of(database: Database, article: Article) -> Iterator[Row]:
    """The rows of one reading of an article, by ordinal, each with its latest attempt."""
    for citation in database.citations(article.record_id):
        attempt = database.attempt(citation.citation_id)
        capture = database.one(Capture, attempt.capture_id) if attempt else None
        extraction = database.one(Extraction, attempt.extraction_id) if attempt else None
        yield row_of(article, citation, attempt=attempt, capture=capture, extraction=extraction)


def summary(found: Sequence[Row]) -> str:
    """One closing line: how many of each state, and how many need a person."""
    counts = Counter(row.state for row in found)
    parts = [f"{counts[state]} {state}" for state in State if counts[state]]
    needed = sum(row.next is not None for row in found)
    return f"{len(found)} citations: {', '.join(parts) or 'none'}; {needed} need{'s' if needed == 1 else ''} a person"


def as_csv(found: Iterable[Row]) -> str:
    """RFC 4180, UTF-8 when encoded, header first."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(asdict(row) for row in found)
    return out.getvalue()


def as_json(found: Iterable[Row]) -> str:
    """One JSON array, the columns in their order."""
    return json.dumps([asdict(row) for row in found], ensure_ascii=False, indent=1) + "\n"


def as_json_lines(found: Iterable[Row]) -> str:
    """One JSON object a line, the columns in their order."""
    return "".join(json_line(asdict(row)) + "\n" for row in found)
