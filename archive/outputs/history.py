"""What became of a citation, or was met at a URI, over the years: one step an attempt or a memento, oldest first.

A citation is followed over all readings of its article: it is the same one as long as its anchor and its link's href are; of
several such the first goes with the first. What came is compared with what came the time before, bytes with bytes and text
with text; an attempt that brought nothing is passed over in that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archive.errors import NotArchivedError
from archive.index.database import Database
from archive.index.rows import instant
from archive.memento import Memento, mementos, original_of
from archive.model import Attempt, Capture, Citation, Digest, Extraction, KeptFailure, Outcome, RecordId, Uri
from archive.outputs.table import state_of


class Since(StrEnum):
    """How something compares with the time before."""

    FIRST = "first"
    SAME = "same"
    CHANGED = "changed"
    NOTHING = "nothing came"
    NO_TEXT = "no text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One attempt of a citation, or one memento of a URI. `when` is an ISO 8601 instant, `size` counts bytes of the entity.

    `uri` is where the answer came from, or what was asked for. `record_id` is the record that says most: capture, failure or
    attempt. `state` is None for what no citation was attempted with: a hop, an article, a robots.txt. `tool` is what has read
    the text.
    """

    article: Uri | None
    ordinal: int | None
    uri: Uri | None
    when: str
    run_id: str
    outcome: str
    reason: str | None
    state: str | None
    http: int | None
    bytes: str
    text: str
    size: int | None
    record_id: RecordId
    attempt_id: RecordId | None
    payload_digest: Digest | None
    text_id: RecordId | None
    text_digest: Digest | None
    tool: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    """What one step is about, before it is compared with the one before."""

    date: datetime
    run_id: str
    citation: Citation | None = None
    attempt: Attempt | None = None
    capture: Capture | None = None
    failure: KeptFailure | None = None
    extraction: Extraction | None = None


def of_citation(database: Database, citation: Citation) -> list[Step]:
    """Every attempt of a citation, over all readings of its article. Raises CollectionError."""
    return _steps(
        _of_attempt(database, same, attempt)
        for same in followed(database, citation)
        for attempt in database.values(Attempt, "citation_id = ? ORDER BY date, sequence, record_id", (same.citation_id,))
    )


def of_uri(database: Database, uri: Uri) -> list[Step]:
    """Everything that was met at an exact URI. Raises CollectionError."""
    return _steps(_of_memento(database, memento) for memento in mementos(database, uri))


def followed(database: Database, citation: Citation) -> list[Citation]:
    """The same citation in all readings of its article, oldest first."""
    own = database.citations(citation.article_id)
    place = [one.citation_id for one in own if _is_like(one, citation)].index(citation.citation_id)
    found = []
    for (article_id,) in database.rows(
        "SELECT record_id FROM article WHERE uri = ? ORDER BY date, record_id", (citation.article_uri,)
    ):
        alike = [one for one in database.citations(article_id) if _is_like(one, citation)]
        found += alike[place : place + 1]
    return found


def _is_like(one: Citation, other: Citation) -> bool:
    return (one.anchor.exact, one.href) == (other.anchor.exact, other.href)


def _of_attempt(database: Database, citation: Citation, attempt: Attempt) -> _Met:
    return _Met(
        date=attempt.date,
        run_id=attempt.run_id,
        citation=citation,
        attempt=attempt,
        capture=database.one(Capture, attempt.capture_id),
        failure=database.one(KeptFailure, attempt.failure_id),
        extraction=database.one(Extraction, attempt.extraction_id),
    )


def _of_memento(database: Database, memento: Memento) -> _Met:
    column = "capture_id" if isinstance(memento, Capture) else "failure_id"
    attempts = database.values(Attempt, f"{column} = ? ORDER BY date, sequence, record_id LIMIT 1", (memento.record_id,))
    attempt = attempts[0] if attempts else None
    if isinstance(memento, KeptFailure):
        return _Met(date=memento.date, run_id=memento.run_id, attempt=attempt, failure=memento)
    extraction = database.one(Extraction, attempt.extraction_id) if attempt else None
    return _Met(
        date=memento.date,
        run_id=memento.run_id,
        attempt=attempt,
        capture=memento,
        extraction=extraction or _extraction_of(database, memento),
    )


def _extraction_of(database: Database, capture: Capture) -> Extraction | None:
    """The latest reading of a capture; of a revisit that of its original, if it is there."""
    try:
        return database.extraction_of(original_of(database, capture).record_id)
    except NotArchivedError:
        return None


def _steps(found: Iterable[_Met]) -> list[Step]:
    steps: list[Step] = []
    payload: Digest | None = None
    text: Digest | None = None
    for met in found:
        steps.append(_step(met, payload=payload, text=text))
        payload = steps[-1].payload_digest or payload
        text = steps[-1].text_digest or text
    return steps


def _step(met: _Met, *, payload: Digest | None, text: Digest | None) -> Step:
    attempt, capture, failure, extraction = met.attempt, met.capture, met.failure, met.extraction
    best = capture or failure or attempt
    if best is None:
        raise ValueError("a step is about an attempt, a capture or a failure")
    return Step(
        article=met.citation.article_uri if met.citation else None,
        ordinal=met.citation.ordinal if met.citation else None,
        uri=capture.uri if capture else failure.uri if failure else attempt.target if attempt else None,
        when=instant(met.date),
        run_id=met.run_id,
        outcome=_outcome(met),
        reason=failure.reason if failure else attempt.reason if attempt else None,
        state=state_of(attempt, capture=capture, extraction=extraction) if attempt else None,
        http=capture.status if capture else None,
        bytes=_since(capture.payload_digest, payload) if capture else Since.NOTHING,
        text=_since(extraction.digest if extraction else None, text) if capture else Since.NOTHING,
        size=capture.entity_size if capture else None,
        record_id=best.record_id,
        attempt_id=attempt.record_id if attempt else None,
        payload_digest=capture.payload_digest if capture else None,
        text_id=extraction.text_id if extraction else None,
        text_digest=extraction.digest if extraction else None,
        tool=f"{extraction.tool} {extraction.version}" if extraction else None,
    )


def _outcome(met: _Met) -> str:
    """That of the attempt; of a memento what it is."""
    if met.citation and met.attempt:
        return met.attempt.outcome
    if met.failure:
        return met.failure.outcome
    return Outcome.UNCHANGED if met.capture and met.capture.type == "revisit" else Outcome.CAPTURED


def _since(now: Digest | None, before: Digest | None) -> Since:
    if now is None:
        return Since.NO_TEXT
    if before is None:
        return Since.FIRST
    return Since.SAME if now == before else Since.CHANGED


# Two of the texts


def texts(steps: Sequence[Step]) -> list[Step]:
    """The steps that have a text."""
    return [step for step in steps if step.text_id]


def pair(steps: Sequence[Step], *, since: datetime | None = None, until: datetime | None = None) -> tuple[Step, Step]:
    """Of steps with a text, two to compare: the newest, and the last one before it whose text is another; with instants, the
    last ones at or before them. Raises ValueError, with a sentence, where none is so old."""
    newer = _at(steps, until) if until else steps[-1]
    if since:
        return _at(steps, since), newer
    before = [step for step in steps if step.when < newer.when]
    different = [step for step in before if step.text_digest != newer.text_digest]
    return (different or before or [newer])[-1], newer


def _at(steps: Sequence[Step], at: datetime) -> Step:
    found = [step for step in steps if step.when <= instant(at)]
    if not found:
        raise ValueError(f"no text was kept at or before {instant(at)}: the first one is of {steps[0].when}")
    return found[-1]
